/**
 * A value of the Redis protocol, as the core says it to a client and as it reads it from an
 * instance. Text is a *byte string*: each character is one byte (latin1), so that nothing is
 * lost whatever encoding a name or a password uses. The encoder picks RESP2 or RESP3.
 */
export type Reply =
  | { readonly type: "status"; readonly text: string }
  | { readonly type: "error"; readonly text: string }
  | { readonly type: "integer"; readonly value: number | bigint }
  /** RESP3 `,`; RESP2 a bulk string. `text` is the decimal as it is to be read. */
  | { readonly type: "double"; readonly text: string }
  | { readonly type: "bulk"; readonly text: string }
  | { readonly type: "nil" }
  | { readonly type: "nilArray" }
  | { readonly type: "array"; readonly items: readonly Reply[] }
  | { readonly type: "set"; readonly items: readonly Reply[] }
  | { readonly type: "map"; readonly entries: readonly (readonly [Reply, Reply])[] }
  /** A map of bulk strings whose bytes, the same in both protocols, are made already. */
  | { readonly type: "packedMap"; readonly pairs: number; readonly bulks: string }
  | { readonly type: "push"; readonly items: readonly Reply[] }
  | { readonly type: "verbatim"; readonly format: "txt" | "mkd"; readonly text: string };

export const OK: Reply = { type: "status", text: "OK" };
/** RESP3 `_`, RESP2 `$-1`. */
export const NIL: Reply = { type: "nil" };
/** RESP3 `_`, RESP2 `*-1`: what get-master-addr-by-name answers for an unknown master. */
export const NIL_ARRAY: Reply = { type: "nilArray" };

export function status(text: string): Reply {
  return { type: "status", text };
}

/** `text` starts with the error code in capitals, for example `ERR No such master with that name`. */
export function error(text: string): Reply {
  return { type: "error", text };
}

export function integer(value: number | bigint): Reply {
  return { type: "integer", value };
}

export function bulk(text: string): Reply {
  return { type: "bulk", text };
}

/** The bytes of a bulk string, in both protocols. */
export function bulkBytes(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

export function array(items: readonly Reply[]): Reply {
  return { type: "array", items };
}

/** RESP3 map; in RESP2 a flat array of twice the length. */
export function map(entries: readonly (readonly [Reply, Reply])[]): Reply {
  return { type: "map", entries };
}

/** A map whose keys and values are all bulk strings, the shape of an instance in SENTINEL MASTERS. */
export function bulkMap(entries: readonly (readonly [string, string])[]): Reply {
  return map(entries.map(([key, value]) => [bulk(key), bulk(value)]));
}
