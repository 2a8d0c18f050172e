import { array, bulk, error, integer, type Reply, status } from "../../src/base/reply.ts";
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

/** As a reply is read from RESP2: names and values of a map in turns. */
export function asResp2(reply: Reply): Reply {
  switch (reply.type) {
    case "array":
      return array(reply.items.map(asResp2));
    case "map":
      return array(reply.entries.flat().map(asResp2));
    case "packedMap":
      return array(bulksOf(reply.bulks));
    default:
      return reply;
  }
}

function bulksOf(bytes: string): Reply[] {
  const bulks: Reply[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf("\r\n", at);
    const from = end + 2;
    const to = from + Number(bytes.slice(at + 1, end));
    bulks.push(bulk(bytes.slice(from, to)));
    at = to + 2;
  }
  return bulks;
}
