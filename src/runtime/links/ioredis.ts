import { createRequire } from "node:module";
import type * as Ioredis from "ioredis";
import type DataHandlerModule from "ioredis/built/DataHandler.js";
import type * as RespDecoder from "ioredis/built/resp/decoder.js";

/**
 * What we use of ioredis. `import` would look through its sixty CommonJS files for the names that
 * they export, by a WebAssembly program that stays in memory: some 3 MiB and 10 ms for nothing.
 */
const load = createRequire(import.meta.url);

export const { AbstractConnector, Redis, ReplyError } = load("ioredis") as typeof Ioredis;
export type Redis = Ioredis.Redis;
/** The module itself, whose `default` ioredis looks up for each connection. */
export const dataHandlerModule = load("ioredis/built/DataHandler.js") as typeof DataHandlerModule;
export const { Decoder, RESP_TYPES } = load("ioredis/built/resp/decoder.js") as typeof RespDecoder;
