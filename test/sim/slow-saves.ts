import type { SimClock } from "./clock.ts";

/** When something was concluded, and since when its process was awake then. */
export interface Conclusion {
  readonly at: number;
  readonly awakeSince: number;
}

/** The saves that stopped a process: what it says at the end of one was concluded before it. */
export class SlowSaves {
  #awakeSince = 0;
  #beganAt = 0;
  #endedAt = 0;

  /** Lets the time of one pass. */
  pass(clock: SimClock, ms: number): void {
    this.#awakeSince = this.#endedAt;
    this.#beganAt = clock.now;
    clock.advance(ms);
    this.#endedAt = clock.now;
  }

  /** Of what is said now. */
  conclusion(now: number): Conclusion {
    if (this.#endedAt === now) return { at: this.#beganAt, awakeSince: this.#awakeSince };
    return { at: now, awakeSince: this.#endedAt };
  }
}
