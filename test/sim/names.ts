import type { Random } from "../../src/core/random.ts";
import type { SimClock } from "./clock.ts";

/** A look-up takes up to this, one in `SLOW_ONE_IN` the longest that the daemon's resolver waits. */
const LATENCY_MS = 30;
const SLOW_MS = 2_000;
const SLOW_ONE_IN = 50;
/** One in so many finds nothing. */
const FAILS_ONE_IN = 50;
/** A name that moved is answered with its old address for up to this. */
const STALE_MS = 5_000;

/** The name servers of a cluster: what each name means now, with latency, failure and change. */
export class SimNames {
  /** Nobody answers; every look-up fails when the resolver's patience ends. */
  isDown = false;
  readonly #clock: SimClock;
  readonly #random: Random;
  /** What is answered, and what is so. */
  readonly #answers = new Map<string, string>();
  readonly #addresses = new Map<string, string>();
  /** Wrong answers for a while; null: there is no such name. */
  readonly #wrong = new Map<string, { readonly ip: string | null; readonly until: number }>();

  constructor(clock: SimClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** At first; later see `move`. */
  add(host: string, ip: string): void {
    this.#addresses.set(host, ip);
    this.#answers.set(host, ip);
  }

  /** Others hear of the new address some time later. */
  move(host: string, ip: string): void {
    this.#addresses.set(host, ip);
    const publish = () => this.#answers.set(host, this.#addresses.get(host) ?? ip);
    this.#clock.after(this.#random.below(STALE_MS), publish);
  }

  /** For so long the name means another address, or nothing. */
  mislead(host: string, ip: string | null, spanMs: number): void {
    this.#wrong.set(host, { ip, until: this.#clock.now + spanMs });
  }

  /** They answer again, and what is so. */
  mend(): void {
    this.isDown = false;
    this.#wrong.clear();
  }

  lookUp(host: string): string | null {
    if (this.isDown) return null;
    const wrong = this.#wrong.get(host);
    if (wrong && this.#clock.now < wrong.until) return wrong.ip;
    return this.#answers.get(host) ?? null;
  }

  resolve(host: string, answer: (ip: string | null) => void): void {
    const isSlow = this.isDown || this.#random.below(SLOW_ONE_IN) === 0;
    const fails = this.#random.below(FAILS_ONE_IN) === 0;
    const delayMs = isSlow ? SLOW_MS : 1 + this.#random.below(LATENCY_MS);
    this.#clock.after(delayMs, () => answer(fails ? null : this.lookUp(host)));
  }
}
