import assert from "node:assert/strict";
import type { Address, Master } from "../../src/core/state.ts";
import type { SimCluster } from "./cluster.ts";
import type { SimRedis } from "./redis.ts";
import type { SimEvent } from "./sentinel-options.ts";
import type { SimSentinel } from "./sentinel-process.ts";

/**
 * A planned switch loses no acknowledged write, whatever goes wrong meanwhile: when its promotion is told, the old
 * master has nothing that the new one lacks, and takes nothing any more. A master that died since it was told to hold
 * writes back is another matter: it may come back and take some, and nobody can know.
 */
export class CoordinatedChecks {
  readonly #cluster: SimCluster;
  /** Planned switches that came to their promotion, and those that were given up. */
  promoted = 0;
  givenUp = 0;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
    for (const sentinel of cluster.sentinels) this.#watch(sentinel);
    cluster.onJoined.push((sentinel) => this.#watch(sentinel));
  }

  #watch(sentinel: SimSentinel): void {
    sentinel.onEvent.push((event) => {
      if (event.name === "+promoted-slave") this.#checkPromoted(sentinel, event);
      if (event.name === "-failover-abort-master-timeout") this.givenUp++;
    });
  }

  #checkPromoted(sentinel: SimSentinel, { payload }: SimEvent): void {
    const [, , , , , name = ""] = payload.split(" ");
    const master = sentinel.core.state.masters.get(name);
    const old = master && this.#serverAt(master.address);
    const target = master?.failover?.promoted && this.#serverAt(master.failover.promoted.address);
    if (!master || !old || !target || !this.#isJudged(sentinel, master, old, target)) return;
    this.promoted++;
    const held = new Set(target.data);
    const lost = old.data.filter((id) => !held.has(id));
    const what = `${target.address} lacks ${lost.length} writes of ${old.address}`;
    assert.equal(lost.length, 0, `a planned switch loses: ${what} (${lost[0]})`);
    assert.ok(!old.isServing, `${old.address} takes writes after its planned replacement`);
  }

  #isJudged(sentinel: SimSentinel, { failover }: Master, old: SimRedis, target: SimRedis): boolean {
    const hold = failover?.coordinated?.hold;
    if (!hold || this.#isForcedByC()) return false;
    const { clock, unpausedAt } = this.#cluster;
    const since = clock.now - (sentinel.now - hold.since) - 1;
    return Math.max(old.livedAt, target.livedAt, unpausedAt) < since;
  }

  /** A C Sentinel that is told to fail over meanwhile promotes at once, whatever that loses. */
  #isForcedByC(): boolean {
    return this.#cluster.cSentinels.some(({ state }) =>
      [...state.masters.values()].some(({ isForced, step }) => isForced && step !== "none"),
    );
  }

  #serverAt({ host, port }: Address): SimRedis | undefined {
    return this.#cluster.servers.get(`${host}:${port}`);
  }
}
