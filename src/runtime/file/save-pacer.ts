import { performance } from "node:perf_hooks";

/** A third of the time at most goes into saving. */
const PAUSE_PER_SAVE = 2;
/** However long a save took, the next one is not put off by more than this. */
const MAX_PAUSE_MS = 50;

/** What the pacer needs of the process; a test passes its own. */
interface PacerTimers {
  now(): number;
  after(delayMs: number, callback: () => void): void;
  /** Calls back once what has arrived by now was read. */
  afterInput(callback: () => void): void;
}

const REAL_TIMERS: PacerTimers = {
  now: () => performance.now(),
  after: (delayMs, callback) => setTimeout(callback, delayMs),
  afterInput: (callback) => setImmediate(callback),
};

/**
 * When the next save is made: as soon as the inputs at hand are stepped, but not before the last one
 * is twice as long ago as it took, so that there is time for other work however much there is to
 * save: where hundreds of masters die at once, their votes gather instead of queueing for the disk.
 */
export class SavePacer {
  readonly #timers: PacerTimers;
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(timers: PacerTimers = REAL_TIMERS) {
    this.#timers = timers;
  }

  /** Runs a save and remembers what it took. */
  measure<T>(save: () => T): T {
    const from = this.#timers.now();
    const outcome = save();
    const to = this.#timers.now();
    this.#notBefore = to + Math.min(PAUSE_PER_SAVE * (to - from), MAX_PAUSE_MS);
    return outcome;
  }

  schedule(save: () => void): void {
    const pauseMs = this.#notBefore - this.#timers.now();
    // A timer has whole milliseconds; what is less is over once the input was read.
    if (pauseMs < 1) this.#timers.afterInput(save);
    else this.#timers.after(pauseMs, () => this.#timers.afterInput(save));
  }
}
