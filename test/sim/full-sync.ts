import type { SimDataset } from "./dataset.ts";

/** How a replica takes over all that its master has, where it cannot go on from what it holds. */
export interface SyncTerms {
  /** The master waits so long for more replicas (repl-diskless-sync-delay); nothing tells of it but the lost link. */
  readonly delayMs: number;
  /** Then `master_sync_in_progress`, and in the latter half `loading`. */
  readonly transferMs: number;
  /** It drops what it holds before it loads (flush-before-load), else when all is there (swapdb). */
  readonly isDropping: boolean;
  /** The backlog is so small that each new link costs a full sync. */
  readonly isForced: boolean;
}

export const AT_ONCE: SyncTerms = { delayMs: 0, transferMs: 0, isDropping: false, isForced: false };

/**
 * The full syncs of one replica. One that is broken begins again with the next link. What INFO says of it is
 * taken from Redis 7.0: until it loads, or with swapdb until the end, it tells the offset that it had.
 */
export class FullSync {
  terms = AT_ONCE;
  #beganAt: number | null = null;
  #isDue = false;
  /** It dropped what it held for a sync that has not ended: it tells offset 1, and the old name. */
  isHollow = false;

  get isUnderWay(): boolean {
    return this.#beganAt !== null;
  }

  isTransferring(now: number): boolean {
    return this.#beganAt !== null && now - this.#beganAt >= this.terms.delayMs;
  }

  isLoading(now: number): boolean {
    if (this.#beganAt === null) return false;
    return now - this.#beganAt >= this.terms.delayMs + this.terms.transferMs / 2;
  }

  /** A link can only be up after one. */
  isNeeded(own: SimDataset, master: SimDataset): boolean {
    if (this.terms === AT_ONCE) return false;
    return this.#isDue || !own.mayGoOn(master);
  }

  /** A new link to a master: with a small backlog it must begin from nothing. */
  link(): void {
    this.#beganAt = null;
    this.#isDue ||= this.terms.isForced;
  }

  /** It became a master, or started from its files: nothing is due any more. */
  forget(): void {
    this.#beganAt = null;
    this.#isDue = false;
    this.isHollow = false;
  }

  /** Goes on with it while the link is there; true: data does not flow yet. */
  proceed(own: SimDataset, master: SimDataset, now: number): boolean {
    if (this.#beganAt === null) {
      if (!this.#isDue && own.mayGoOn(master)) return false;
      this.#isDue = true;
      if (this.terms === AT_ONCE) return this.#end(own, master);
      this.#beganAt = now;
    }
    const { delayMs, transferMs, isDropping } = this.terms;
    if (isDropping && this.isLoading(now) && !this.isHollow) {
      own.drop();
      this.isHollow = true;
    }
    return now - this.#beganAt < delayMs + transferMs || this.#end(own, master);
  }

  #end(own: SimDataset, master: SimDataset): false {
    own.takeAll(master);
    this.forget();
    return false;
  }
}
