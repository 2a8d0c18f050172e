import { Heap } from "../../src/core/heap.ts";

interface Entry {
  readonly at: number;
  readonly sequence: number;
  readonly run: () => void;
}

/** Virtual time in milliseconds: runs what is due in order of time, then of scheduling. */
export class SimClock {
  now = 0;
  #sequence = 0;
  readonly #heap = new Heap<Entry>();

  after(delayMs: number, run: () => void): void {
    this.#heap.push({ at: this.now + delayMs, sequence: this.#sequence++, run });
  }

  /** Runs everything due within the span. */
  advance(spanMs: number): void {
    const end = this.now + spanMs;
    while (this.#runNextBefore(end));
    this.now = end;
  }

  /** Advances until the condition holds; false if it does not within the limit. */
  advanceUntil(condition: () => boolean, limitMs: number): boolean {
    const end = this.now + limitMs;
    while (!condition()) if (!this.#runNextBefore(end)) return false;
    return true;
  }

  #runNextBefore(end: number): boolean {
    const next = this.#heap.first;
    if (!next || next.at > end) return false;
    this.#heap.pop();
    this.now = next.at;
    next.run();
    return true;
  }
}
