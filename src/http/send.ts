import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Millis } from "../core/state.ts";
import { type Answer, type Pieces, plain } from "./host.ts";
import { LONG_ANSWER_MS, MAX_LONG_ANSWERS, STALLED_ANSWER_MS } from "./limits.ts";

/** Nothing that we hand out may be kept, framed, sniffed or extended by others. */
export const HEADERS: OutgoingHttpHeaders = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** So much is copied in one turn; what is longer waits for its reader. */
const PIECE_BYTES = 64 * 1024;

/** Whom a long answer goes to. */
interface Reader {
  readonly response: ServerResponse;
  readonly pieces: Pieces;
  readonly since: Millis;
  /** When it took a piece last. */
  tookAt: Millis;
}

/**
 * Sends answers. A long one is in memory until its reader has it: readers of the same text share it, and there are
 * few texts at a time.
 */
export class Sender {
  readonly #now: () => Millis;
  readonly #readers = new Set<Reader>();

  constructor(now: () => Millis) {
    this.#now = now;
  }

  send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
    const { status, type, body } = answer;
    const pieces = typeof body === "string" ? [Buffer.from(body)] : body;
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const isLong = bytes > PIECE_BYTES && request.method !== "HEAD";
    if (isLong && !this.#hasRoom(pieces)) {
      response.setHeader("retry-after", "1");
      return this.send(request, response, TOO_MANY);
    }
    // What follows on the connection of a request with a body would be read as the next one's head.
    const { "content-length": length = "0", "transfer-encoding": encoding } = request.headers;
    if (length !== "0" || encoding !== undefined) response.setHeader("connection", "close");
    response.writeHead(status, { ...HEADERS, "content-type": type, "content-length": bytes });
    if (request.method === "HEAD" || bytes === 0) response.end();
    else if (isLong) this.#begin(response, pieces);
    else response.end(Buffer.concat(pieces));
  }

  /** Whoever has taken too long gets no more. */
  tick(): void {
    const now = this.#now();
    this.#cutOff(({ since }) => now - since >= LONG_ANSWER_MS);
  }

  /** For one more text; who has stalled makes room. */
  #hasRoom(pieces: Pieces): boolean {
    if (this.#takes(pieces)) return true;
    const now = this.#now();
    this.#cutOff(({ tookAt }) => now - tookAt >= STALLED_ANSWER_MS);
    return this.#takes(pieces);
  }

  #takes(pieces: Pieces): boolean {
    const texts = new Set([...this.#readers].map((reader) => reader.pieces));
    return texts.has(pieces) || texts.size < MAX_LONG_ANSWERS;
  }

  #cutOff(isLate: (reader: Reader) => boolean): void {
    for (const reader of this.#readers) {
      if (!isLate(reader)) continue;
      this.#readers.delete(reader);
      reader.response.destroy();
    }
  }

  #begin(response: ServerResponse, pieces: Pieces): void {
    const now = this.#now();
    const reader = { response, pieces, since: now, tookAt: now };
    this.#readers.add(reader);
    response.once("close", () => this.#readers.delete(reader));
    this.#sendFrom(reader, 0);
  }

  /** The rest goes when this has gone. */
  #sendFrom(reader: Reader, from: number): void {
    const { response, pieces } = reader;
    let [at, size] = [from, 0];
    while (at < pieces.length && size < PIECE_BYTES) size += pieces[at++]?.length ?? 0;
    const bytes = Buffer.concat(pieces.slice(from, at));
    if (at >= pieces.length) {
      response.end(bytes);
      return;
    }
    response.write(bytes, (error) => {
      if (error) return;
      reader.tookAt = this.#now();
      setImmediate(() => this.#sendFrom(reader, at));
    });
  }
}

const TOO_MANY = plain(503, "Too many long answers are being read");
