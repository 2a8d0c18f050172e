import { getHeapStatistics } from "node:v8";
import { CLIENTS_SHARE_OF_HEAP, MAX_CLIENTS_BYTES } from "../core/limits.ts";

/** A client, as far as it takes memory. */
export interface Holder {
  /** What it takes now: unread, unsent, subscribed to. */
  readonly memoryBytes: number;
  /** The same when it was counted last. */
  countedBytes: number;
}

/** What all clients together may take: the process must have room for its own work. */
export function affordableBytes(heapBytes = getHeapStatistics().heap_size_limit): number {
  return Math.min(MAX_CLIENTS_BYTES, Math.floor(heapBytes * CLIENTS_SHARE_OF_HEAP));
}

/** A subscription stands in two tables. */
const CHANNEL_BYTES = 200;
/** A pattern is compiled, and each event that it matches makes one more message. */
const PATTERN_BYTES = 4096;
const PATTERN_BYTES_PER_CHARACTER = 64;

/** How much of `MAX_SUBSCRIPTION_BYTES` a channel, or a prefix that is tracked, takes. */
export function channelWeight(name: string): number {
  return CHANNEL_BYTES + name.length;
}

export function patternWeight(pattern: string): number {
  return PATTERN_BYTES + PATTERN_BYTES_PER_CHARACTER * pattern.length;
}

/**
 * Keeps what all clients take below a limit: above it the one that takes most is closed, as
 * `maxmemory-clients` of a Redis server does it, so that who takes little is never the victim
 * [D-CLIENT-MEMORY].
 */
export class ClientMemory<H extends Holder> {
  readonly #limitBytes: number;
  readonly #holders: () => Iterable<H>;
  readonly #evict: (holder: H) => void;
  #totalBytes = 0;

  constructor(limitBytes: number, holders: () => Iterable<H>, evict: (holder: H) => void) {
    this.#limitBytes = limitBytes;
    this.#holders = holders;
    this.#evict = evict;
  }

  /** To be called when what it takes may have grown. */
  count(holder: H): void {
    this.#note(holder, holder.memoryBytes);
    if (this.#totalBytes > this.#limitBytes) this.#makeRoom();
  }

  /** To be called when it went away. */
  release(holder: H): void {
    this.#note(holder, 0);
  }

  #note(holder: H, bytes: number): void {
    this.#totalBytes += bytes - holder.countedBytes;
    holder.countedBytes = bytes;
  }

  /** What was sent meanwhile was not told: all are counted anew first. */
  #makeRoom(): void {
    const holders = [...this.#holders()];
    for (const holder of holders) this.#note(holder, holder.memoryBytes);
    holders.sort((a, b) => b.countedBytes - a.countedBytes);
    for (const holder of holders) {
      if (this.#totalBytes <= this.#limitBytes) return;
      this.#evict(holder);
      this.release(holder);
    }
  }
}
