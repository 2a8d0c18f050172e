import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_GUARDS } from "../../src/core/guards.ts";
import { SimCluster } from "../sim/cluster.ts";

/** A patient cluster, as charts make it, whose Sentinels take a refused connection for more than silence. */
function settled(refusedAfterMs: number, seed = 1): SimCluster {
  const cluster = new SimCluster({ seed, downAfterMs: 60_000 });
  cluster.settle();
  cluster.clock.advance(12_000);
  for (const { core } of cluster.sentinels) {
    core.state.settings.guards = { ...DEFAULT_GUARDS, refusedAfterMs };
  }
  return cluster;
}

function isAnySdown({ sentinels }: SimCluster): boolean {
  return sentinels.some(({ events }) =>
    events.some(({ name, payload }) => name === "+sdown" && payload.startsWith("master")),
  );
}

describe("a master that refuses connections [D-REFUSED]", () => {
  it("is replaced within seconds, whatever down-after says, and stays down meanwhile", () => {
    for (const seed of [1, 2, 3]) {
      const cluster = settled(1_500, seed);
      const old = cluster.server(0);
      const killedAt = cluster.clock.now;
      cluster.network.kill(old);
      const master = cluster.awaitNewMaster(old, 10_000);
      assert.ok(cluster.clock.now - killedAt < 4_000, cluster.timeline());
      assert.equal(master.role, "master");
      const names = cluster.sentinels.flatMap(({ events }) => events.map(({ name }) => name));
      assert.ok(!names.includes("-sdown"), cluster.timeline());
      assert.equal(names.filter((name) => name === "+try-failover").length, 1);
    }
  });

  it("is not down if it is back sooner", () => {
    const cluster = settled(1_500);
    const old = cluster.server(0);
    for (let round = 0; round < 5; round++) {
      cluster.network.kill(old);
      cluster.clock.advance(1_000);
      old.restart();
      cluster.clock.advance(10_000);
    }
    assert.ok(!isAnySdown(cluster), cluster.timeline());
    assert.ok(cluster.agreesOn(old));
  });

  it("is not down for that by itself: nothing changes without the option", () => {
    const cluster = settled(0);
    cluster.network.kill(cluster.server(0));
    cluster.clock.advance(55_000);
    assert.ok(!isAnySdown(cluster));
    cluster.awaitNewMaster(cluster.server(0), 20_000);
  });

  it("is not down while one replica that is reached still has it", () => {
    const cluster = settled(1_500);
    const old = cluster.server(0);
    // Sentinels are refused by a proxy, say; the replicas go on.
    for (const { address } of cluster.sentinels) cluster.network.cut(address, old.address);
    for (const { core } of cluster.sentinels) {
      for (const master of core.state.masters.values()) {
        master.refusals = { firstAt: 0, lastAt: core.state.previousTickAt ?? 0 };
      }
    }
    cluster.clock.advance(30_000);
    assert.ok(!isAnySdown(cluster), cluster.timeline());
  });

  it("is silent as any other if the attempt is not answered at all", () => {
    const cluster = settled(1_500);
    const old = cluster.server(0);
    for (const one of [...cluster.sentinels, cluster.server(1), cluster.server(2)]) {
      cluster.network.cut(one.address, old.address);
    }
    cluster.clock.advance(50_000);
    assert.ok(!isAnySdown(cluster), cluster.timeline());
  });
});
