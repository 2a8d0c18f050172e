import { performance } from "node:perf_hooks";
import type { Random } from "../core/random.ts";
import type { Millis } from "../core/state.ts";

/** Whole monotonic milliseconds; stepping the wall clock does not move it. */
export function monotonicMillis(): Millis {
  return Math.floor(performance.now());
}

export const MIN_HZ = 10;
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

export interface TickerOptions {
  readonly onTick: () => void;
  /** When a tick is wanted at the latest; null: no matter. */
  readonly nextDueAt: () => Millis | null;
  readonly random: Random;
  readonly now?: () => Millis;
  readonly timers?: Timers;
}

/**
 * Calls `onTick` 10 to 19 times a second, a new rate drawn after every call, so that Sentinels that
 * were started together drift apart (sentinelTimer), and earlier when `nextDueAt` says so. The next
 * tick is set when the last one ended, so a slow one is never followed by a burst.
 *
 * When a process was stopped, its timers fire before its sockets are read, and replies that came
 * long ago would seem to be missing. So a tick waits for the reading, as the reference reads first.
 */
export class Ticker {
  readonly #options: TickerOptions;
  #hz = MIN_HZ;
  #running = false;
  #timer: NodeJS.Timeout | null = null;
  #timerAt: Millis = Number.POSITIVE_INFINITY;
  #due: NodeJS.Immediate | null = null;

  constructor(options: TickerOptions) {
    this.#options = options;
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
    this.#clear();
    if (this.#due !== null) this.#timers.clearAfterInput(this.#due);
    this.#due = null;
  }

  /** To be called when `nextDueAt` may have become earlier. */
  hasten(): void {
    const at = this.#options.nextDueAt();
    if (at === null || at >= this.#timerAt || this.#timer === null) return;
    this.#clear();
    this.#set(Math.max(0, at - this.#now()));
  }

  #schedule(): void {
    this.#hz = MIN_HZ + this.#options.random.below(MAX_HZ - MIN_HZ + 1);
    const usualMs = 1000 / this.#hz;
    const at = this.#options.nextDueAt();
    this.#set(at === null ? usualMs : Math.min(usualMs, Math.max(0, at - this.#now())));
  }

  #now(): Millis {
    return (this.#options.now ?? monotonicMillis)();
  }

  get #timers(): Timers {
    return this.#options.timers ?? REAL_TIMERS;
  }

  #set(delayMs: number): void {
    this.#timerAt = this.#now() + delayMs;
    this.#timer = this.#timers.set(() => this.#fire(), delayMs);
  }

  #clear(): void {
    if (this.#timer !== null) this.#timers.clear(this.#timer);
    this.#timer = null;
  }

  #fire(): void {
    this.#timer = null;
    this.#due = this.#timers.setAfterInput(() => this.#tick());
  }

  #tick(): void {
    this.#due = null;
    this.#options.onTick();
    if (this.#running) this.#schedule();
  }
}
