import RedisParser from "redis-parser";

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

function createParser(): RedisParser {
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
