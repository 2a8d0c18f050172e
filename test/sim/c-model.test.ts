import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CSentinel } from "./c-model/c-sentinel.ts";
import { type ClusterOptions, MASTER_NAME, SimCluster } from "./cluster.ts";
import { live } from "./life.ts";
import { planMixedLife } from "./plan.ts";

const ONLY_C = { sentinels: 0, cSentinels: 3, downAfterMs: 5_000 };

function settled(options: Partial<ClusterOptions>): SimCluster {
  const cluster = new SimCluster(options);
  cluster.settle();
  return cluster;
}

function masterOf({ state }: CSentinel) {
  const master = state.masters.get(MASTER_NAME);
  assert.ok(master);
  return master;
}

/** When a Sentinel of either kind first said so, since `since`. */
function firstAt({ allSentinels }: SimCluster, event: string, since: number): number {
  const times = allSentinels.flatMap(({ events }) =>
    events.filter(({ name, atMs }) => name === event && atMs >= since).map(({ atMs }) => atMs),
  );
  return Math.min(...times) - since;
}

describe("the model of a C Sentinel", () => {
  // The times that were measured on C Sentinels [C-TIMES], from the least to the greatest.
  for (const [event, least, most] of [
    ["+sdown", 0, 205],
    ["+odown", 50, 300],
    ["+elected-leader", 100, 450],
    ["+promoted-slave", 250, 1_500],
  ] as const) {
    it(`takes as long as the C program from a death to ${event}`, () => {
      for (let seed = 1; seed <= 20; seed++) {
        const cluster = settled({ ...ONLY_C, seed });
        const since = cluster.clock.now;
        cluster.network.kill(cluster.server(0));
        cluster.awaitNewMaster(cluster.server(0), 60_000);
        const beyondMs = firstAt(cluster, event, since) - ONLY_C.downAfterMs;
        assert.ok(beyondMs >= least && beyondMs <= most, `${event} of seed ${seed}: ${beyondMs}`);
      }
    });
  }

  it("waits twice the failover timeout when nobody was elected", () => {
    const cluster = settled({ ...ONLY_C, failoverTimeoutMs: 6_000 });
    const [alone, ...others] = cluster.cSentinels;
    assert.ok(alone);
    alone.state.masters.set(MASTER_NAME, { ...masterOf(alone), quorum: 1 });
    for (const one of others) one.crash();
    cluster.network.kill(cluster.server(0));
    cluster.clock.advance(40_000);
    const attempts = alone.events.filter(({ name }) => name === "+try-failover");
    const [first, second] = attempts.map(({ atMs }) => atMs);
    assert.ok(first !== undefined && second !== undefined);
    assert.ok(second - first >= 12_000 && second - first <= 13_200, `${second - first} ms`);
    const lost = alone.events.filter(({ name }) => name === "-failover-abort-not-elected");
    assert.ok(lost.length > 0);
    assert.equal(cluster.server(1).role, "slave");
  });

  it("votes once in an epoch, also when it died in between, and tells only the epoch then", () => {
    const cluster = settled(ONLY_C);
    const [voter] = cluster.cSentinels;
    assert.ok(voter);
    const { ip } = cluster.server(0);
    const ask = (id: string) =>
      JSON.stringify(
        voter.ask("SENTINEL", "IS-MASTER-DOWN-BY-ADDR", ip, "6379", "7", id),
        (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value),
      );
    assert.match(ask("a".repeat(40)), /"a{40}".*7/);
    assert.match(ask("b".repeat(40)), /"a{40}".*7/);
    voter.crash();
    voter.start();
    assert.match(ask("b".repeat(40)), /"\*".*7/);
  });

  it("says in TILT that nothing is down, and looks again after 30 seconds", () => {
    const cluster = settled(ONLY_C);
    const [first, ...others] = cluster.cSentinels;
    assert.ok(first);
    for (const one of others) one.crash();
    cluster.network.kill(cluster.server(0));
    cluster.clock.advance(5_300);
    const { ip } = cluster.server(0);
    const saysDown = () => {
      const reply = first.ask("SENTINEL", "is-master-down-by-addr", ip, "6379", "0", "*");
      return reply.type === "array" && reply.items[0]?.type === "integer" && reply.items[0].value;
    };
    assert.equal(saysDown(), 1);
    first.isStopped = true;
    cluster.clock.advance(4_000);
    first.isStopped = false;
    cluster.clock.advance(200);
    assert.equal(saysDown(), 0);
    cluster.clock.advance(30_000);
    assert.equal(saysDown(), 1);
  });
});

describe("ours among C Sentinels", () => {
  it("leads, and is led, until all agree", () => {
    let byC = 0;
    let byOurs = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const report = live(planMixedLife(seed));
      byOurs += report.elections;
      byC += report.cElections;
    }
    assert.ok(byOurs > 0 && byC > 0, `${byOurs} and ${byC} leaders`);
  });

  // Told at a bad moment a C Sentinel takes the new master for down (src/core/tell.ts).
  for (const downAfterMs of [300, 500, 1_000, 1_300]) {
    it(`does not make them fail over once more with down-after ${downAfterMs}`, () => {
      let led = 0;
      for (let seed = 1; seed <= 10; seed++) {
        const options = {
          seed,
          sentinels: 1,
          cSentinels: 2,
          downAfterMs,
          failoverTimeoutMs: 6_000,
        };
        const cluster = settled(options);
        cluster.network.kill(cluster.server(0));
        cluster.awaitNewMaster(cluster.server(0), 60_000);
        const since = cluster.clock.now;
        if (hasSaid(cluster.sentinels, "+promoted-slave", 0)) led++;
        // So long they count what their peers said of the dead one, and more.
        cluster.clock.advance(10_000);
        assert.ok(!hasSaid(cluster.allSentinels, "+try-failover", since), `seed ${seed}`);
      }
      assert.ok(led >= 8, `ours led ${led} times`);
    });
  }
});

interface Speaker {
  readonly events: readonly { readonly name: string; readonly atMs: number }[];
}

function hasSaid(sentinels: readonly Speaker[], event: string, since: number): boolean {
  return sentinels.some(({ events }) =>
    events.some(({ name, atMs }) => name === event && atMs > since),
  );
}
