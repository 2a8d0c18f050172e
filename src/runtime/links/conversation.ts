import type { Reply } from "../../base/reply.ts";
import type { Effect } from "../../core/effect.ts";
import type { RequestId } from "../../core/state.ts";

export type SendEffect = Extract<Effect, { type: "send" }>;

/** What is said on one link, in both directions. */
export interface Conversation {
  /** Puts a command among what the link sends next. */
  send(command: SendEffect): void;
  /** The first `length` bytes that came. Keeps nothing of them. Null, or what is wrong with them. */
  read(bytes: Buffer, length: number): string | null;
}

/** Whose conversation it is; told at once, while the bytes are read. */
export interface ConversationOwner {
  write(text: string): void;
  answered(request: RequestId, reply: Reply): void;
  /** The other side said what makes the rest of it meaningless. */
  failed(reason: string): void;
}

/** A RESP array of bulk strings; a character is a byte. */
export function encodeRequest(words: readonly string[]): string {
  let text = `*${words.length}\r\n`;
  for (const word of words) text += `$${word.length}\r\n${word}\r\n`;
  return text;
}
