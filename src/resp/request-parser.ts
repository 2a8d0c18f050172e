import { MAX_LINE_BYTES, RequestGuard, type RequestLimits, tooManyWords } from "./request-guard.ts";
import type { RequestMemo } from "./request-memo.ts";
import { smallRequestEnd } from "./small-request.ts";
import { parseWords } from "./words.ts";

export type { RequestLimits } from "./request-guard.ts";

const LF = 0x0a;
const CR = 0x0d;
const STAR = 0x2a;

/** Splits an inline request into its words; null when its quotes do not balance. */
type SplitArgs = (line: string) => string[] | null;

export interface ParsedRequest {
  readonly type: "request";
  /** At least one word, byte strings. */
  readonly args: readonly string[];
}

/**
 * - `request`: the same object for the same bytes, if the memo knows them.
 * - `incomplete`: more input is needed.
 * - `protocolError`: answer with this sentence and close.
 * - `overflow`: too much input without a whole request; close without a word.
 */
export type ParseResult =
  | ParsedRequest
  | { readonly type: "incomplete" }
  | { readonly type: "protocolError"; readonly text: string }
  | { readonly type: "overflow" };

const INCOMPLETE: ParseResult = { type: "incomplete" };
const OVERFLOW: ParseResult = { type: "overflow" };
const EMPTY = Buffer.alloc(0);

/**
 * Turns the bytes of one client into requests [WIRE-REQUEST]. The caller pulls one request at a
 * time, because executing it may change the limits of the next.
 *
 * A chunk that finds the parser empty is read in place. Otherwise it is appended to a buffer of
 * our own that doubles as it grows, so that split input costs linear time; redis-parser gets each
 * RESP request in one piece, after it was seen to be whole and well formed, and gets none that the
 * memo knows.
 */
export class RequestParser {
  readonly #splitArgs: SplitArgs;
  readonly #guard = new RequestGuard();
  readonly #memo: RequestMemo | null;
  #bytes: Buffer = EMPTY;
  /** Whether `#bytes` is ours to append to, rather than a chunk of the socket. */
  #owned = false;
  /** The unread input is `#bytes` from `#start` to `#end`. */
  #start = 0;
  #end = 0;
  /** Up to here an inline request was searched for its end. */
  #searched = 0;

  constructor(splitArgs: SplitArgs, memo: RequestMemo | null = null) {
    this.#splitArgs = splitArgs;
    this.#memo = memo;
  }

  /** Bytes received and not yet part of a returned request. */
  get bufferedBytes(): number {
    return this.#end - this.#start;
  }

  /** Takes the first `length` bytes, which must not change before `own` is called. */
  push(chunk: Buffer, length = chunk.length): void {
    if (this.bufferedBytes === 0) this.#adopt(chunk, length);
    else this.#append(chunk, length);
  }

  /** Lets go of the last chunk: what is left of it is copied. */
  own(): void {
    if (this.#owned) return;
    if (this.bufferedBytes === 0) this.#adopt(EMPTY, 0);
    else this.#moveTo(Buffer.allocUnsafeSlow(this.bufferedBytes));
  }

  next(limits: RequestLimits): ParseResult {
    while (this.#start < this.#end) {
      const result =
        this.#bytes[this.#start] === STAR ? this.#nextArray(limits) : this.#nextInline(limits);
      if (result === "blank") continue;
      if (result.type === "incomplete" && this.bufferedBytes > limits.maxBufferBytes) {
        return OVERFLOW;
      }
      return result;
    }
    // Nothing is left: let go of the chunk, an idle client should cost little memory.
    this.#adopt(EMPTY, 0);
    return INCOMPLETE;
  }

  #nextArray(limits: RequestLimits): ParseResult | "blank" {
    const from = this.#start;
    const to = smallRequestEnd(this.#bytes, from, this.#end);
    if (to === -1) return this.#nextGuarded(limits);
    this.#consume(to);
    const known = this.#memo?.find(this.#bytes, from, to) ?? null;
    if (known !== null) return known;
    const request = toRequest(parseWords(this.#bytes.subarray(from, to)));
    this.#memo?.keep(this.#bytes, from, to, request);
    return request;
  }

  /** One that is not whole yet, large, or wrong. */
  #nextGuarded(limits: RequestLimits): ParseResult | "blank" {
    const state = this.#guard.scan(this.#bytes, this.#end, limits);
    if (state === "incomplete") return INCOMPLETE;
    if (typeof state === "object") return protocolError(state.error);
    const from = this.#start;
    this.#consume(this.#guard.position);
    if (state === "empty") return "blank";
    return toRequest(parseWords(this.#bytes.subarray(from, this.#start)));
  }

  #nextInline({ maxWords }: RequestLimits): ParseResult | "blank" {
    const found = this.#bytes.indexOf(LF, this.#searched);
    const lf = found === -1 || found >= this.#end ? -1 : found;
    this.#searched = lf === -1 ? this.#end : lf;
    if (this.#searched - this.#start > MAX_LINE_BYTES) {
      return protocolError("too big inline request");
    }
    if (lf === -1) return INCOMPLETE;
    const lineEnd = lf > this.#start && this.#bytes[lf - 1] === CR ? lf - 1 : lf;
    const words = this.#splitArgs(this.#bytes.toString("latin1", this.#start, lineEnd));
    if (words === null) return protocolError("unbalanced quotes in request");
    if (words.length > maxWords) return protocolError(tooManyWords(words.length, maxWords));
    this.#consume(lf + 1);
    return words.length === 0 ? "blank" : toRequest(words);
  }

  /** The next request begins at `position`. */
  #consume(position: number): void {
    this.#start = position;
    this.#searched = position;
    this.#guard.restart(position);
  }

  #adopt(chunk: Buffer, length: number): void {
    this.#bytes = chunk;
    this.#owned = false;
    this.#end = length;
    this.#consume(0);
  }

  #append(chunk: Buffer, length: number): void {
    const needed = this.bufferedBytes + length;
    if (!this.#owned || this.#end + length > this.#bytes.length) {
      const capacity = this.#owned ? Math.max(needed, 2 * this.bufferedBytes) : needed;
      this.#moveTo(Buffer.allocUnsafeSlow(capacity));
    }
    chunk.copy(this.#bytes, this.#end, 0, length);
    this.#end += length;
  }

  #moveTo(bytes: Buffer): void {
    this.#bytes.copy(bytes, 0, this.#start, this.#end);
    this.#guard.shift(this.#start);
    this.#searched -= this.#start;
    this.#end -= this.#start;
    this.#start = 0;
    this.#bytes = bytes;
    this.#owned = true;
  }
}

function protocolError(text: string): ParseResult {
  return { type: "protocolError", text: `ERR Protocol error: ${text}` };
}

function toRequest(args: readonly string[]): ParsedRequest {
  return { type: "request", args };
}
