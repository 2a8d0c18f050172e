/** Longest status, error or number line; Redis's own are far shorter. */
const MAX_LINE_BYTES = 64 * 1024;
/** Longest string; INFO has some kilobytes. */
const MAX_BULK_BYTES = 16 * 1024 * 1024;
/** Most elements of one array; EXEC and is-master-down-by-addr answer with a handful. */
const MAX_COUNT = 100_000;
/** Arrays within arrays: EXEC has two levels. Each level costs its announced length in memory. */
const MAX_DEPTH = 8;

const [CR, LF] = [0x0d, 0x0a];
const [PLUS, MINUS, COLON, DOLLAR, STAR] = [0x2b, 0x2d, 0x3a, 0x24, 0x2a];

/**
 * Checks the framing of RESP2 replies before ioredis sees them. Its decoder trusts lengths: one
 * that is no number makes it go back in its own buffer and decode the same bytes for ever, so seven
 * bytes of a failing server would stop the Sentinel. Each byte of a header is looked at once, the
 * bytes of strings are skipped.
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

  /** Up to where the last chunk holds whole replies, the first perhaps begun before it. */
  get wholeBytes(): number {
    return this.#wholeBytes;
  }

  /** How many replies ended in the last chunk. */
  get wholeReplies(): number {
    return this.#wholeReplies;
  }

  /** Null if all bytes may be passed on; otherwise what is wrong with them. */
  inspect(chunk: Buffer): string | null {
    this.#at = 0;
    this.#wholeBytes = 0;
    this.#wholeReplies = 0;
    while (this.#at < chunk.length) {
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
    if (this.#type === null) return this.#begin(byte);
    if (this.#lastWasCr) return byte === LF ? this.#end() : "a line break that is none";
    if (byte === CR) this.#lastWasCr = true;
    else if (++this.#lineBytes > MAX_LINE_BYTES) return "a line without end";
    else if (this.#type === DOLLAR || this.#type === STAR) {
      if (this.#line.length > 16) return "a length that is no number";
      this.#line += String.fromCharCode(byte);
    }
    return null;
  }

  #begin(byte: number): string | null {
    const isType =
      byte === PLUS || byte === MINUS || byte === COLON || byte === DOLLAR || byte === STAR;
    if (!isType) return "bytes that begin no reply";
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
    if (length > (type === DOLLAR ? MAX_BULK_BYTES : MAX_COUNT)) return "a reply without end";
    if (type === STAR && length > 0) return this.#openArray(length);
    if (type === STAR || length < 0) return this.#complete();
    this.#bulkLeft = length + 2;
    return null;
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
    return null;
  }
}
