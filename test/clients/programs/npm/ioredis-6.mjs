import Redis from "ioredis-6";
import { live } from "./ioredis-life.mjs";

live(Redis);
