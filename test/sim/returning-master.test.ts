import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { plain } from "../core/harness.ts";
import { masterOf, SimCluster } from "./cluster.ts";
import type { SimRedis } from "./redis.ts";
import type { SimSentinel } from "./sentinel-process.ts";

/** The longest that an old master may take writes once it can be reached [D-RETURNING]. */
const MOST_MS = 200;

/** node-redis asks for the replicas as soon as it hears an event, and leaves out for good whoever is not there. */
const ASKED_AFTER_MS = 20;

function settled(seed: number): SimCluster {
  const cluster = new SimCluster({ seed, downAfterMs: 5_000, failoverTimeoutMs: 180_000 });
  cluster.settle();
  cluster.clock.advance(20_000);
  return cluster;
}

/** Those of a replica in SENTINEL REPLICAS. */
function flagsOf(sentinel: SimSentinel, replica: SimRedis): string {
  const reply = plain(sentinel.ask("SENTINEL", "REPLICAS", "mymaster"));
  const rows = reply as readonly Readonly<Record<string, string>>[];
  return rows.find(({ ip }) => ip === replica.host)?.flags ?? "not shown";
}

type Host = { readonly address: string };

function cut({ network }: SimCluster, some: readonly Host[], others: readonly Host[]): void {
  for (const one of some) for (const other of others) network.cut(one.address, other.address);
}

/** How long it calls itself a master, from now on. */
function reignMs(cluster: SimCluster, limitMs = 60_000): number {
  const since = cluster.clock.now;
  const [old] = cluster.groups[0]?.servers ?? [];
  assert.ok(
    cluster.clock.advanceUntil(() => old?.role === "slave", limitMs),
    cluster.timeline(),
  );
  return cluster.clock.now - since;
}

describe("an old master that returns", () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    it(`after a restart is a replica within a fifth of a second (seed ${seed})`, () => {
      const cluster = settled(seed);
      const old = cluster.server(0);
      cluster.network.kill(old);
      cluster.awaitNewMaster(old, 10_000);
      cluster.clock.advance(10_000 + seed * 77);
      old.restart();
      const lasted = reignMs(cluster);
      assert.ok(lasted <= MOST_MS, `${lasted}`);
    });

    it(`is shown as there once it is said to be back, when clients ask (seed ${seed})`, () => {
      const cluster = settled(seed);
      const old = cluster.server(0);
      cluster.network.kill(old);
      cluster.awaitNewMaster(old, 10_000);
      cluster.clock.advance(10_000 + seed * 77);
      old.restart();
      for (const sentinel of cluster.sentinels) {
        const isSaid = () =>
          sentinel.events.some(
            (one) => one.name === "-sdown" && one.payload.includes(` ${old.host} `),
          );
        assert.ok(cluster.clock.advanceUntil(isSaid, 10_000), cluster.timeline());
        cluster.clock.advance(ASKED_AFTER_MS);
        assert.equal(flagsOf(sentinel, old), "slave");
      }
    });

    it(`after it stood still, and as soon as it goes on (seed ${seed})`, () => {
      const cluster = settled(seed);
      const old = cluster.server(0);
      old.isStopped = true;
      const isOver = () =>
        cluster.server(1).role === "master" || cluster.server(2).role === "master";
      assert.ok(cluster.clock.advanceUntil(isOver, 10_000));
      cluster.clock.advance(1_000);
      old.isStopped = false;
      const lasted = reignMs(cluster);
      assert.ok(lasted <= MOST_MS, `${lasted}`);
    });

    it(`while replicas are still pointed at the new one (seed ${seed})`, () => {
      const cluster = settled(seed);
      const old = cluster.server(0);
      old.isStopped = true;
      const isInReconf = () =>
        cluster.sentinels.some((one) => masterOf(one).failover?.step === "reconf_slaves");
      assert.ok(cluster.clock.advanceUntil(isInReconf, 10_000));
      old.isStopped = false;
      const lasted = reignMs(cluster);
      assert.ok(lasted <= MOST_MS, `${lasted}`);
    });
  }

  it("was made a master again by force, behind a cut: that stands", () => {
    const cluster = settled(7);
    const [old, second, third] = [cluster.server(0), cluster.server(1), cluster.server(2)];
    const [operated, ...others] = cluster.sentinels;
    assert.ok(operated);
    cut(cluster, [operated, old, second], [...others, third]);
    const isFailedOver = () => others.every((one) => masterOf(one).address.host === "10.0.0.3");
    assert.ok(cluster.clock.advanceUntil(isFailedOver, 30_000), cluster.timeline());
    for (const heir of [second, old]) {
      operated.ask("SENTINEL", "FAILOVER", "mymaster");
      assert.ok(cluster.clock.advanceUntil(() => heir.role === "master", 10_000));
      cluster.clock.advance(20_000);
    }
    assert.ok(masterOf(operated).configEpoch > masterOf(others[0] ?? operated).configEpoch);
    // They reach the old master before they hear of whoever operates it.
    cluster.network.heal();
    cut(cluster, [operated], [...others, third]);
    const isDemoted = cluster.clock.advanceUntil(() => old.role === "slave", 30_000);
    assert.ok(!isDemoted, cluster.timeline());
    assert.ok(others.every((one) => masterOf(one).address.host === "10.0.0.1"));
  });

  it("is not demoted by a minority, if the others have confirmed it meanwhile", () => {
    const cluster = settled(8);
    const [old, second, third] = [cluster.server(0), cluster.server(1), cluster.server(2)];
    const [operated, ...others] = cluster.sentinels;
    assert.ok(operated);
    cut(cluster, [operated, second], [...others, old, third]);
    cluster.clock.advance(2_000);
    operated.ask("SENTINEL", "FAILOVER", "mymaster");
    assert.ok(cluster.clock.advanceUntil(() => second.role === "master", 10_000));
    cluster.clock.advance(20_000);
    // As a disagreement that was settled leaves it: the same master, under a greater epoch.
    const [one, two] = others;
    assert.ok(one && two);
    for (const [to, from] of [
      [one, two],
      [two, one],
    ] as const) {
      const sender = from.address.replace(":", ",");
      const hello = `${sender},${from.core.state.myId},9,mymaster,10.0.0.1,6379,9`;
      to.ask("PUBLISH", "__sentinel__:hello", hello);
    }
    // It reaches the old master before it hears of the others.
    cluster.network.heal();
    cut(cluster, [operated, second], [...others, third]);
    const isDemoted = cluster.clock.advanceUntil(() => old.role === "slave", 30_000);
    assert.ok(!isDemoted, cluster.timeline());
    assert.equal(second.role, "slave");
  });
});
