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
let handler: ReplyHandler | null = null;

/** One for all links: it is given whole replies only, so between two calls it holds nothing. */
const decoder = new Decoder({
  getTypeMapping: () => TYPES,
  onReply: (reply: unknown) => hand("returnReply", reply),
  onErrorReply: (error: unknown) => hand("returnError", error),
  // RESP3 only, which the guard keeps out.
  onPush: () => undefined,
});

/**
 * Makes a nonsensical reply the end of its connection.
 *
 * ioredis 6 trusts the shape of what a server says: a null out of turn or `:1` as the answer to
 * SUBSCRIBE make its handler throw, which by itself it rethrows on the next tick, where nobody can
 * catch it and the process ends. A Sentinel talks to machines that are failing, so here such an
 * exception takes the path ioredis has for bytes it cannot parse: the connection fails. (Our own
 * code runs inside, too, but it answers for its own exceptions: `Daemon.dispatch` lets none out.)
 */
function hand(method: "returnReply" | "returnError", value: unknown): void {
  try {
    handler?.[method](value);
  } catch (error) {
    handler?.returnFatalError(error);
  }
}

function decode(to: ReplyHandler, whole: Buffer): void {
  handler = to;
  try {
    decoder.write(whole);
  } catch (error) {
    to.returnFatalError(error);
  } finally {
    handler = null;
    decoder.reset();
  }
}

const NOTHING = Buffer.alloc(0);

/** What a server says on one link: from its bytes to the replies that ioredis hears. */
export class LinkReplies {
  readonly #handler: ReplyHandler;
  readonly #onMessage: (message: Message) => void;
  readonly #guard: ReplyGuard;
  /** The reply that is not whole yet, with room behind it. */
  #begun = NOTHING;
  #begunBytes = 0;
  /** Those of the bytes that are being decoded. */
  #messages: Message[] = [];
  #subscribed = false;

  constructor(redis: Redis, purpose: "command" | "pubsub", onMessage: (message: Message) => void) {
    this.#guard = new ReplyGuard(purpose === "pubsub");
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
    const known = this.#subscribed && isBetween ? recallMessages(bytes) : undefined;
    if (known === undefined) return this.#readNew(bytes);
    for (const message of known) this.#onMessage(message);
    return null;
  }

  /** To be called with each message that ioredis found. */
  hear(message: Message): void {
    this.#subscribed = true;
    this.#messages.push(message);
    this.#onMessage(message);
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
    return null;
  }

  #forget(): void {
    this.#begun = NOTHING;
    this.#begunBytes = 0;
  }

  /** What was begun and this. The buffers are read before they are used again. */
  #decode(bytes: Buffer): void {
    this.#messages = [];
    if (this.#begunBytes === 0) return decode(this.#handler, bytes);
    this.#keep(bytes);
    const whole = this.#begun.subarray(0, this.#begunBytes);
    this.#forget();
    decode(this.#handler, whole);
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
