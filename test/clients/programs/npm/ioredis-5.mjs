import Redis from "ioredis-5";
import { live } from "./ioredis-life.mjs";

live(Redis);
