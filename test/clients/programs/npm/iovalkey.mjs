import Redis from "iovalkey";
import { live } from "./ioredis-life.mjs";

live(Redis);
