import Redis from "ioredis-4";
import { live } from "./ioredis-life.mjs";

live(Redis);
