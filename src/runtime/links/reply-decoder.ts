import { Decoder, RESP_TYPES } from "./ioredis.ts";
import type { ReplyGuard } from "./reply-guard.ts";

/** Who hears what was decoded, while it is decoded. */
export interface ReplyTaker {
  take(reply: unknown): void;
  takeError(error: unknown): void;
  /** The decoder could not go on. */
  takeFatalError(error: unknown): void;
}

/** Numbers stay text, for an epoch may need all 64 bits, and text stays bytes. */
const TYPES = {
  [RESP_TYPES.NUMBER]: String,
  [RESP_TYPES.SIMPLE_STRING]: Buffer,
  [RESP_TYPES.BLOB_STRING]: Buffer,
};

/** Whose bytes are being decoded. */
let taker: ReplyTaker | null = null;

/** One for all links: it is given whole replies only, so between two calls it holds nothing. */
const decoder = new Decoder({
  getTypeMapping: () => TYPES,
  onReply: (reply: unknown) => taker?.take(reply),
  onErrorReply: (error: unknown) => taker?.takeError(error),
  // RESP3 only, which the guard keeps out.
  onPush: () => undefined,
});

const NOTHING = Buffer.alloc(0);

/** From the bytes of one link to the replies that ioredis makes of them. */
export class ReplyDecoder {
  readonly #guard: ReplyGuard;
  readonly #taker: ReplyTaker;
  /** The reply that is not whole yet, with room behind it. */
  #begun = NOTHING;
  #begunBytes = 0;
  #wholeReplies = 0;

  constructor(guard: ReplyGuard, taker: ReplyTaker) {
    this.#guard = guard;
    this.#taker = taker;
  }

  /** The next byte begins a reply. */
  get isBetween(): boolean {
    return this.#begunBytes === 0 && !this.#guard.isTooLong;
  }

  /** How many replies the last bytes were, if they were whole ones and nothing else; 0: they were not. */
  get wholeReplies(): number {
    return this.#wholeReplies;
  }

  /** Keeps nothing of `bytes`. Null, or what is wrong with them. */
  read(bytes: Buffer): string | null {
    this.#wholeReplies = 0;
    const fault = this.#guard.inspect(bytes);
    if (fault !== null) return fault;
    const { wholeBytes, wholeReplies, first } = this.#guard;
    // Only what began before this chunk can be too long and end in it.
    const from = first?.isTooLong ? first.end : 0;
    const isWhole = this.#begunBytes === 0 && from === 0 && wholeBytes === bytes.length;
    if (isWhole) this.#wholeReplies = wholeReplies;
    if (from > 0) this.#forget();
    if (wholeBytes > from) this.#decode(bytes.subarray(from, wholeBytes));
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
    if (this.#begunBytes === 0) return this.#decodeWhole(bytes);
    this.#keep(bytes);
    const whole = this.#begun.subarray(0, this.#begunBytes);
    this.#forget();
    this.#decodeWhole(whole);
  }

  #decodeWhole(replies: Buffer): void {
    taker = this.#taker;
    try {
      decoder.write(replies);
    } catch (error) {
      this.#taker.takeFatalError(error);
    } finally {
      taker = null;
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
