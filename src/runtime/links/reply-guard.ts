import { MAX_ANSWER_BYTES, MAX_ANSWER_VALUES, MAX_INFO_BYTES } from "../../core/limits.ts";

/** A string that a message may have: it is skipped, not kept. */
const MAX_SKIPPED_BYTES = 512 * 1024 * 1024;
/** Arrays within arrays: EXEC has two levels. */
const MAX_DEPTH = 8;

const [CR, LF] = [0x0d, 0x0a];
/** The first byte of what a TLS server says to who speaks plain. */
const TLS_ALERT = 0x15;
const [PLUS, MINUS, COLON, DOLLAR, STAR] = [0x2b, 0x2d, 0x3a, 0x24, 0x2a];

/** A reply that ended: up to where of the chunk it reached. */
interface Ended {
  readonly end: number;
  readonly isTooLong: boolean;
}

/**
 * Checks the framing of RESP2 replies before ioredis sees them. Its decoder trusts lengths: one
 * that is no number makes it go back in its own buffer and decode the same bytes for ever, so seven
 * bytes of a failing server would stop the Sentinel. Each byte of a header is looked at once, the
 * bytes of strings are skipped.
 *
 * What a reply may be is known from the question: INFO gets a text, all others a few short values. A
 * message is nobody's answer, and who publishes it need not be the server: one that is too long is
 * marked as such, and does not end the link.
 */
export class ReplyGuard {
  /** The type of the line being read; null between lines. */
  #type: number | null = null;
  #line = "";
  /** Length of a line whose text does not matter. */
  #lineBytes = 0;
  #lastWasCr = false;
  /** Bytes of a string still to come, its CRLF included. */
  #bulkLeft = 0;
  /** Values still to come in each array that is open, the outermost first. */
  readonly #open: number[] = [];
  /** How far the chunk was looked at. */
  #at = 0;
  #wholeBytes = 0;
  #wholeReplies = 0;
  /** Questions asked and replies that ended, ever; those among the former that are INFO. */
  #asked = 0;
  #answered = 0;
  readonly #infos: number[] = [];
  /** Of the reply being read. */
  #values = 0;
  #bytes = 0;
  #first: Ended | null = null;
  readonly #isSubscription: boolean;

  /** `isSubscription`: what comes are messages. */
  constructor(isSubscription = false) {
    this.#isSubscription = isSubscription;
  }

  /** A question was sent; its answer comes after those of all before it. */
  expect(asksInfo: boolean): void {
    if (asksInfo) this.#infos.push(this.#asked);
    this.#asked++;
  }

  /** A whole reply was read elsewhere, between two chunks. */
  answered(): void {
    if (this.#asksInfo()) this.#infos.shift();
    this.#answered++;
  }

  /** The first reply that ended in the last chunk, perhaps begun before it. */
  get first(): Ended | null {
    return this.#first;
  }

  /** The reply that the last chunk did not end is a message that is too long. */
  get isTooLong(): boolean {
    return this.#bytes > MAX_ANSWER_BYTES && this.#isSubscription;
  }

  /** Up to where the last chunk holds whole replies, the first perhaps begun before it. */
  get wholeBytes(): number {
    return this.#wholeBytes;
  }

  /** How many replies ended in the last chunk. */
  get wholeReplies(): number {
    return this.#wholeReplies;
  }

  /**
   * Null if the whole replies may be passed on; otherwise what is wrong with the bytes. It looks no
   * further than the first reply that nobody asked for: that one ends the link.
   */
  inspect(chunk: Buffer): string | null {
    this.#at = 0;
    this.#wholeBytes = 0;
    this.#wholeReplies = 0;
    this.#first = null;
    while (this.#at < chunk.length && !this.#isUnasked()) {
      if (this.#bulkLeft > 0) {
        this.#skip(chunk.length - this.#at);
        continue;
      }
      const fault = this.#take(chunk[this.#at++] ?? 0);
      if (fault !== null) return fault;
    }
    return null;
  }

  #skip(available: number): void {
    const skipped = Math.min(this.#bulkLeft, available);
    this.#bulkLeft -= skipped;
    this.#at += skipped;
    if (this.#bulkLeft === 0) this.#complete();
  }

  #take(byte: number): string | null {
    if (++this.#bytes > this.#mostBytes()) return "a reply without end";
    if (this.#type === null) return this.#begin(byte);
    if (this.#lastWasCr) return byte === LF ? this.#end() : "a line break that is none";
    if (byte === CR) this.#lastWasCr = true;
    else if (++this.#lineBytes > MAX_ANSWER_BYTES) return "a line without end";
    else if (this.#type === DOLLAR || this.#type === STAR) {
      if (this.#line.length > 16) return "a length that is no number";
      this.#line += String.fromCharCode(byte);
    }
    return null;
  }

  #begin(byte: number): string | null {
    const isType =
      byte === PLUS || byte === MINUS || byte === COLON || byte === DOLLAR || byte === STAR;
    if (byte === TLS_ALERT) return "a TLS alert: its port is for TLS, and tls-replication is no";
    if (!isType) return "bytes that begin no reply";
    if (byte === STAR && this.#asksInfo()) return "an array as the answer to INFO";
    if (++this.#values > MAX_ANSWER_VALUES) return "a reply without end";
    this.#type = byte;
    this.#line = "";
    this.#lineBytes = 0;
    return null;
  }

  #end(): string | null {
    const type = this.#type;
    this.#type = null;
    this.#lastWasCr = false;
    if (type !== DOLLAR && type !== STAR) return this.#complete();
    if (!/^(-1|\d+)$/.test(this.#line)) return "a length that is no number";
    const length = Number(this.#line);
    if (type === DOLLAR) this.#bytes += Math.max(length, 0);
    const isEndless = type === STAR ? length > MAX_ANSWER_VALUES : this.#bytes > this.#mostBytes();
    if (isEndless) return "a reply without end";
    if (type === STAR && length > 0) return this.#openArray(length);
    if (type === STAR || length < 0) return this.#complete();
    this.#bulkLeft = length + 2;
    return null;
  }

  // These are no getters: V8 calls into its runtime for each use of a private one.

  /** On a subscription there are messages, which are arrays. */
  #isUnasked(): boolean {
    return !this.#isSubscription && this.#answered > this.#asked;
  }

  #asksInfo(): boolean {
    return this.#infos[0] === this.#answered;
  }

  #mostBytes(): number {
    if (this.#isSubscription) return MAX_SKIPPED_BYTES;
    return this.#asksInfo() ? MAX_INFO_BYTES : MAX_ANSWER_BYTES;
  }

  #openArray(length: number): string | null {
    return this.#open.push(length) > MAX_DEPTH ? "arrays within arrays without end" : null;
  }

  /** A value ended, and with it each array of which it was the last. */
  #complete(): null {
    for (let left = this.#open.pop(); left !== undefined; left = this.#open.pop()) {
      if (left === 1) continue;
      this.#open.push(left - 1);
      return null;
    }
    this.#wholeBytes = this.#at;
    this.#wholeReplies++;
    this.#first ??= { end: this.#at, isTooLong: this.isTooLong };
    this.answered();
    this.#values = 0;
    this.#bytes = 0;
    return null;
  }
}
