import type { Reply } from "../core/reply.ts";

export type Protocol = 2 | 3;

/** The bytes of a reply as a byte string: many are joined and written to the socket at once. */
export function encode(reply: Reply, protocol: Protocol): string {
  switch (reply.type) {
    case "status":
      return `+${oneLine(reply.text)}\r\n`;
    case "error":
      return `-${oneLine(reply.text)}\r\n`;
    case "integer":
      return `:${reply.value}\r\n`;
    case "double":
      return protocol === 2 ? encodeBulk(reply.text) : `,${reply.text}\r\n`;
    case "bulk":
      return encodeBulk(reply.text);
    case "nil":
      return protocol === 2 ? "$-1\r\n" : "_\r\n";
    case "nilArray":
      return protocol === 2 ? "*-1\r\n" : "_\r\n";
    case "array":
      return encodeItems("*", reply.items, protocol);
    case "set":
      return encodeItems(protocol === 2 ? "*" : "~", reply.items, protocol);
    case "push":
      return encodeItems(protocol === 2 ? "*" : ">", reply.items, protocol);
    case "map":
      return encodeMap(reply.entries, protocol);
    case "verbatim":
      return protocol === 2 ? encodeBulk(reply.text) : encodeVerbatim(reply.format, reply.text);
    default:
      return reply satisfies never;
  }
}

function encodeBulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

/** The length counts the format and its colon. */
function encodeVerbatim(format: string, text: string): string {
  return `=${text.length + 4}\r\n${format}:${text}\r\n`;
}

function encodeItems(mark: string, items: readonly Reply[], protocol: Protocol): string {
  let out = `${mark}${items.length}\r\n`;
  for (const item of items) out += encode(item, protocol);
  return out;
}

function encodeMap(entries: readonly (readonly [Reply, Reply])[], protocol: Protocol): string {
  let out = protocol === 2 ? `*${entries.length * 2}\r\n` : `%${entries.length}\r\n`;
  for (const [key, value] of entries) out += encode(key, protocol) + encode(value, protocol);
  return out;
}

/** A status or an error is one line: what would end it early becomes a space. */
function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, " ") : text;
}
