import assert from "node:assert/strict";
import { type Random, randomRunId } from "../../src/core/random.ts";

const NO_ID = "0".repeat(40);

/**
 * What a server holds, and what that is called. Whoever holds data of one name holds a beginning of the
 * same stream of writes.
 */
export class SimDataset {
  /** Ids of the writes, oldest first. */
  writes: number[] = [];
  /** The replication offset where they begin: one that dropped its data goes on counting. */
  #base = 0;
  #id: string;
  /** The name that this one continues, and the first offset that is not its own any more. */
  #parent: { readonly id: string; readonly endsAt: number } | null = null;
  /** What its file still holds after it dropped its data in memory. */
  #filed: { readonly writes: number[]; readonly base: number } | null = null;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
    this.#id = randomRunId(random);
  }

  get offset(): number {
    return this.#base + this.writes.length;
  }

  /** A server that becomes a master, or starts as one, goes on under a new name. */
  rename(): void {
    this.#filed = null;
    this.#parent = { id: this.#id, endsAt: this.offset + 1 };
    this.#id = randomRunId(this.#random);
  }

  /** As a server without files starts. */
  empty(): void {
    this.writes = [];
    this.#base = 0;
    this.#filed = null;
    this.#parent = null;
    this.#id = randomRunId(this.#random);
  }

  /** Both go by one name, so that one holds a beginning of the other. */
  isOf(other: SimDataset): boolean {
    return this.#id === other.#id;
  }

  /**
   * PSYNC: it can go on from what it holds, under the same name or one that the master continues. A master that dropped
   * its data has nothing left of what was before, no backlog either.
   */
  mayGoOn(master: SimDataset): boolean {
    if (this.#base !== master.#base) return false;
    if (this.#id === master.#id) return this.offset <= master.offset;
    const parent = master.#parent;
    return parent?.id === this.#id && this.offset < parent.endsAt;
  }

  /** As a replica takes over what its master has taken since. */
  follow(master: SimDataset): void {
    assert.equal(this.#base, master.#base, "it goes on from what its master never had");
    if (this.#id !== master.#id) {
      this.#parent = { id: this.#id, endsAt: this.offset + 1 };
      this.#id = master.#id;
    }
    for (let at = this.offset; at < master.offset; at++)
      this.writes.push(master.writes[at - master.#base] ?? 0);
  }

  /** As before it loads what its master sent. */
  drop(): void {
    this.#filed ??= { writes: this.writes, base: this.#base };
    this.#base = this.offset;
    this.writes = [];
  }

  /** As at the end of a full sync. */
  takeAll(master: SimDataset): void {
    this.#filed = null;
    this.writes = [...master.writes];
    this.#base = master.#base;
    if (this.#id !== master.#id) this.#parent = null;
    this.#id = master.#id;
  }

  /** As a process that starts: what was dropped for a sync that did not end is in its file. */
  reload(): void {
    if (!this.#filed) return;
    this.writes = this.#filed.writes;
    this.#base = this.#filed.base;
    this.#filed = null;
  }

  /** As from a file that is older by so many writes. */
  forgetLast(count: number): void {
    this.reload();
    this.writes = this.writes.slice(0, Math.max(0, this.writes.length - count));
  }

  /** Each write is a key of its own. */
  get #keyspace(): string {
    const { length } = this.writes;
    return `# Keyspace\r\n${length === 0 ? "" : `db0:keys=${length},expires=0,avg_ttl=0\r\n`}`;
  }

  /** The lines of INFO. */
  info(): string {
    const { id, endsAt } = this.#parent ?? { id: NO_ID, endsAt: -1 };
    return (
      `master_replid:${this.#id}\r\nmaster_replid2:${id}\r\n` +
      `master_repl_offset:${this.offset}\r\nsecond_repl_offset:${endsAt}\r\n` +
      this.#keyspace
    );
  }
}
