import { performance } from "node:perf_hooks";
import type { Random } from "../core/random.ts";
import type { Millis } from "../core/state.ts";

/** Whole monotonic milliseconds; stepping the wall clock does not move it. */
export function monotonicMillis(): Millis {
  return Math.floor(performance.now());
}

const MIN_HZ = 10;
const MAX_HZ = 19;

/** What the ticker needs of a timer; a test passes its own. */
export interface Timers {
  set(callback: () => void, delayMs: number): NodeJS.Timeout;
  clear(timer: NodeJS.Timeout): void;
}

const REAL_TIMERS: Timers = { set: setTimeout, clear: clearTimeout };

/**
 * Calls `onTick` 10 to 19 times a second, a new rate drawn after every call. Sentinels that were
 * started together drift apart that way and seldom become candidates at the same moment
 * (sentinelTimer). The next tick is set when the last one ended, so a slow one is never followed
 * by a burst.
 */
export class Ticker {
  readonly #onTick: () => void;
  readonly #random: Random;
  readonly #timers: Timers;
  #hz = MIN_HZ;
  #running = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(onTick: () => void, random: Random, timers: Timers = REAL_TIMERS) {
    this.#onTick = onTick;
    this.#random = random;
    this.#timers = timers;
  }

  get hz(): number {
    return this.#hz;
  }

  start(): void {
    this.#running = true;
    this.#schedule();
  }

  stop(): void {
    this.#running = false;
    if (this.#timer !== null) this.#timers.clear(this.#timer);
    this.#timer = null;
  }

  #schedule(): void {
    this.#hz = MIN_HZ + this.#random.below(MAX_HZ - MIN_HZ + 1);
    this.#timer = this.#timers.set(() => this.#tick(), 1000 / this.#hz);
  }

  #tick(): void {
    this.#timer = null;
    this.#onTick();
    if (this.#running) this.#schedule();
  }
}
