import { parentPort, workerData } from "node:worker_threads";
import type { Task } from "./explore.ts";
import { prepare } from "./prepare.ts";
import { Search } from "./search.ts";

const { scenario, maxStates }: Task = workerData;
const { world, start, violation } = prepare(scenario);
parentPort?.postMessage(new Search(world, start, violation).run(maxStates));
