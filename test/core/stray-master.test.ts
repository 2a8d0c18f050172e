import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { masterOf, SimCluster } from "../sim/cluster.ts";
import type { SimRedis } from "../sim/redis.ts";

const FAILOVER_TIMEOUT_MS = 60_000;

function settled(replicas: number): SimCluster {
  const cluster = new SimCluster({ replicas, failoverTimeoutMs: FAILOVER_TIMEOUT_MS });
  cluster.settle();
  return cluster;
}

function toldBy(cluster: SimCluster, wanted: string): number {
  return cluster.sentinels.flatMap(({ events }) => events.filter(({ name }) => name === wanted))
    .length;
}

function awaitEvent(cluster: SimCluster, wanted: string, limitMs: number): void {
  const before = toldBy(cluster, wanted);
  const isTold = () => toldBy(cluster, wanted) > before;
  assert.ok(cluster.clock.advanceUntil(isTold, limitMs), `${wanted}\n${cluster.timeline()}`);
}

/** The master dies, its replica takes over, and as the old one is back the new one dies. */
function strayMaster(): { cluster: SimCluster; old: SimRedis; master: SimRedis } {
  const cluster = settled(1);
  const old = cluster.server(0);
  cluster.network.kill(old);
  const master = cluster.awaitNewMaster(old, 10_000);
  cluster.network.kill(master);
  awaitEvent(cluster, "+failover-state-select-slave", 300_000);
  old.restart();
  return { cluster, old, master };
}

describe("a master that nobody promoted", () => {
  it("does not take over from one that is away for a moment and holds newer data", () => {
    const { cluster, old, master } = strayMaster();
    cluster.clock.advance(5_000);
    master.restart();
    const follows = () => old.master === master && cluster.agreesOn(master);
    assert.ok(cluster.clock.advanceUntil(follows, 30_000), cluster.timeline());
    assert.equal(toldBy(cluster, "+promoted-slave"), 1);
  });

  it("takes over when nobody else came back for ten seconds", () => {
    const { cluster, old, master } = strayMaster();
    const restartedAt = cluster.clock.now;
    assert.equal(cluster.awaitNewMaster(master, 30_000), old);
    const tookMs = cluster.clock.now - restartedAt;
    assert.ok(tookMs > 9_000 && tookMs < 11_000, `${tookMs} ms`);
  });

  it("is not chosen before a replica that follows, whatever its priority", () => {
    const cluster = settled(2);
    const stray = cluster.server(1);
    stray.priority = 1;
    cluster.network.kill(stray);
    stray.restartEmpty();
    awaitEvent(cluster, "+reboot", 30_000);
    cluster.network.kill(cluster.server(0));
    assert.equal(cluster.awaitNewMaster(cluster.server(0), 10_000), cluster.server(2));
  });

  it("is not promoted on request", () => {
    const cluster = settled(1);
    cluster.network.kill(cluster.server(1));
    cluster.server(1).restartEmpty();
    awaitEvent(cluster, "+reboot", 30_000);
    const sentinel = cluster.sentinels.find(({ events }) =>
      events.some(({ name }) => name === "+reboot"),
    );
    assert.deepEqual(sentinel?.ask("SENTINEL", "FAILOVER", "mymaster"), {
      type: "error",
      text: "NOGOODSLAVE No suitable replica to promote",
    });
  });
});

describe("a chosen replica that is lost before its promotion was seen", () => {
  /** The master is dead and one of two replicas was told to take over. */
  function chosen(): { cluster: SimCluster; first: SimRedis; other: SimRedis } {
    const cluster = settled(2);
    cluster.network.kill(cluster.server(0));
    awaitEvent(cluster, "+failover-state-wait-promotion", 10_000);
    const leader = cluster.sentinels.find((one) => masterOf(one).failover?.promoted);
    const isFirst = leader && masterOf(leader).failover?.promoted?.address.ip;
    const [a, b] = [cluster.server(1), cluster.server(2)];
    return a.ip === isFirst ? { cluster, first: a, other: b } : { cluster, first: b, other: a };
  }

  it("makes the leader choose another within down-after", () => {
    const { cluster, first, other } = chosen();
    cluster.network.kill(first);
    const toldAt = cluster.clock.now;
    assert.equal(cluster.awaitNewMaster(cluster.server(0), 10_000), other);
    const tookMs = cluster.clock.now - toldAt;
    assert.ok(tookMs < cluster.options.downAfterMs + 500, `${tookMs} ms`);
    assert.equal(toldBy(cluster, "+elected-leader"), 1);
  });

  it("is not taken for promoted because it was restarted as a master, without data", () => {
    const { cluster, first, other } = chosen();
    cluster.network.kill(first);
    first.restartEmpty();
    assert.equal(cluster.awaitNewMaster(cluster.server(0), 10_000), other);
    assert.ok(cluster.clock.advanceUntil(() => first.master === other, 30_000));
  });
});
