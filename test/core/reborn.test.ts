import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_GUARDS, type Guards } from "../../src/core/guards.ts";
import { masterOf, SimCluster } from "../sim/cluster.ts";

const WRITES = 40;

/** A master with data that its two replicas have, and three Sentinels that look at it patiently. */
function settled({ seed = 1, cSentinels = 0, sentinels = 3 } = {}): SimCluster {
  const cluster = new SimCluster({ seed, sentinels, cSentinels, downAfterMs: 5_000 });
  cluster.settle();
  for (let id = 1; id <= WRITES; id++) cluster.server(0).write(id);
  cluster.clock.advance(12_000);
  // A full sync begins some seconds after it was asked for (repl-diskless-sync-delay).
  for (const index of [0, 1, 2]) cluster.server(index).syncTerms = { ...SLOW_SYNC };
  return cluster;
}

const SLOW_SYNC = { delayMs: 5_000, transferMs: 100, isDropping: false, isForced: false };

function guard(cluster: SimCluster, reborn: Guards["reborn"]): void {
  for (const { core } of cluster.sentinels)
    core.state.settings.guards = { ...DEFAULT_GUARDS, reborn };
}

/** What the guard said, one text for each Sentinel that said so. */
function verdicts({ sentinels }: SimCluster): string[] {
  return sentinels.flatMap(({ events }) =>
    events.filter(({ name }) => name === "+guard-reborn").map(({ payload }) => payload),
  );
}

function names(cluster: SimCluster): string[] {
  return cluster.sentinels.flatMap(({ events }) => events.map(({ name }) => name));
}

describe("a master that comes back without its data [D-REBORN]", () => {
  it("is replaced before its replicas drop theirs", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const cluster = settled({ seed });
      const old = cluster.server(0);
      cluster.network.kill(old);
      cluster.clock.advance(500);
      old.restartEmpty();
      const isReplaced = () => [1, 2].some((index) => cluster.server(index).role === "master");
      assert.ok(cluster.clock.advanceUntil(isReplaced, 1_000), cluster.timeline());
      const master = cluster.awaitNewMaster(old, 10_000);
      assert.equal(master.data.length, WRITES);
      assert.match(
        verdicts(cluster)[0] ?? "",
        /^master mymaster .* #empty, 10\.0\.0\.\d:6379 holds 40 keys$/,
      );
      assert.ok(cluster.clock.advanceUntil(() => old.master === master, 5_000));
      cluster.clock.advance(6_000);
      assert.equal(cluster.server(1).data.length, WRITES);
    }
  });

  it("or with less than a replica holds, which is not less than what follows from a restart", () => {
    const cluster = settled();
    const old = cluster.server(0);
    cluster.network.kill(old);
    cluster.clock.advance(500);
    old.restartOlder(3);
    const master = cluster.awaitNewMaster(old, 10_000);
    assert.equal(master.data.length, WRITES);
    assert.match(verdicts(cluster)[0] ?? "", / #behind, 10\.0\.0\.\d:6379 holds 3 bytes more$/);
  });

  it("is judged once it has loaded what it has", () => {
    const cluster = settled();
    const old = cluster.server(0);
    cluster.network.kill(old);
    cluster.clock.advance(500);
    old.restartEmpty();
    old.loadingUntil = cluster.clock.now + 4_000;
    cluster.clock.advance(3_900);
    assert.deepEqual(verdicts(cluster), []);
    const master = cluster.awaitNewMaster(old, 12_000);
    assert.equal(master.data.length, WRITES);
  });

  it("is only told of with 'warn', and not even that with 'off'", () => {
    for (const [mode, count] of [
      ["warn", 3],
      ["off", 0],
    ] as const) {
      const cluster = settled();
      guard(cluster, mode);
      const old = cluster.server(0);
      cluster.network.kill(old);
      cluster.clock.advance(500);
      old.restartEmpty();
      cluster.clock.advance(20_000);
      assert.equal(verdicts(cluster).length, count);
      assert.ok(!names(cluster).includes("+sdown"));
      assert.ok(cluster.agreesOn(old));
      assert.equal(masterOf(cluster.sentinel(0)).reborn, null);
    }
  });

  it("is held for down no longer than it helps, among C Sentinels that do not agree", () => {
    const cluster = settled({ sentinels: 1, cSentinels: 2 });
    const old = cluster.server(0);
    cluster.network.kill(old);
    cluster.clock.advance(500);
    old.restartEmpty();
    cluster.clock.advance(20_000);
    assert.equal(verdicts(cluster).length, 1);
    assert.ok(names(cluster).includes("-sdown"), cluster.timeline());
    assert.ok(!names(cluster).includes("+try-failover"));
    assert.ok(cluster.agreesOn(old));
  });

  it("is an operator's own matter while it is paused", () => {
    const cluster = settled();
    for (const one of cluster.sentinels) one.ask("SENTINEL", "PAUSE", "mymaster", "600");
    const old = cluster.server(0);
    cluster.network.kill(old);
    cluster.clock.advance(500);
    old.restartEmpty();
    cluster.clock.advance(20_000);
    assert.equal(verdicts(cluster).length, 3);
    assert.ok(!names(cluster).includes("+sdown"));
  });
});

describe("what is no verdict [D-REBORN]", () => {
  it("fifty restarts with all data, some of them while writes go on", () => {
    const cluster = settled();
    let id = WRITES;
    for (let round = 0; round < 50; round++) {
      const old = cluster.server(0);
      if (old.role === "slave") break;
      for (let count = 0; count < round % 3; count++) old.write(++id);
      cluster.network.kill(old);
      cluster.clock.advance(50 + 40 * (round % 20));
      old.restart();
      for (let count = 0; count < round % 2; count++) old.write(++id);
      cluster.clock.advance(6_000);
      assert.ok(cluster.agreesOn(old), `round ${round}\n${cluster.timeline()}`);
    }
    assert.deepEqual(verdicts(cluster), []);
  });

  it("FLUSHALL, after which it is the same process", () => {
    const cluster = settled();
    for (const index of [0, 1, 2]) cluster.server(index).data = [];
    cluster.clock.advance(20_000);
    assert.deepEqual(verdicts(cluster), []);
  });

  it("a master that never held anything", () => {
    const cluster = new SimCluster({ downAfterMs: 5_000 });
    cluster.settle();
    const old = cluster.server(0);
    cluster.network.kill(old);
    cluster.clock.advance(500);
    old.restartEmpty();
    cluster.clock.advance(20_000);
    assert.deepEqual(verdicts(cluster), []);
    assert.ok(cluster.agreesOn(old));
  });

  it("an empty one whose replicas are empty by now, too", () => {
    const cluster = settled();
    for (const index of [0, 1, 2])
      cluster.server(index).syncTerms = { ...SLOW_SYNC, delayMs: 0, transferMs: 0 };
    const old = cluster.server(0);
    const hosts = [...cluster.sentinels, old];
    cluster.network.kill(old);
    cluster.clock.advance(500);
    for (const one of hosts)
      for (const other of hosts) if (one !== other) cluster.network.cut(one.address, other.address);
    old.restartEmpty();
    cluster.clock.advance(2_000);
    cluster.network.heal();
    cluster.clock.advance(20_000);
    assert.deepEqual(verdicts(cluster), []);
  });
});
