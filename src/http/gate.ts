import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { Millis } from "../core/state.ts";
import { HTTP_REQUEST_MS, STALLED_ANSWER_MS } from "./limits.ts";

const LF = 10;
const CR = 13;

/**
 * Hands the requests of a connection to Node's parser one at a time, the next one when the last was answered, in a
 * turn of its own. A reading of 64 KiB holds two thousand of them, and would all be begun in one turn else. A request
 * that is begun must be there soon.
 */
export class Gate extends Duplex {
  readonly #socket: Socket;
  readonly #now: () => Millis;
  /** Was read and not handed on. */
  #rest: Buffer = Buffer.alloc(0);
  /** A request is being answered. */
  #isBusy = false;
  /** Of the line that the reading has come to, its end aside; null: nothing of the head was handed on yet. */
  #lineLength: number | null = null;
  /** Runs until a request is there. */
  #patience: NodeJS.Timeout | null = null;
  /** Since when what is written waits for the other end; null: nothing does. */
  #waitsSince: Millis | null = null;

  constructor(socket: Socket, now: () => Millis) {
    super();
    this.#socket = socket;
    this.#now = now;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("end", () => this.push(null));
    socket.on("timeout", () => this.emit("timeout"));
    socket.on("error", () => this.destroy());
    socket.on("close", () => this.destroy());
    this.#wait();
  }

  /** Others may have its place: it had an answer and asks for nothing, or does not read what it is sent. */
  get givesWay(): boolean {
    const isIdle = !this.#isBusy && this.#patience === null;
    return isIdle || this.#now() - (this.#waitsSince ?? this.#now()) >= STALLED_ANSWER_MS;
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }

  /** The request is answered: what comes behind it may follow. */
  next(): void {
    this.#isBusy = false;
    setImmediate(() => this.#handOn());
  }

  /** Of the connection itself: what is written counts, too. */
  setTimeout(ms: number, callback?: () => void): this {
    this.#socket.setTimeout(ms);
    if (callback !== undefined) this.once("timeout", callback);
    return this;
  }

  override _read(): void {
    // The socket is resumed when a request was answered.
  }

  override _write(
    chunk: Buffer,
    _encoding: string,
    callback: (error?: Error | null) => void,
  ): void {
    this.#waitsSince = this.#now();
    this.#socket.write(chunk, (error) => {
      this.#waitsSince = null;
      callback(error);
    });
  }

  override _final(callback: () => void): void {
    this.#socket.end(callback);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#beContent();
    this.#socket.destroy();
    callback(error);
  }

  #wait(): void {
    this.#patience ??= setTimeout(() => this.destroy(), HTTP_REQUEST_MS);
  }

  #beContent(): void {
    if (this.#patience !== null) clearTimeout(this.#patience);
    this.#patience = null;
  }

  #take(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#handOn();
  }

  /** One head, or as much of it as there is. */
  #handOn(): void {
    if (this.#isBusy || this.destroyed) return;
    const end = this.#endOfHead();
    const head = this.#rest.subarray(0, end);
    this.#rest = this.#rest.subarray(end);
    if (this.#isBusy) {
      this.#beContent();
      this.#socket.pause();
    } else {
      if (this.#lineLength !== null) this.#wait();
      this.#socket.resume();
    }
    if (head.length > 0) this.push(head);
  }

  /** Behind the empty line that ends it, or where the reading ends. Empty lines before it are no head. */
  #endOfHead(): number {
    const bytes = this.#rest;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === CR) continue;
      if (byte !== LF) this.#lineLength = (this.#lineLength ?? 0) + 1;
      else if (this.#lineLength === 0) {
        this.#lineLength = null;
        this.#isBusy = true;
        return at + 1;
      } else if (this.#lineLength !== null) this.#lineLength = 0;
    }
    return bytes.length;
  }
}
