import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { masterOf, SimCluster } from "../sim/cluster.ts";
import { plain } from "./harness.ts";

type Cluster = { readonly seed: number } & ConstructorParameters<typeof SimCluster>[0];

function settled(options: Cluster): SimCluster {
  const cluster = new SimCluster(options);
  cluster.settle();
  cluster.clock.advance(11_000);
  return cluster;
}

/** Epochs under which Sentinels have saved more than one address. */
function splitEpochs(cluster: SimCluster): string[] {
  const named = new Map<bigint, Set<string>>();
  for (const { disk } of cluster.sentinels) {
    for (const { configEpoch, host } of disk.saved.masters) {
      named.set(configEpoch, (named.get(configEpoch) ?? new Set()).add(host));
    }
  }
  return [...named].filter(([, hosts]) => hosts.size > 1).map(([epoch]) => `${epoch}`);
}

describe("SENTINEL FAILOVER while an election begins [D-FORCED-EPOCH]", () => {
  it("never names a second address in an epoch", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const cluster = settled({ seed, replicas: 3, maxLatencyMs: 5 });
      const operator = cluster.sentinel(seed % 3);
      cluster.server(1).priority = 10;
      cluster.clock.advance(11_000);
      // The operator's Sentinel would choose another replica than the others.
      cluster.network.cut(operator.address, cluster.server(1).address);
      cluster.clock.advance(4_000);
      cluster.server(0).isStopped = true;
      cluster.server(3).isStopped = true;
      cluster.clock.advance(1_780 + (seed % 50) * 5);
      operator.ask("SENTINEL", "FAILOVER", "mymaster");
      cluster.clock.advance(5_000);
      assert.deepEqual(splitEpochs(cluster), [], `seed ${seed}\n${cluster.timeline()}`);
    }
  });

  it("goes on without those who do not answer", () => {
    const cluster = settled({ seed: 1 });
    for (const other of cluster.sentinels.slice(1)) other.isStopped = true;
    const before = cluster.clock.now;
    assert.equal(plain(cluster.sentinel(0).ask("SENTINEL", "FAILOVER", "mymaster")), "OK");
    const isMaster = () => [1, 2].some((i) => cluster.server(i).role === "master");
    assert.ok(cluster.clock.advanceUntil(isMaster, 2_000), cluster.timeline());
    assert.ok(cluster.clock.now - before < 1_000);
  });
});

describe("SENTINEL FAILOVER said to two Sentinels in one moment", () => {
  it("gives each an epoch of its own, without a chase from one to the next", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const cluster = settled({ seed, sentinels: 3 + 2 * (seed % 2) });
      const operated = [cluster.sentinel(0), cluster.sentinel(1)];
      // Each has one replica left, not the same, and promotes it at once.
      for (const [index, one] of operated.entries()) {
        cluster.network.cut(one.address, cluster.server(index + 1).address);
      }
      cluster.clock.advance(5_000);
      for (const one of operated) one.ask("SENTINEL", "FAILOVER", "mymaster");
      const agreed = () => [1, 2].some((i) => cluster.agreesOn(cluster.server(i)));
      assert.ok(cluster.clock.advanceUntil(agreed, 200), `seed ${seed}\n${cluster.timeline()}`);
      cluster.clock.advance(3_000);
      assert.ok(agreed(), `seed ${seed}\n${cluster.timeline()}`);
      assert.deepEqual(splitEpochs(cluster), [], `seed ${seed}\n${cluster.timeline()}`);
      const { currentEpoch } = cluster.sentinel(0).core.state;
      assert.ok(currentEpoch <= 1n + 2n * BigInt(cluster.sentinels.length), `${currentEpoch}`);
    }
  });
});

/** Forced on both sides of a partition: the first replica on one, the second on the other. */
function forcedTwice(seed: number): SimCluster {
  const cluster = settled({ seed, sentinels: 4, quorum: 2, maxLatencyMs: 5 });
  const left = [...cluster.sentinels.slice(0, 2), cluster.server(1)];
  const right = [...cluster.sentinels.slice(2), cluster.server(0), cluster.server(2)];
  for (const a of left) for (const b of right) cluster.network.cut(a.address, b.address);
  for (const [sentinel, other] of [
    [cluster.sentinel(0), 2],
    [cluster.sentinel(2), 1],
  ] as const) {
    const replica = masterOf(sentinel).replicas.get(cluster.server(other).address);
    assert.ok(replica);
    cluster.server(other).priority = 200;
  }
  cluster.clock.advance(500);
  for (const index of [0, 2]) {
    assert.equal(plain(cluster.sentinel(index).ask("SENTINEL", "FAILOVER", "mymaster")), "OK");
  }
  cluster.clock.advance(10_000);
  return cluster;
}

describe("two forced failovers on both sides of a partition [D-SETTLE]", () => {
  it("end with one master that all name within 30 s of the heal", () => {
    let splits = 0;
    let settlings = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const cluster = forcedTwice(seed);
      splits += splitEpochs(cluster).length;
      cluster.network.heal();
      const agreed = () =>
        [1, 2].some(
          (i) => cluster.server(i).role === "master" && cluster.agreesOn(cluster.server(i)),
        );
      assert.ok(cluster.clock.advanceUntil(agreed, 30_000), `seed ${seed}\n${cluster.timeline()}`);
      cluster.clock.advance(60_000);
      assert.ok(agreed(), `seed ${seed}\n${cluster.timeline()}`);
      const masters = [...cluster.servers.values()].filter(({ role }) => role === "master");
      assert.equal(masters.length, 1, cluster.timeline());
      for (const { events, journal } of cluster.sentinels) {
        const told = journal.filter((one) => "from" in one && one.kind === "settle");
        const done = told.filter(({ result }) => result === "done").length;
        assert.equal(done, events.filter(({ name }) => name === "+config-settled").length);
        settlings += done;
      }
    }
    assert.ok(settlings > 0, "the journal has those that were settled by an election");
    assert.ok(splits > 10, `${splits} of 20 have two masters in one epoch`);
  });
});

describe("three Sentinels whose files name three servers", () => {
  it("agree on the one that the others follow", () => {
    const cluster = new SimCluster({ seed: 1 });
    for (const [index, { disk }] of cluster.sentinels.entries()) {
      const { host, port } = cluster.server(index);
      const masters = disk.saved.masters.map((master) => ({ ...master, host, port }));
      disk.save({ ...disk.saved, masters });
    }
    for (const sentinel of cluster.sentinels) sentinel.start();
    const agreed = () => cluster.agreesOn(cluster.server(0));
    assert.ok(cluster.clock.advanceUntil(agreed, 30_000), cluster.timeline());
    cluster.clock.advance(60_000);
    assert.ok(agreed() && cluster.server(0).role === "master", cluster.timeline());
  });
});
