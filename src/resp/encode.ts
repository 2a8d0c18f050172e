import { bulkBytes, type Reply } from "../base/reply.ts";

export type Protocol = 2 | 3;

/** Longer texts are not remembered. */
const MAX_REMEMBERED = 4096;

interface Encoded {
  readonly reply: Reply | null;
  readonly text: string;
}

/**
 * Encodes, and remembers the last reply in each protocol. A reply never changes, so the same object
 * has the same bytes: one message for a thousand subscribers is encoded once.
 */
export class Encoder {
  #resp2: Encoded = { reply: null, text: "" };
  #resp3: Encoded = { reply: null, text: "" };

  encode(reply: Reply, protocol: Protocol): string {
    const last = protocol === 2 ? this.#resp2 : this.#resp3;
    if (last.reply === reply) return last.text;
    const text = encode(reply, protocol);
    if (text.length > MAX_REMEMBERED) return text;
    if (protocol === 2) this.#resp2 = { reply, text };
    else this.#resp3 = { reply, text };
    return text;
  }
}

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
      return protocol === 2 ? bulkBytes(reply.text) : `,${reply.text}\r\n`;
    case "bulk":
      return bulkBytes(reply.text);
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
    case "packedMap":
      return mapHeader(reply.pairs, protocol) + reply.bulks;
    case "verbatim":
      return protocol === 2 ? bulkBytes(reply.text) : encodeVerbatim(reply.format, reply.text);
    default:
      return reply satisfies never;
  }
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
  let out = mapHeader(entries.length, protocol);
  for (const [key, value] of entries) out += encode(key, protocol) + encode(value, protocol);
  return out;
}

function mapHeader(pairs: number, protocol: Protocol): string {
  return protocol === 2 ? `*${pairs * 2}\r\n` : `%${pairs}\r\n`;
}

/** A status or an error is one line: what would end it early becomes a space. */
function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, " ") : text;
}
