import type { FailoverRecord } from "../../base/journal-entry.ts";
import type { Failover, Master, Millis } from "../state.ts";

interface Run {
  /** The SDOWN that they are about. */
  readonly since: Millis | null;
  readonly count: number;
  /** How the one before ended. */
  readonly last: string;
}

/**
 * Attempts to fail over one dead master, which may be many: where no majority is reached, one comes after the other
 * for days. Those that end as the one before did are told ever more seldom, so that they do not push out the rest.
 */
export class Attempts {
  readonly #runs = new Map<Master, Run>();

  /** Which attempt for this down period it is, from 1. */
  next(master: Master, { settles }: Failover): number {
    const run = this.#runs.get(master);
    const since = settles ? null : master.sdownSince;
    const isSame = run !== undefined && run.since === since;
    const count = isSame ? run.count + 1 : 1;
    this.#runs.set(master, { since, count, last: isSame ? run.last : "" });
    return count;
  }

  isWorthTelling(master: Master, { kind, result, ending, by, attempt }: FailoverRecord): boolean {
    const run = this.#runs.get(master);
    const outcome = `${kind} ${result} ${ending ?? ""}`;
    if (result === "done") this.#runs.delete(master);
    else if (run) this.#runs.set(master, { ...run, last: outcome });
    const isPowerOfTwo = (attempt & (attempt - 1)) === 0;
    return result === "done" || by !== null || run?.last !== outcome || isPowerOfTwo;
  }

  forget(master: Master): void {
    this.#runs.delete(master);
  }
}
