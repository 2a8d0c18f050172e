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
  /** Calls back once what has arrived at the sockets by now was read. */
  setAfterInput(callback: () => void): NodeJS.Immediate;
  clearAfterInput(immediate: NodeJS.Immediate): void;
}

const REAL_TIMERS: Timers = {
  set: setTimeout,
  clear: clearTimeout,
  setAfterInput: setImmediate,
  clearAfterInput: clearImmediate,
};

/**
 * Calls `onTick` 10 to 19 times a second, a new rate drawn after every call. Sentinels that were
 * started together drift apart that way and seldom become candidates at the same moment
 * (sentinelTimer). The next tick is set when the last one ended, so a slow one is never followed
 * by a burst.
 *
 * When a process was stopped, its timers fire before its sockets are read, and replies that came
 * long ago would seem to be missing. So a tick waits for the reading, as the reference reads first.
 */
export class Ticker {
  readonly #onTick: () => void;
  readonly #random: Random;
  readonly #timers: Timers;
  #hz = MIN_HZ;
  #running = false;
  #timer: NodeJS.Timeout | null = null;
  #due: NodeJS.Immediate | null = null;

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
    if (this.#due !== null) this.#timers.clearAfterInput(this.#due);
    this.#timer = null;
    this.#due = null;
  }

  #schedule(): void {
    this.#hz = MIN_HZ + this.#random.below(MAX_HZ - MIN_HZ + 1);
    this.#timer = this.#timers.set(() => this.#fire(), 1000 / this.#hz);
  }

  #fire(): void {
    this.#timer = null;
    this.#due = this.#timers.setAfterInput(() => this.#tick());
  }

  #tick(): void {
    this.#due = null;
    this.#onTick();
    if (this.#running) this.#schedule();
  }
}
