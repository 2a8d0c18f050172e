import { createRequire } from "node:module";
import type RedisParserType from "redis-parser";

// An import would first search the source of this CommonJS package for the names it exports, which
// takes longer than running it.
const RedisParser = createRequire(import.meta.url)("redis-parser") as typeof RedisParserType;

let parsed: unknown = null;
let redisParser = createParser();

/**
 * The words of one whole and well-formed request. One redis-parser serves all clients: whole
 * requests leave nothing behind in it.
 */
export function parseWords(request: Buffer): string[] {
  try {
    redisParser.execute(request);
    return toWords(parsed);
  } catch (cause) {
    redisParser = createParser();
    throw cause;
  } finally {
    parsed = null;
  }
}

function createParser(): RedisParserType {
  return new RedisParser({
    returnBuffers: true,
    returnReply: (reply) => {
      parsed = reply;
    },
    returnError: (error) => {
      throw error;
    },
  });
}

function toWords(items: unknown): string[] {
  if (!Array.isArray(items)) throw new Error("redis-parser returned something else than an array");
  return items.map(toWord);
}

function toWord(item: unknown): string {
  if (!Buffer.isBuffer(item)) throw new Error("redis-parser returned something else than a string");
  return item.toString("latin1");
}
