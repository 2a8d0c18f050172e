import { Heap } from "../../src/core/heap.ts";

/** What happens at a time. A record that happens often is reused instead of a closure each time. */
export interface Happening {
  happen(): void;
}

interface FarHappening {
  readonly at: number;
  readonly sequence: number;
  readonly happening: Happening;
}

/** How many milliseconds ahead have a slot of their own; a power of two. */
const SLOTS = 2_048;

/**
 * Virtual time in whole milliseconds: what is due happens in order of time, then of planning. A wheel
 * with a slot for each millisecond, since nearly everything is planned less than a second ahead;
 * what is farther waits in a heap until the wheel reaches its time.
 */
export class SimClock {
  #now = 0;
  /** A slot keeps its memory: how much of it counts stands in `#counts`. */
  readonly #slots: Happening[][] = Array.from({ length: SLOTS }, () => []);
  readonly #counts = new Int32Array(SLOTS);
  /** How much of the present slot has happened. */
  #done = 0;
  #sequence = 0;
  readonly #far = new Heap<FarHappening>();

  get now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): void {
    this.plan(delayMs, { happen: run });
  }

  plan(delayMs: number, happening: Happening): void {
    if (delayMs < SLOTS) this.#put(this.#now + delayMs, happening);
    else this.#far.push({ at: this.#now + delayMs, sequence: this.#sequence++, happening });
  }

  /** Lets everything due within the span happen. */
  advance(spanMs: number): void {
    const end = this.#now + spanMs;
    while (this.#happenNextUntil(end));
  }

  /** Advances until the condition holds, which is asked before each happening. */
  advanceUntil(condition: () => boolean, limitMs: number): boolean {
    const end = this.#now + limitMs;
    while (!condition()) if (!this.#happenNextUntil(end)) return false;
    return true;
  }

  /** The same for a condition that need not hold to the millisecond: it is asked each so often. */
  pollUntil(condition: () => boolean, everyMs: number, limitMs: number): boolean {
    const end = this.#now + limitMs;
    while (!condition()) {
      if (this.#now >= end) return false;
      this.advance(Math.min(everyMs, end - this.#now));
    }
    return true;
  }

  #put(at: number, happening: Happening): void {
    const index = at & (SLOTS - 1);
    const slot = this.#slots[index] as Happening[];
    const count = this.#counts[index] as number;
    slot[count] = happening;
    this.#counts[index] = count + 1;
  }

  /** False if nothing is left by then; the time is `end` in this case. */
  #happenNextUntil(end: number): boolean {
    for (;;) {
      // What happened has let time pass of its own, beyond the end: a process that stood still.
      if (this.#now > end) return false;
      const index = this.#now & (SLOTS - 1);
      if (this.#done < (this.#counts[index] as number)) {
        const slot = this.#slots[index] as Happening[];
        (slot[this.#done++] as Happening).happen();
        return true;
      }
      if (this.#now >= end) return false;
      this.#turn(index);
    }
  }

  /** On to the next millisecond; what the wheel reaches by that gets its slot before anything new. */
  #turn(index: number): void {
    this.#counts[index] = 0;
    this.#done = 0;
    this.#now++;
    const last = this.#now + SLOTS - 1;
    for (let far = this.#far.first; far && far.at <= last; far = this.#far.first) {
      this.#put(far.at, far.happening);
      this.#far.pop();
    }
  }
}
