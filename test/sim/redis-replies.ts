import { array, bulk, error, integer, status } from "../../src/base/reply.ts";
import { HELLO_CHANNEL } from "../../src/core/defaults.ts";

export const PONG = status("PONG");
export const LOADING = error("LOADING Redis is loading the dataset in memory");
export const EXECABORT = error("EXECABORT Transaction discarded because of previous errors.");
/** What a server that loads its data does all the same. */
export const WHILE_LOADING = new Set([
  "INFO",
  "MULTI",
  "EXEC",
  "AUTH",
  "CLIENT",
  "SUBSCRIBE",
  "PUBLISH",
]);
export const QUEUED = status("QUEUED");
export const NO_SUCH_COMMAND = error("ERR unknown command");
export const READ_ONLY = error("READONLY You can't write against a read only replica.");
export const SUBSCRIBED = array([bulk("subscribe"), bulk(HELLO_CHANNEL), integer(1)]);

/** Write of a client: `SET key id`. */
export const WRITE = "SET";
