import type { TlsFiles } from "../net/tls-files.ts";

type Watched = Pick<TlsFiles<unknown>, "refresh" | "complain" | "isUnsure">;

/** A certificate ends on a day; a minute is soon enough, and a look costs a few calls of the system. */
const USUAL_PERIOD_MS = 60_000;
/** After a look that found a pair that does not fit: whoever writes it is done by then. */
const UNSURE_MS = 5_000;
/** Between two looks for the sake of new connections. */
const DIAL_MS = 1_000;
/** The end of the process does not wait for a look that takes so long. */
const HELD_MS = 1_000;
/** No file system of a machine that works takes so long. */
const HANGING_MS = 30_000;

/**
 * Looks at the TLS files of listener, links and HTTP [D-RENEWED]: in a period, at SIGHUP, and when a
 * link is dialled. One look is under way at most.
 */
export class TlsWatch {
  readonly #periodMs: number;
  readonly #now: () => number;
  readonly #users = new Map<Watched, { lookedAtMs: number }>();
  /** Who is to be looked at, and whether somebody waits to hear what is wrong. */
  readonly #waiting = new Map<Watched, boolean>();
  #present: { readonly user: Watched; readonly sinceMs: number } | null = null;
  #periodSinceMs: number;

  /** `periodMs`: infinite for none. */
  constructor(periodMs: number, now: () => number) {
    this.#periodMs = periodMs;
    this.#now = now;
    this.#periodSinceMs = now();
  }

  /** A look waits for a disk that is slow, or hangs. */
  get isHeld(): boolean {
    return this.#present !== null && this.#now() - this.#present.sinceMs >= HELD_MS;
  }

  add(user: Watched): void {
    this.#users.set(user, { lookedAtMs: Number.NEGATIVE_INFINITY });
  }

  /** Time passed. */
  tick(): void {
    const now = this.#now();
    if (now - this.#periodSinceMs >= this.#periodMs) {
      this.#periodSinceMs = now;
      for (const user of this.#users.keys()) this.#want(user, false);
    }
    for (const [user, { lookedAtMs }] of this.#users) {
      if (user.isUnsure && now - lookedAtMs >= UNSURE_MS) this.#want(user, false);
    }
    if (this.#present !== null && now - this.#present.sinceMs >= HANGING_MS) {
      this.#present.user.complain(`a look at them has not ended for ${HANGING_MS / 1_000} s`);
    }
  }

  /** Looks at all, and tells what is wrong at once. */
  lookNow(): void {
    for (const user of this.#users.keys()) this.#want(user, true);
  }

  /** A link is dialled with what is known: the next shall have what is there now. */
  dialled(user: Watched): void {
    const known = this.#users.get(user);
    if (known !== undefined && this.#now() - known.lookedAtMs >= DIAL_MS) this.#want(user, false);
  }

  #want(user: Watched, isAsked: boolean): void {
    this.#waiting.set(user, isAsked || (this.#waiting.get(user) ?? false));
    if (this.#present === null) void this.#lookAtAll();
  }

  async #lookAtAll(): Promise<void> {
    for (const [user, isAsked] of this.#waiting) {
      this.#waiting.delete(user);
      const sinceMs = this.#now();
      this.#present = { user, sinceMs };
      this.#users.set(user, { lookedAtMs: sinceMs });
      await user.refresh(isAsked);
    }
    this.#present = null;
  }
}

/** `tls-auto-reload-interval` in ms. A 0 that somebody has written is Valkey's: never. */
export function lookPeriodMs(seconds: number, isGiven: boolean): number {
  if (seconds > 0) return seconds * 1_000;
  return isGiven ? Number.POSITIVE_INFINITY : USUAL_PERIOD_MS;
}
