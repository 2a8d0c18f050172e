import type { Command } from "ioredis";
import type { RequestId } from "../../core/state.ts";
import { encodeRequest } from "./conversation.ts";

/** Whose commands they are; told at once, while ioredis is still reading. */
export interface CommandOwner {
  answered(request: RequestId, value: unknown): void;
  refused(request: RequestId, error: unknown): void;
}

type Sendable = Pick<
  Command,
  "name" | "args" | "promise" | "isTraced" | "inTransaction" | "setReplyContext" | "toWritable"
>;

const SETTLED: Promise<void> = Promise.resolve();

/**
 * One command of the core on its way through ioredis. It stands in for ioredis's own `Command`,
 * whose promise, closures and copies of the arguments were a third of what a PING cost.
 *
 * ioredis keeps books by a command's name: `subscribe` enters subscriber mode, `quit` closes,
 * `mset` rearranges its arguments. The names here are only for those books: `subscribe` for the
 * command that subscribes, whatever the server calls it (rename-command), and `ping`, which is
 * allowed in both modes and means nothing else, for all others. What goes on the wire are the
 * core's words. They are kept private so that no debug output of ioredis shows a password.
 */
export class LinkCommand implements Sendable {
  readonly name: string;
  readonly args: string[];
  /** Makes ioredis build nothing for diagnostics channels. */
  readonly isTraced = true;
  readonly inTransaction = false;
  readonly #owner: CommandOwner;
  readonly #request: RequestId;
  readonly #words: readonly string[];

  constructor(
    owner: CommandOwner,
    request: RequestId,
    words: readonly string[],
    subscribes: boolean,
  ) {
    this.name = subscribes ? "subscribe" : "ping";
    this.args = subscribes ? words.slice(1) : [];
    this.#owner = owner;
    this.#request = request;
    this.#words = words;
  }

  /** `sendCommand` returns it; the outcome goes to the owner. */
  get promise(): Promise<void> {
    return SETTLED;
  }

  setReplyContext(): void {
    // Only ioredis's reply transformers would need it.
  }

  toWritable(): string {
    return encodeRequest(this.#words);
  }

  resolve(value: unknown): void {
    this.#owner.answered(this.#request, value);
  }

  reject(error: unknown): void {
    this.#owner.refused(this.#request, error);
  }
}
