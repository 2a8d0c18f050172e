import { Decoder, dataHandlerModule, RESP_TYPES, type Redis } from "./ioredis.ts";
import { type Message, recallMessages, rememberMessages } from "./link-messages.ts";
import { ReplyGuard } from "./reply-guard.ts";

/** The methods of ioredis's reply handler that its decoder calls. */
interface ReplyHandler {
  returnReply(reply: unknown): void;
  returnError(error: unknown): void;
  returnFatalError(error: unknown): void;
}

const { default: OwnHandler } = dataHandlerModule;
for (const method of ["returnReply", "returnError", "returnFatalError"]) {
  if (!(method in OwnHandler.prototype)) {
    throw new Error("This version of ioredis handles replies in a way that is not known here");
  }
}
// What ioredis would make for each connection, with a decoder whose tables alone take 4 KiB.
Object.assign(dataHandlerModule, { default: class {} });

/** Numbers stay text, for an epoch may need all 64 bits, and text stays bytes. */
const TYPES = {
  [RESP_TYPES.NUMBER]: String,
  [RESP_TYPES.SIMPLE_STRING]: Buffer,
  [RESP_TYPES.BLOB_STRING]: Buffer,
};

/** Whose bytes are being decoded. */
let reader: LinkReplies | null = null;

/** One for all links: it is given whole replies only, so between two calls it holds nothing. */
const decoder = new Decoder({
  getTypeMapping: () => TYPES,
  onReply: (reply: unknown) => reader?.take(reply),
  onErrorReply: (error: unknown) => reader?.takeError(error),
  // RESP3 only, which the guard keeps out.
  onPush: () => undefined,
});

const MESSAGE = Buffer.from("message");

/** A `message` push; null: it is something else. Undefined: one without channel or text. */
function messageIn(reply: unknown): Message | null | undefined {
  if (!Array.isArray(reply) || !(reply[0] instanceof Buffer) || !reply[0].equals(MESSAGE))
    return null;
  const [, channel, payload] = reply;
  if (!(channel instanceof Buffer && payload instanceof Buffer)) return undefined;
  return { channel: channel.toString("latin1"), payload: payload.toString("latin1") };
}

const NOTHING = Buffer.alloc(0);

/** What a server says on one link: from its bytes to the replies that ioredis hears. */
export class LinkReplies {
  readonly #redis: Redis;
  readonly #handler: ReplyHandler;
  readonly #onMessage: (message: Message) => void;
  readonly #guard: ReplyGuard;
  /** The reply that is not whole yet, with room behind it. */
  #begun = NOTHING;
  #begunBytes = 0;
  /** Those of the bytes that are being decoded. */
  #messages: Message[] = [];
  /** What is wrong with them. */
  #fault: string | null = null;

  constructor(redis: Redis, purpose: "command" | "pubsub", onMessage: (message: Message) => void) {
    this.#guard = new ReplyGuard(purpose === "pubsub");
    this.#redis = redis;
    this.#handler = Object.assign(Object.create(OwnHandler.prototype), { redis });
    this.#onMessage = onMessage;
  }

  /** A question was sent. */
  expect(asksInfo: boolean): void {
    this.#guard.expect(asksInfo);
  }

  /** Keeps nothing of `bytes`. Null, or what is wrong with them. */
  read(bytes: Buffer): string | null {
    const isBetween = this.#begunBytes === 0 && !this.#guard.isTooLong;
    const known = this.#isSubscribed && isBetween ? recallMessages(bytes) : undefined;
    if (known === undefined) return this.#readNew(bytes);
    for (const message of known) this.#onMessage(message);
    return null;
  }

  /** To be called by the decoder: a message goes to who listens, all else to who asked. */
  take(reply: unknown): void {
    const message = this.#isSubscribed ? messageIn(reply) : null;
    if (message === null) this.#hand("returnReply", reply);
    else if (message === undefined) this.#fault ??= "a message without channel or text";
    else if (this.#fault === null) this.#hear(message);
  }

  /** To be called by the decoder. */
  takeError(error: unknown): void {
    this.#hand("returnError", error);
  }

  #hear(message: Message): void {
    this.#messages.push(message);
    this.#onMessage(message);
  }

  get #isSubscribed(): boolean {
    return Boolean(this.#redis.condition?.subscriber);
  }

  /**
   * Makes a nonsensical reply the end of its connection.
   *
   * ioredis 6 trusts the shape of what a server says: a null out of turn or `:1` as the answer to
   * SUBSCRIBE make its handler throw, which by itself it rethrows on the next tick, where nobody can
   * catch it and the process ends. A Sentinel talks to machines that are failing, so here such an
   * exception takes the path ioredis has for bytes it cannot parse: the connection fails. (Our own
   * code runs inside, too, but it answers for its own exceptions: `Daemon.dispatch` lets none out.)
   */
  #hand(method: "returnReply" | "returnError", value: unknown): void {
    try {
      this.#handler[method](value);
    } catch (error) {
      this.#handler.returnFatalError(error);
    }
  }

  #readNew(bytes: Buffer): string | null {
    const fault = this.#guard.inspect(bytes);
    if (fault !== null) return fault;
    const { wholeBytes, wholeReplies, first } = this.#guard;
    // Only what began before this chunk can be too long and end in it.
    const from = first?.isTooLong ? first.end : 0;
    const isWhole = this.#begunBytes === 0 && from === 0 && wholeBytes === bytes.length;
    if (from > 0) this.#forget();
    if (wholeBytes > from) this.#decode(bytes.subarray(from, wholeBytes));
    if (isWhole && this.#messages.length === wholeReplies) rememberMessages(bytes, this.#messages);
    if (this.#guard.isTooLong) this.#forget();
    else this.#keep(bytes.subarray(wholeBytes));
    return this.#fault;
  }

  #forget(): void {
    this.#begun = NOTHING;
    this.#begunBytes = 0;
  }

  /** What was begun and this. The buffers are read before they are used again. */
  #decode(bytes: Buffer): void {
    this.#messages = [];
    if (this.#begunBytes === 0) return this.#decodeWhole(bytes);
    this.#keep(bytes);
    const whole = this.#begun.subarray(0, this.#begunBytes);
    this.#forget();
    this.#decodeWhole(whole);
  }

  #decodeWhole(replies: Buffer): void {
    reader = this;
    try {
      decoder.write(replies);
    } catch (error) {
      this.#handler.returnFatalError(error);
    } finally {
      reader = null;
      decoder.reset();
    }
  }

  /** The guard saw to it that it is no more than a reply may have. */
  #keep(bytes: Buffer): void {
    const length = this.#begunBytes + bytes.length;
    if (length > this.#begun.length) {
      const roomier = Buffer.allocUnsafeSlow(2 * length);
      this.#begun.copy(roomier, 0, 0, this.#begunBytes);
      this.#begun = roomier;
    }
    bytes.copy(this.#begun, this.#begunBytes);
    this.#begunBytes = length;
  }
}
