import { CLIENT_TURN_MS } from "../core/limits.ts";

/** Somebody who has something left to do. */
interface Actor {
  takeTurn(): void;
}

/**
 * Shares the time of the process between clients, and between all of them and the watching: in one
 * turn of the event loop requests are begun for `CLIENT_TURN_MS` only. Who did not get to his has his
 * turn after that of servers, Sentinels and timers, in the order in which they came to wait.
 */
export class Turns {
  readonly #waiting = new Set<Actor>();
  #startedAtMs: number | null = null;
  #isScheduled = false;

  /** Whether no further request may be begun in this turn. */
  get isOver(): boolean {
    const nowMs = performance.now();
    if (this.#startedAtMs !== null) return nowMs - this.#startedAtMs >= CLIENT_TURN_MS;
    this.#startedAtMs = nowMs;
    this.#schedule();
    return false;
  }

  add(actor: Actor): void {
    this.#waiting.add(actor);
    this.#schedule();
  }

  isWaiting(actor: Actor): boolean {
    return this.#waiting.has(actor);
  }

  /** It went away. */
  drop(actor: Actor): void {
    this.#waiting.delete(actor);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#next);
  }

  /** Each of those who wait by now once; who is added meanwhile has his turn in the next. */
  readonly #next = (): void => {
    this.#isScheduled = false;
    this.#startedAtMs = null;
    let left = this.#waiting.size;
    for (const actor of this.#waiting) {
      if (left-- === 0 || this.isOver) break;
      this.#waiting.delete(actor);
      actor.takeTurn();
    }
    if (this.#waiting.size > 0) this.#schedule();
  };
}
