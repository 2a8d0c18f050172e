import { parentPort } from "node:worker_threads";
import { type Chunk, liveChunk } from "./campaign.ts";

parentPort?.on("message", (chunk: Chunk) => parentPort?.postMessage(liveChunk(chunk)));
