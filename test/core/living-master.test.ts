import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { masterOf, SimCluster } from "../sim/cluster.ts";
import type { SimRedis } from "../sim/redis.ts";

/** A cluster in which clients write to the master 50 times a second. */
function written(seed: number, downAfterMs: number): { cluster: SimCluster; acked: number[] } {
  const cluster = new SimCluster({
    seed,
    downAfterMs,
    failoverTimeoutMs: 180_000,
    maxLatencyMs: 5,
  });
  cluster.settle();
  cluster.clock.advance(20_000);
  const acked: number[] = [];
  let id = 0;
  const round = {
    happen: () => {
      id++;
      if (cluster.server(0).write(id)) acked.push(id);
      cluster.clock.plan(20, round);
    },
  };
  cluster.clock.plan(1, round);
  return { cluster, acked };
}

/** All Sentinels lose sight of all servers for a while; the servers and their clients are well. */
function blip(cluster: SimCluster, spanMs: number): void {
  for (const server of cluster.servers.values()) {
    for (const sentinel of cluster.sentinels) cluster.network.cut(server.address, sentinel.address);
  }
  cluster.clock.advance(spanMs);
  cluster.network.heal();
}

function masters(cluster: SimCluster): SimRedis[] {
  return [...cluster.servers.values()].filter(
    ({ role, isRunning }) => isRunning && role === "master",
  );
}

function told(cluster: SimCluster, wanted: string): number {
  return cluster.sentinels.flatMap(({ events }) => events.filter(({ name }) => name === wanted))
    .length;
}

