import assert from "node:assert/strict";
import type { Reply } from "../../src/base/reply.ts";
import { currentAddress } from "../../src/core/records.ts";
import { type ClusterOptions, MASTER_NAME, masterOf, SimCluster } from "../sim/cluster.ts";
import type { SimRedis } from "../sim/redis.ts";
import type { SimSentinel } from "../sim/sentinel-process.ts";

export const FAILOVER = ["SENTINEL", "FAILOVER", MASTER_NAME];
export const COORDINATED = [...FAILOVER, "COORDINATED"];
const WRITE_EVERY_MS = 5;

/** A settled cluster, and a client that writes all the time. */
export class Stage {
  readonly cluster: SimCluster;
  readonly acked: number[] = [];
  /** Longest time between two writes that were taken. */
  longestGapMs = 0;
  #ackedAt = 0;
  #id = 0;

  constructor(options: Partial<ClusterOptions> = {}) {
    this.cluster = new SimCluster({ downAfterMs: 5_000, ...options });
    this.cluster.settle();
    this.cluster.clock.advance(12_000);
  }

  get servers(): SimRedis[] {
    return [...this.cluster.servers.values()];
  }

  get leader(): SimSentinel {
    return this.cluster.sentinel(0);
  }

  /** The one that the leader names. */
  get master(): SimRedis {
    const { address, failover } = masterOf(this.leader);
    assert.equal(failover, null, this.cluster.timeline());
    const found = this.cluster.servers.get(`${address.host}:${address.port}`);
    assert.ok(found);
    return found;
  }

  /** Whom the leader names to clients. */
  #named(): SimRedis {
    const { host, port } = currentAddress(masterOf(this.leader));
    const found = this.cluster.servers.get(`${host}:${port}`);
    assert.ok(found);
    return found;
  }

  write(): void {
    const { clock } = this.cluster;
    let at = this.#named();
    const round = {
      happen: () => {
        const id = ++this.#id;
        // It stays where it is as long as that one is a master, and waits while writes are held back.
        if (at.role !== "master" || !at.isRunning) at = this.#named();
        if (at.write(id)) {
          this.acked.push(id);
          if (this.#ackedAt > 0) {
            this.longestGapMs = Math.max(this.longestGapMs, clock.now - this.#ackedAt);
          }
          this.#ackedAt = clock.now;
        }
        clock.plan(WRITE_EVERY_MS, round);
      },
    };
    clock.plan(WRITE_EVERY_MS, round);
    clock.advance(5_003);
  }

  ask(words: readonly string[]): Reply {
    return this.leader.ask(...words);
  }

  says(event: string): boolean {
    return this.leader.events.some(({ name }) => name === event);
  }

  await(event: string, limitMs = 20_000): void {
    const isHeard = this.cluster.clock.advanceUntil(() => this.says(event), limitMs);
    assert.ok(isHeard, `${event}\n${this.cluster.timeline()}\n${this.leader.logs.join("\n")}`);
  }

  /** What was acknowledged, and is not in the data of the master that the leader names. */
  get lost(): number {
    const held = new Set(this.master.data);
    return this.acked.filter((id) => !held.has(id)).length;
  }
}
