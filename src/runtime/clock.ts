import { uptime } from "node:os";
import { performance } from "node:perf_hooks";
import type { Random } from "../core/random.ts";
import type { Millis } from "../core/state.ts";

/** The clocks of the system, all in milliseconds; a test passes its own. */
interface SystemClocks {
  /** Neither steps nor counts the time in which the machine was suspended. */
  monotonic(): number;
  /** Time of day, which somebody may set. */
  wall(): number;
  /** Since the machine was started, suspended time included. Not as cheap as the others. */
  boot(): number;
}

const SYSTEM_CLOCKS: SystemClocks = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  boot: bootMillis,
};

/** NaN where the system does not tell. */
function bootMillis(): number {
  try {
    return 1_000 * uptime();
  } catch {
    return Number.NaN;
  }
}

/** Wall clock and monotonic clock part by less than this on their own; some boot clocks count seconds. */
const TOLERANCE_MS = 1_000;

/**
 * Whole milliseconds that count the time in which the machine was suspended: the monotonic clock of
 * Node stands still then, and what lies in our sockets would look fresh. A machine that wakes up sets its wall
 * clock, so only when that has moved the boot clock is looked at: a step of the wall clock alone is
 * nothing [D-MONOTONIC].
 */
export class AwakeClock {
  readonly #clocks: SystemClocks;
  #wallLead: number;
  #bootLead: number;
  #suspendedMs = 0;

  constructor(clocks: SystemClocks = SYSTEM_CLOCKS) {
    this.#clocks = clocks;
    const monotonic = clocks.monotonic();
    this.#wallLead = clocks.wall() - monotonic;
    this.#bootLead = clocks.boot() - monotonic;
  }

  now(): Millis {
    const monotonic = this.#clocks.monotonic();
    const wallLead = this.#clocks.wall() - monotonic;
    if (Math.abs(wallLead - this.#wallLead) > TOLERANCE_MS) {
      this.#wallLead = wallLead;
      this.#countSuspension(monotonic);
    }
    return Math.floor(monotonic + this.#suspendedMs);
  }

  #countSuspension(monotonic: number): void {
    const bootLead = this.#clocks.boot() - monotonic;
    const suspendedMs = bootLead - this.#bootLead;
    if (!(suspendedMs >= TOLERANCE_MS)) return;
    this.#bootLead = bootLead;
    this.#suspendedMs += suspendedMs;
  }
}

const clock = new AwakeClock();

/** Whole milliseconds that never fall; see `AwakeClock`. Stepping the wall clock does not move them. */
export function monotonicMillis(): Millis {
  return clock.now();
}

export const MIN_HZ = 10;
const MAX_HZ = 19;

/** What the ticker needs of a timer; a test passes its own. */
interface Timers {
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

interface TickerOptions {
  readonly onTick: () => void;
  /** When a tick is wanted at the latest; null: no matter. */
  readonly nextDueAt: () => Millis | null;
  readonly random: Random;
  readonly now?: () => Millis;
  readonly timers?: Timers;
}

/**
 * Calls `onTick` 10 to 19 times a second, a new rate drawn after every call, so that Sentinels that
 * were started together drift apart (sentinelTimer) [TICK-RATE], and earlier when `nextDueAt` says so. The next
 * tick is set when the last one ended, so a slow one is never followed by a burst.
 *
 * When a process was stopped, its timers fire before its sockets are read, and replies that came
 * long ago would seem to be missing. So a tick waits for the reading, as the reference reads first.
 */
export class Ticker {
  readonly #options: TickerOptions;
  readonly #timers: Timers;
  #hz = MIN_HZ;
  #running = false;
  #timer: NodeJS.Timeout | null = null;
  #timerAt: Millis = Number.POSITIVE_INFINITY;
  #due: NodeJS.Immediate | null = null;

  constructor(options: TickerOptions) {
    this.#options = options;
    this.#timers = options.timers ?? REAL_TIMERS;
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
    this.#set(Math.max(0, at - this.#now()), at);
  }

  /** We heard nothing for a while: a tick that is under way waits until what arrived was read. */
  hearFirst(): void {
    if (this.#due === null) return;
    this.#timers.clearAfterInput(this.#due);
    // The first may come before the sockets are looked at again.
    this.#afterInput(() => this.#afterInput(() => this.#tick()));
  }

  #afterInput(callback: () => void): void {
    this.#due = this.#timers.setAfterInput(callback);
  }

  #schedule(): void {
    this.#hz = MIN_HZ + this.#options.random.below(MAX_HZ - MIN_HZ + 1);
    const usualMs = 1000 / this.#hz;
    const now = this.#now();
    const at = this.#options.nextDueAt();
    if (at === null || at - now >= usualMs) this.#set(usualMs, now + usualMs);
    else this.#set(Math.max(0, at - now), at);
  }

  #now(): Millis {
    return (this.#options.now ?? monotonicMillis)();
  }

  /** `at`: what the tick is for, which may be over already: no input that comes meanwhile begins the wait anew. */
  #set(delayMs: number, at: Millis): void {
    this.#timerAt = at;
    this.#timer = this.#timers.set(() => this.#fire(), delayMs);
  }

  #clear(): void {
    if (this.#timer !== null) this.#timers.clear(this.#timer);
    this.#timer = null;
  }

  #fire(): void {
    this.#timer = null;
    this.#afterInput(() => this.#tick());
  }

  #tick(): void {
    this.#due = null;
    this.#options.onTick();
    if (this.#running) this.#schedule();
  }
}
