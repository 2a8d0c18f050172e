import { strictIntegerOf } from "../base/integers.ts";
import { MAX_STRANGER_WORD_BYTES, MAX_STRANGER_WORDS } from "../core/limits.ts";

/**
 * Walks over the headers of one RESP request without copying or converting anything, so that
 * redis-parser is only ever given a complete `*N` array of `$len` strings within the limits.
 * It remembers where it stopped: each byte is looked at once, however the input is split.
 */

const CR = 0x0d;
const DOLLAR = 0x24;
/** A header longer than this is an attack or an accident, as is an inline request [WIRE-ERRORS]. */
export const MAX_LINE_BYTES = 64 * 1024;
/** What the reference refuses as well, with its words: its limit was this before 7.0. */
const MAX_COUNT = 1024 * 1024;

export interface RequestLimits {
  /** A stranger may ask for little: enough for AUTH and HELLO. */
  readonly authenticated: boolean;
  readonly maxWords: number;
  /** Of one word: our own limit. */
  readonly maxWordBytes: number;
  /** `proto-max-bulk-len`, which the reference has, too. */
  readonly maxBulkBytes: number;
  /** `client-query-buffer-limit`, or less for a stranger: bytes of one unfinished request. */
  readonly maxBufferBytes: number;
}

/** `complete`: the request ends at `position`; `empty`: so it does, and has no words. */
type GuardResult = "complete" | "empty" | "incomplete" | { readonly error: string };

export class RequestGuard {
  /** The next byte to look at. */
  position = 0;
  /** Up to here the current header was searched for its CR. */
  #searched = 0;
  /** Strings still to come; null before the `*N` header was read. */
  #remaining: number | null = null;

  /** Prepares for a request that begins at `position`. */
  restart(position: number): void {
    this.position = position;
    this.#searched = position;
    this.#remaining = null;
  }

  /** The bytes were moved towards the front of their buffer. */
  shift(distance: number): void {
    this.position -= distance;
    this.#searched -= distance;
  }

  scan(bytes: Buffer, end: number, limits: RequestLimits): GuardResult {
    if (this.#remaining === null) {
      const count = this.#header(bytes, end, (from, to) => readCount(bytes, from, to, limits));
      if (typeof count !== "number") return describe(count, "too big mbulk count string");
      if (count <= 0) return "empty";
      this.#remaining = count;
    }
    while (this.#remaining > 0) {
      const length = this.#header(bytes, end, (from, to) => readLength(bytes, from, to, limits));
      if (typeof length !== "number") return describe(length, "too big bulk count string");
      // The string and its CR LF are skipped unseen, perhaps beyond what has arrived.
      this.position += length + 2;
      this.#searched = this.position;
      this.#remaining -= 1;
    }
    return this.position <= end ? "complete" : "incomplete";
  }

  /** Reads one header line when it is whole, and steps behind it. */
  #header(
    bytes: Buffer,
    end: number,
    read: (from: number, to: number) => number | { readonly error: string },
  ): number | "incomplete" | "tooBig" | { readonly error: string } {
    if (this.position >= end) return "incomplete";
    const found = bytes.indexOf(CR, this.#searched);
    const cr = found === -1 || found >= end ? -1 : found;
    this.#searched = cr === -1 ? end : cr;
    const lineEnd = cr === -1 ? end : cr;
    if (lineEnd - this.position > MAX_LINE_BYTES) return "tooBig";
    // The byte after CR is awaited and, as in the reference, not looked at.
    if (cr === -1 || cr + 1 >= end) return "incomplete";
    const value = read(this.position, cr);
    this.position = cr + 2;
    this.#searched = this.position;
    return value;
  }
}

function describe(
  failure: "incomplete" | "tooBig" | { readonly error: string },
  tooBig: string,
): GuardResult {
  return failure === "tooBig" ? { error: tooBig } : failure;
}

function readCount(
  bytes: Buffer,
  from: number,
  to: number,
  limits: RequestLimits,
): number | { readonly error: string } {
  const count = strictIntegerOf(bytes, from + 1, to);
  if (count === null || count > MAX_COUNT) return { error: "invalid multibulk length" };
  if (count > MAX_STRANGER_WORDS && !limits.authenticated) {
    return { error: "unauthenticated multibulk length" };
  }
  if (count > limits.maxWords) return { error: tooManyWords(count, limits.maxWords) };
  return count;
}

function readLength(
  bytes: Buffer,
  from: number,
  to: number,
  limits: RequestLimits,
): number | { readonly error: string } {
  const type = bytes[from] ?? 0;
  if (type !== DOLLAR) return { error: `expected '$', got '${String.fromCharCode(type)}'` };
  const length = strictIntegerOf(bytes, from + 1, to);
  if (length === null || length < 0 || length > limits.maxBulkBytes) {
    return { error: "invalid bulk length" };
  }
  if (length > MAX_STRANGER_WORD_BYTES && !limits.authenticated) {
    return { error: "unauthenticated bulk length" };
  }
  if (length > limits.maxWordBytes) {
    return { error: `a word of ${length} bytes, a Sentinel takes ${limits.maxWordBytes}` };
  }
  return length;
}

export function tooManyWords(count: number, most: number): string {
  return `a request of ${count} words, a Sentinel takes ${most}`;
}