describe("a master that was out of sight for a while [D-MASTER-BACK]", () => {
  for (const [downAfterMs, spanMs] of [
    [1_000, 1_500],
    [5_000, 5_500],
    [5_000, 8_000],
    [5_000, 20_000],
    [30_000, 40_000],
  ] as const) {
    it(`is not replaced: down-after ${downAfterMs}, gone for ${spanMs} ms`, () => {
      for (let seed = 1; seed <= 12; seed++) {
        const { cluster, acked } = written(seed, downAfterMs);
        blip(cluster, spanMs);
        cluster.clock.advance(60_000);
        assert.deepEqual(
          masters(cluster),
          [cluster.server(0)],
          `seed ${seed}\n${cluster.timeline()}`,
        );
        const held = new Set(cluster.server(0).data);
        assert.ok(acked.every((id) => held.has(id)));
      }
    });
  }

  it("is not replaced either when it answers a little later than its replicas", () => {
    for (const [spanMs, laterMs] of [
      [1_000, 20],
      [1_000, 200],
      [1_000, 500],
      [1_100, 20],
      [1_100, 300],
      [1_300, 100],
    ] as const) {
      for (let seed = 1; seed <= 12; seed++) {
        const { cluster } = written(seed, 1_000);
        const [master, ...replicas] = [...cluster.servers.values()];
        for (const server of cluster.servers.values()) server.isStopped = true;
        cluster.clock.advance(spanMs);
        for (const replica of replicas) replica.isStopped = false;
        cluster.clock.advance(laterMs);
        if (master) master.isStopped = false;
        cluster.clock.advance(30_000);
        const what = `${spanMs} and ${laterMs} ms, seed ${seed}\n${cluster.timeline()}`;
        assert.deepEqual(masters(cluster), [master], what);
      }
    }
  });

  it("is not replaced either when one replica is heard, and another is silent for a shorter time", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { cluster } = written(seed, 1_000);
      const [master, first, second] = [...cluster.servers.values()];
      assert.ok(master && first && second);
      master.isStopped = true;
      first.isStopped = true;
      cluster.clock.advance(350);
      second.isStopped = true;
      cluster.clock.advance(700);
      first.isStopped = false;
      cluster.clock.advance(400);
      master.isStopped = false;
      second.isStopped = false;
      cluster.clock.advance(30_000);
      assert.deepEqual(masters(cluster), [master], `seed ${seed}\n${cluster.timeline()}`);
    }
  });

  it("is not replaced either when it can be reached again before anybody stands, and dials hang", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { cluster } = written(seed, 5_000);
      const master = cluster.server(0);
      for (const { address } of cluster.sentinels) cluster.network.cut(master.address, address);
      const isDown = () => told(cluster, "+sdown") > 0;
      assert.ok(cluster.clock.advanceUntil(isDown, 10_000));
      cluster.network.heal();
      cluster.clock.advance(30_000);
      assert.deepEqual(masters(cluster), [master], `seed ${seed}\n${cluster.timeline()}`);
    }
  });

  it("is replaced at once when it dies later: an attempt without effect costs the next one nothing", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { cluster } = written(seed, 5_000);
      blip(cluster, 8_000);
      cluster.clock.advance(20_000);
      assert.ok(told(cluster, "+try-failover") > 0, "the blip led to no attempt");
      cluster.network.kill(cluster.server(0));
      const killedAt = cluster.clock.now;
      cluster.awaitNewMaster(cluster.server(0), 60_000);
      const tookMs = cluster.clock.now - killedAt;
      assert.ok(tookMs < 6_000, `seed ${seed}: ${tookMs} ms\n${cluster.timeline()}`);
    }
  });

  it("costs nothing either while the votes for the attempt were still out", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const { cluster } = written(seed, 1_000);
      const master = cluster.server(0);
      const isStanding = () => cluster.sentinels.some((one) => masterOf(one).failover !== null);
      master.isStopped = true;
      assert.ok(cluster.clock.advanceUntil(isStanding, 5_000));
      const candidate = cluster.sentinels.find((one) => masterOf(one).failover !== null);
      assert.ok(candidate);
      // Its questions are under way; the answers come after the master's.
      for (const one of cluster.sentinels) {
        if (one !== candidate) cluster.network.cutOneWay(one.address, candidate.address);
      }
      master.isStopped = false;
      assert.ok(cluster.clock.advanceUntil(() => masterOf(candidate).failover === null, 3_000));
      assert.ok(told(cluster, "-failover-abort-not-elected") > 0, cluster.timeline());
      cluster.network.heal();
      cluster.clock.advance(2_000);
      cluster.network.kill(master);
      const killedAt = cluster.clock.now;
      cluster.awaitNewMaster(master, 30_000);
      assert.ok(cluster.clock.now - killedAt < 3_000, `seed ${seed}\n${cluster.timeline()}`);
    }
  });

  it("ends the attempt in the step in which it answers, with the event that clients know", () => {
    const { cluster } = written(1, 5_000);
    blip(cluster, 8_000);
    const isEnded = () => told(cluster, "-failover-abort-no-good-slave") > 0;
    assert.ok(cluster.clock.advanceUntil(isEnded, 10_000), cluster.timeline());
    const leader = cluster.sentinels.find(({ events }) =>
      events.some(({ name }) => name === "+elected-leader"),
    );
    assert.ok(leader);
    const ended = leader.events.find(({ name }) => name === "-failover-abort-no-good-slave");
    const masterBack = leader.events.find(
      ({ name, payload }) => name === "-sdown" && payload.startsWith("master "),
    );
    assert.ok(ended && masterBack, cluster.timeline());
    assert.equal(ended.atMs, masterBack.atMs);
    assert.ok(leader.logs.some((line) => line.includes("its master answers again")));
  });
});

describe("a master that others see again", () => {
  it("is not replaced by a leader that does not see it yet", () => {
    const cluster = new SimCluster({ failoverTimeoutMs: 20_000 });
    cluster.settle();
    cluster.clock.advance(5_000);
    const [master, ...replicas] = [...cluster.servers.values()];
    assert.ok(master);
    blipWithoutReplicas(cluster, [master, ...replicas]);
    const leader = cluster.sentinels.find((one) => masterOf(one).failover?.step === "select_slave");
    assert.ok(leader, cluster.timeline());
    // All is mended but the way from the leader to the master.
    cluster.network.heal();
    cluster.network.cut(leader.address, master.address);
    cluster.clock.advance(8_000);
    assert.equal(masterOf(leader).sdown, true);
    assert.deepEqual(masters(cluster), [master], cluster.timeline());
  });
});

function blipWithoutReplicas(cluster: SimCluster, servers: readonly SimRedis[]): void {
  for (const server of servers) {
    for (const sentinel of cluster.sentinels) cluster.network.cut(server.address, sentinel.address);
  }
  const isSelecting = () =>
    cluster.sentinels.some((one) => masterOf(one).failover?.step === "select_slave");
  cluster.clock.advanceUntil(isSelecting, 20_000);
  cluster.clock.advance(300);
}
