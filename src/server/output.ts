import type { Duplex } from "node:stream";
import type { OutputBufferLimit } from "../config/server-config.ts";
import type { Counters } from "./stats.ts";

/** What one client has still to receive: byte strings that are joined and written at once. */
export class Output {
  readonly #socket: Duplex;
  readonly #counters: Counters;
  #text = "";
  #deferred = "";
  #softLimitSinceMs: number | null = null;

  constructor(socket: Duplex, counters: Counters) {
    this.#socket = socket;
    this.#counters = counters;
  }

  /** Bytes that wait here and in the socket. */
  get bytes(): number {
    return this.#socket.writableLength + this.unsentBytes;
  }

  /** Bytes that wait here. */
  get unsentBytes(): number {
    return this.#text.length + this.#deferred.length;
  }

  add(text: string): void {
    this.#text += text;
  }

  /** For after the reply of the running command. */
  defer(text: string): void {
    this.#deferred += text;
  }

  releaseDeferred(): void {
    if (this.#deferred === "") return;
    this.#text += this.#deferred;
    this.#deferred = "";
  }

  flush(): void {
    if (this.#text === "") return;
    this.#socket.write(this.#take(), "latin1");
  }

  /** Sends what is left and ends our side of the connection. */
  end(): void {
    this.releaseDeferred();
    this.#socket.end(this.#take(), "latin1");
  }

  clear(): void {
    this.#text = "";
    this.#deferred = "";
  }

  /** At once above the hard limit, after `softSeconds` above the soft one. */
  exceeds({ hardBytes, softBytes, softSeconds }: OutputBufferLimit, nowMs: number): boolean {
    if (hardBytes > 0 && this.bytes >= hardBytes) return true;
    if (softBytes === 0 || this.bytes < softBytes) {
      this.#softLimitSinceMs = null;
      return false;
    }
    this.#softLimitSinceMs ??= nowMs;
    return nowMs - this.#softLimitSinceMs > softSeconds * 1000;
  }

  #take(): string {
    const text = this.#text;
    this.#text = "";
    this.#counters.outputBytes += text.length;
    this.#counters.writes += 1;
    return text;
  }
}
