import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { masterOf, SimCluster } from "../sim/cluster.ts";
import type { SimRedis } from "../sim/redis.ts";

type Options = ConstructorParameters<typeof SimCluster>[0];

function settled(options: Options = {}): SimCluster {
  const cluster = new SimCluster({ failoverTimeoutMs: 180_000, ...options });
  cluster.settle();
  return cluster;
}

/** Clients that write and note what was taken. */
class Writers {
  #id = 0;

  write(server: SimRedis, count: number): number[] {
    const acked: number[] = [];
    for (let i = 0; i < count; i++) if (server.write(++this.#id)) acked.push(this.#id);
    return acked;
  }
}

function keptBy(server: SimRedis, ids: readonly number[]): number {
  const held = new Set(server.data);
  return ids.filter((id) => held.has(id)).length;
}

function servers(cluster: SimCluster, group = 0): SimRedis[] {
  return [...(cluster.groups[group]?.servers ?? [])];
}

function awaitSelection(cluster: SimCluster, limitMs: number): string {
  const since = cluster.clock.now;
  const found = () =>
    cluster.sentinels
      .flatMap(({ events }) => events)
      .find(({ name, atMs }) => name === "+selected-slave" && atMs > since);
  assert.ok(
    cluster.clock.advanceUntil(() => found() !== undefined, limitMs),
    cluster.timeline(),
  );
  return found()?.payload.split(" ")[1] ?? "";
}

describe("only heirs take over at once [D-HEIRS]", () => {
  it("not a replica of the old master, though it holds more: it went its own way", () => {
    const cluster = settled({ seed: 7, replicas: 3 });
    const [O, R1, R2, R3] = servers(cluster) as [SimRedis, SimRedis, SimRedis, SimRedis];
    const writers = new Writers();
    writers.write(O, 100);
    cluster.clock.advance(500);
    for (const a of [O, R2]) {
      for (const b of [R1, R3, ...cluster.sentinels]) cluster.network.cut(a.address, b.address);
    }
    cluster.clock.advance(20_000);
    const N = [R1, R3].find(({ role }) => role === "master") as SimRedis;
    const T = N === R1 ? R3 : R1;
    writers.write(O, 500);
    const acked = writers.write(N, 200);
    cluster.clock.advance(1_000);
    cluster.network.heal();
    // Else it would be told at once whom to follow, and its replica with it [D-RETURNING].
    for (const one of cluster.sentinels) cluster.network.cut(O.address, one.address);
    cluster.clock.advance(3_000);
    assert.ok(R2.offset > T.offset);
    cluster.network.kill(N);
    assert.equal(awaitSelection(cluster, 10_000), `${T.ip}:6379`);
    cluster.clock.advance(60_000);
    assert.equal(keptBy(T, acked), 200);
  });

  it("not an old master that went its own way and was put back, whatever its priority", () => {
    const cluster = settled({ seed: 7, replicas: 2 });
    const [O, R1, R2] = servers(cluster) as [SimRedis, SimRedis, SimRedis];
    const writers = new Writers();
    writers.write(O, 100);
    cluster.clock.advance(500);
    for (const b of [R1, R2, ...cluster.sentinels]) cluster.network.cut(O.address, b.address);
    cluster.clock.advance(20_000);
    const N = [R1, R2].find(({ role }) => role === "master") as SimRedis;
    const T = N === R1 ? R2 : R1;
    writers.write(O, 500);
    writers.write(N, 200);
    O.priority = 1;
    cluster.clock.advance(12_000);
    cluster.network.heal();
    cluster.network.cut(O.address, N.address);
    assert.ok(
      cluster.clock.advanceUntil(() => O.master === N, 30_000),
      cluster.timeline(),
    );
    cluster.clock.advance(2_000);
    assert.equal(O.offset, 600);
    cluster.network.kill(N);
    assert.equal(awaitSelection(cluster, 10_000), `${T.ip}:6379`);
  });

  it("not a replica that was moved to another group's master, whatever it holds", () => {
    const cluster = settled({ seed: 4, masters: 2 });
    const [A, A1, A2] = servers(cluster) as [SimRedis, SimRedis, SimRedis];
    const [B] = servers(cluster, 1) as [SimRedis];
    const writers = new Writers();
    writers.write(A, 300);
    writers.write(B, 900);
    cluster.clock.advance(1_000);
    A2.follow(B);
    cluster.clock.advance(15_000);
    cluster.network.kill(A);
    assert.equal(awaitSelection(cluster, 10_000), `${A1.ip}:6379`);
  });

  it("nor ever, if it is the only one left: it holds another's data", () => {
    const cluster = settled({ seed: 4, masters: 2, replicas: 1, failoverTimeoutMs: 20_000 });
    const [A, A1] = servers(cluster) as [SimRedis, SimRedis];
    const [B] = servers(cluster, 1) as [SimRedis];
    new Writers().write(B, 900);
    A1.follow(B);
    cluster.clock.advance(12_000);
    cluster.network.kill(A);
    cluster.clock.advance(120_000);
    assert.equal(A1.role, "slave");
    assert.equal(A1.master, B);
    const promoted = cluster.sentinels.flatMap(({ events }) =>
      events.filter(({ name }) => name === "+promoted-slave"),
    );
    assert.deepEqual(promoted, []);
    const logs = cluster.sentinels.flatMap((one) => one.logs);
    assert.ok(logs.some((line) => line.includes("it holds the data of another master")));
  });

  it("a detached replica lacks what the others hold, also when it was detached just before", () => {
    for (const detachedMs of [1_000, 4_000, 8_000]) {
      for (let seed = 1; seed <= 10; seed++) {
        const cluster = settled({ seed, downAfterMs: 1_000, maxLatencyMs: 5 });
        cluster.clock.advance(20_000 + seed * 251);
        const [M, R1, R2] = servers(cluster) as [SimRedis, SimRedis, SimRedis];
        const writers = new Writers();
        writers.write(M, 100);
        cluster.clock.advance(200);
        R2.follow(null);
        const acked: number[] = [];
        for (const end = cluster.clock.now + detachedMs; cluster.clock.now < end; ) {
          acked.push(...writers.write(M, 1));
          cluster.clock.advance(20);
        }
        cluster.clock.advance(150);
        cluster.network.kill(M);
        assert.equal(cluster.awaitNewMaster(M, 60_000), R1, `seed ${seed}`);
        assert.equal(keptBy(R1, acked), acked.length);
      }
    }
  });

  it("a replica that a dead leader promoted is kept: nobody holds more [D-PROMOTED]", () => {
    const cluster = settled({ seed: 2, sentinels: 5, quorum: 2 });
    const [M] = servers(cluster) as [SimRedis];
    for (const one of cluster.sentinels)
      one.ask("SENTINEL", "SIMULATE-FAILURE", "crash-after-promotion");
    cluster.network.kill(M);
    const isDead = () => cluster.sentinels.some(({ isRunning }) => !isRunning);
    assert.ok(cluster.clock.advanceUntil(isDead, 20_000));
    for (const one of cluster.running) one.ask("SENTINEL", "SIMULATE-FAILURE", "help");
    const promoted = servers(cluster).find((one) => one.isRunning && one.role === "master");
    assert.ok(promoted);
    assert.equal(cluster.awaitNewMaster(M, 60_000), promoted);
  });
});

describe("who holds nothing", () => {
  it("a replica that never finished a sync loses to one that holds the data, whatever its priority", () => {
    const cluster = settled({ seed: 3, replicas: 2, downAfterMs: 5_000 });
    const [M, R1, R2] = servers(cluster) as [SimRedis, SimRedis, SimRedis];
    new Writers().write(M, 1_000);
    cluster.clock.advance(15_000);
    emptied(cluster, M, R1);
    R1.priority = 1;
    cluster.clock.advance(12_000);
    cluster.network.kill(M);
    assert.equal(awaitSelection(cluster, 10_000), `${R2.ip}:6379`);
  });

  it("it waits for the master, and is put in its place when that is back", () => {
    const cluster = settled({ seed: 3, replicas: 1, downAfterMs: 5_000 });
    const [M, R] = servers(cluster) as [SimRedis, SimRedis];
    new Writers().write(M, 1_000);
    cluster.clock.advance(500);
    emptied(cluster, M, R);
    cluster.clock.advance(3_000);
    cluster.network.kill(M);
    cluster.clock.advance(30_000);
    assert.equal(R.role, "slave");
    cluster.network.heal();
    M.restart();
    cluster.clock.advance(20_000);
    assert.equal(M.role, "master");
    assert.equal(M.data.length, 1_000);
    assert.equal(R.data.length, 1_000);
  });

  it("a replica that dropped its data for a full sync that its master's death broke counts as empty", () => {
    const cluster = settled({ seed: 3, replicas: 2, downAfterMs: 5_000 });
    const [M, R1, R2] = servers(cluster) as [SimRedis, SimRedis, SimRedis];
    new Writers().write(M, 1_000);
    cluster.clock.advance(15_000);
    R1.priority = 1;
    R1.syncTerms = { delayMs: 0, transferMs: 4_000, isDropping: true, isForced: true };
    R1.loseLink();
    cluster.clock.advance(3_000);
    cluster.network.kill(M);
    assert.equal(R1.data.length, 0);
    assert.equal(awaitSelection(cluster, 10_000), `${R2.ip}:6379`);
  });

  it("an empty server that was restarted does not win by what it held before", () => {
    const cluster = settled({ seed: 5 });
    const [O] = servers(cluster) as [SimRedis];
    const writers = new Writers();
    writers.write(O, 1_000);
    cluster.clock.advance(20_000);
    cluster.network.kill(O);
    const N = cluster.awaitNewMaster(O, 15_000);
    const E = servers(cluster).find((one) => one !== O && one !== N) as SimRedis;
    writers.write(N, 10);
    cluster.clock.advance(25_000);
    cluster.network.kill(N);
    cluster.network.kill(E);
    E.restartEmpty();
    O.restart();
    cluster.clock.advance(40_000);
    assert.equal(O.role, "master", cluster.timeline());
    assert.equal(O.data.length, 1_000);
  });

  it("what a server held before it was restarted is forgotten, also if it tells no history", () => {
    const cluster = settled({ seed: 5 });
    const [M, R] = servers(cluster) as [SimRedis, SimRedis];
    for (const server of servers(cluster)) server.tellsHistory = false;
    new Writers().write(M, 1_000);
    cluster.clock.advance(12_000);
    const record = () => masterOf(cluster.sentinel(0)).replicas.get(`${R.ip}:6379`);
    assert.equal(record()?.replOffset, 1_000n);
    cluster.network.kill(R);
    R.restartEmpty();
    cluster.clock.advance(5_000);
    assert.equal(record()?.roleReported, "master");
    assert.equal(record()?.replOffset, 0n);
  });

  it("a stale old master that is up first does not wipe one that still loads its data", () => {
    const cluster = settled({ seed: 6, replicas: 1 });
    const [O, N] = servers(cluster) as [SimRedis, SimRedis];
    const writers = new Writers();
    writers.write(O, 10);
    cluster.clock.advance(1_000);
    cluster.network.kill(O);
    assert.equal(cluster.awaitNewMaster(O, 10_000), N);
    const acked = writers.write(N, 100);
    // The power fails, and the old one is up first.
    cluster.network.kill(N);
    cluster.clock.advance(3_000);
    O.restart();
    cluster.clock.advance(4_000);
    N.restart();
    N.loadingUntil = cluster.clock.now + 60_000;
    cluster.clock.advance(90_000);
    assert.equal(N.role, "master", cluster.timeline());
    assert.equal(keptBy(N, acked), 100);
    assert.equal(O.master, N);
  });

  it("nor does it take over from a replica that loads what it had from the master", () => {
    const cluster = settled({ seed: 6, replicas: 2 });
    const [O] = servers(cluster) as [SimRedis];
    const writers = new Writers();
    writers.write(O, 10);
    cluster.clock.advance(1_000);
    cluster.network.kill(O);
    const N = cluster.awaitNewMaster(O, 10_000);
    const T = servers(cluster).find((one) => one !== O && one !== N) as SimRedis;
    const acked = writers.write(N, 100);
    cluster.clock.advance(1_000);
    cluster.network.kill(N);
    cluster.network.kill(T);
    cluster.clock.advance(1_000);
    T.restart();
    T.loadingUntil = cluster.clock.now + 40_000;
    O.restart();
    cluster.clock.advance(80_000);
    assert.equal(T.role, "master", cluster.timeline());
    assert.equal(keptBy(T, acked), 100);
  });
});

function emptied(cluster: SimCluster, M: SimRedis, R: SimRedis): void {
  cluster.network.kill(R);
  cluster.clock.advance(1_000);
  R.restartEmpty();
  R.follow(M);
  cluster.network.cut(R.address, M.address);
}

describe("what never makes a fit replica unfit", () => {
  const kills = (options: Options, prepare: (cluster: SimCluster) => void) => {
    for (let seed = 1; seed <= 50; seed++) {
      const cluster = settled({ seed, downAfterMs: 2_000, ...options });
      const [M] = servers(cluster) as [SimRedis];
      const writers = new Writers();
      writers.write(M, 50);
      cluster.clock.advance(300);
      prepare(cluster);
      const killedAt = cluster.clock.now;
      cluster.network.kill(M);
      const N = cluster.awaitNewMaster(M, 30_000);
      assert.ok(cluster.clock.now - killedAt < 2_600, `seed ${seed}\n${cluster.timeline()}`);
      assert.ok(N.data.length >= 50 || options?.masters === 2, `seed ${seed}`);
    }
  };

  it("fifty ordinary kills", () => kills({}, (cluster) => cluster.clock.advance(12_000)));

  it("fifty kills right after the start", () => kills({}, () => undefined));

  it("fifty kills after the master restarted with its data, within down-after", () => {
    kills({}, (cluster) => {
      const M = cluster.server(0);
      cluster.network.kill(M);
      cluster.clock.advance(400);
      M.restart();
      cluster.clock.advance(100 + 150 * (cluster.options.seed % 20));
    });
  });

  it("fifty kills of servers that tell no history, as old ones and other makes", () => {
    kills({}, (cluster) => {
      for (const server of cluster.servers.values()) server.tellsHistory = false;
      cluster.clock.advance(12_000);
    });
  });

  it("fifty kills after all Sentinels were started anew and never heard of a history", () => {
    kills({}, (cluster) => {
      for (const sentinel of cluster.sentinels) {
        sentinel.crash();
        sentinel.start();
      }
      cluster.clock.advance(1_000);
    });
  });

  it("a restore of the master from a backup that none of its replicas has yet", () => {
    kills({}, (cluster) => {
      const M = cluster.server(0);
      cluster.network.kill(M);
      cluster.clock.advance(400);
      M.restartEmpty();
      M.data = Array.from({ length: 50 }, (_, index) => 10_000 + index);
      cluster.clock.advance(1_000);
    });
  });
});

describe("a replica behind another address than we know", () => {
  it("is an heir by the name of its data: its master_host is ours as it sees it", () => {
    const cluster = settled();
    const [M, R1] = servers(cluster) as [SimRedis, SimRedis];
    new Writers().write(M, 10);
    cluster.clock.advance(12_000);
    for (const sentinel of cluster.sentinels) {
      const replica = masterOf(sentinel).replicas.get(`${R1.ip}:6379`);
      assert.equal(replica?.hasHeldOurs, true);
    }
    for (const R of servers(cluster).slice(1)) R.shownMaster = { host: "172.17.0.2", port: 6379 };
    cluster.clock.advance(12_000);
    const killedAt = cluster.clock.now;
    cluster.network.kill(M);
    awaitSelection(cluster, 10_000);
    assert.ok(cluster.clock.now - killedAt < 2_600, cluster.timeline());
  });
});
