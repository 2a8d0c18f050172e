/** The part of redis-parser 3 that we use; the package ships no types. */
declare module "redis-parser" {
  interface ParserOptions {
    returnReply(reply: unknown): void;
    returnError(error: Error): void;
    returnFatalError?(error: Error): void;
    returnBuffers: boolean;
  }

  class RedisParser {
    constructor(options: ParserOptions);
    execute(bytes: Buffer): void;
  }

  // The package is CommonJS: `module.exports = RedisParser`.
  export = RedisParser;
}
