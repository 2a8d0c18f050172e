// failoverDetector: ioredis subscribes to +switch-master of every Sentinel and closes its own
// connections when the master moves, without waiting for an error.
import Redis from "ioredis-5";
import { live } from "./ioredis-life.mjs";

live(Redis, { failoverDetector: true });
