import { array, bulk, error, integer, NIL, type Reply } from "../../base/reply.ts";
import { ReplyError } from "./ioredis.ts";

/** Why a link ends at what `replyFromWire` does not take. */
export const NO_REPLY = "Protocol error: a reply that RESP2 does not have";

const INTEGER = /^[+-]?\d{1,19}$/;

/**
 * A reply as ioredis decoded it, with `stringNumbers` and Buffers, to the core's. Null when a
 * server said something that no RESP2 server says: text where a number belongs, a RESP3 type.
 */
export function replyFromWire(value: unknown): Reply | null {
  if (Buffer.isBuffer(value)) return bulk(value.toString("latin1"));
  if (typeof value === "string") return INTEGER.test(value) ? integer(exact(value)) : null;
  if (value === null) return NIL;
  if (isServerError(value)) return errorFromWire(value);
  return Array.isArray(value) ? arrayFromWire(value) : null;
}

/** An error that the server said, as opposed to one that happened to the connection. */
export function isServerError(value: unknown): value is Error {
  return value instanceof ReplyError;
}

/** ioredis decodes error texts as UTF-8. */
export function errorFromWire(value: Error): Reply {
  return error(Buffer.from(value.message, "utf8").toString("latin1"));
}

function arrayFromWire(values: readonly unknown[]): Reply | null {
  const items: Reply[] = [];
  for (const value of values) {
    const item = replyFromWire(value);
    if (item === null) return null;
    items.push(item);
  }
  return array(items);
}

/** An epoch may need more than the 53 bits of a number. */
function exact(digits: string): number | bigint {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}
