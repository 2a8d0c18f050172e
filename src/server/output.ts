import type { Duplex } from "node:stream";
import type { OutputBufferLimit } from "../config/server-config.ts";
import type { Counters } from "./stats.ts";

interface Clock {
  now(): number;
}

/** The place of a reply that is still to come; what follows it waits. */
export interface Slot {
  text: string | null;
  after: string;
}

/** What one client has still to receive: byte strings that are joined and written at once. */
export class Output {
  readonly #socket: Duplex;
  readonly #counters: Counters;
  #text = "";
  #deferred = "";
  /** From the first empty one on, in the order of the requests. */
  #slots: Slot[] = [];
  #bytesBehindSlots = 0;
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
    return this.#text.length + this.#deferred.length + this.#bytesBehindSlots;
  }

  get openSlots(): number {
    return this.#slots.length;
  }

  add(text: string): void {
    const slot = this.#slots.length === 0 ? undefined : this.#slots.at(-1);
    if (slot === undefined) {
      this.#text += text;
      return;
    }
    slot.after += text;
    this.#bytesBehindSlots += text.length;
  }

  /** Keeps a place for a reply. */
  reserve(): Slot {
    const slot: Slot = { text: null, after: "" };
    this.#slots.push(slot);
    return slot;
  }

  fill(slot: Slot, text: string): void {
    slot.text = text;
    this.#bytesBehindSlots += text.length;
    const open = this.#slots.findIndex((one) => one.text === null);
    const filled = this.#slots.splice(0, open < 0 ? this.#slots.length : open);
    const ready = filled.map((one) => `${one.text}${one.after}`).join("");
    this.#bytesBehindSlots -= ready.length;
    this.#text += ready;
  }

  /** For after the reply of the running command. */
  defer(text: string): void {
    this.#deferred += text;
  }

  releaseDeferred(): void {
    if (this.#deferred === "") return;
    const text = this.#deferred;
    this.#deferred = "";
    this.add(text);
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
    this.#slots = [];
    this.#bytesBehindSlots = 0;
  }

  /** At once above the hard limit, after `softSeconds` above the soft one. */
  exceeds({ hardBytes, softBytes, softSeconds }: OutputBufferLimit, clock: Clock): boolean {
    if (hardBytes > 0 && this.bytes >= hardBytes) return true;
    if (softBytes === 0 || this.bytes < softBytes) {
      this.#softLimitSinceMs = null;
      return false;
    }
    const nowMs = clock.now();
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
