import { createSentinel } from "node-redis-5";
import { live } from "./node-redis-sentinel.mjs";

await live(createSentinel);
