import { createSentinel } from "node-redis-6";
import { live } from "./node-redis-sentinel.mjs";

await live(createSentinel);
