import { Command } from "ioredis";

/**
 * One command of the core on its way through ioredis.
 *
 * ioredis keeps books by a command's name: `subscribe` enters subscriber mode, `quit` closes,
 * `mset` rearranges its arguments. The names here are only for those books: `subscribe` for the
 * command that subscribes, whatever the server calls it (rename-command), and `ping`, which is
 * allowed in both modes and means nothing else, for all others. What goes on the wire are the
 * core's words. They are kept private so that no debug output of ioredis shows a password.
 */
export class LinkCommand extends Command {
  readonly #words: readonly string[];

  constructor(words: readonly string[], subscribes: boolean) {
    super(subscribes ? "subscribe" : "ping", subscribes ? words.slice(1) : [], {
      // Replies stay Buffers: text is bytes.
      replyEncoding: null,
    });
    this.#words = words;
  }

  override toWritable(): Buffer {
    return encodeRequest(this.#words);
  }
}

/** A RESP array of bulk strings; a character of `words` is a byte. */
export function encodeRequest(words: readonly string[]): Buffer {
  let text = `*${words.length}\r\n`;
  for (const word of words) text += `$${word.length}\r\n${word}\r\n`;
  return Buffer.from(text, "latin1");
}
