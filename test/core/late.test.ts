import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bulk, type Reply } from "../../src/base/reply.ts";
import { isAt, masterOf, SimCluster } from "../sim/cluster.ts";
import type { SimRedis } from "../sim/redis.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER } from "./harness.ts";

type Options = ConstructorParameters<typeof SimCluster>[0];

function settled(options: Options = {}): { cluster: SimCluster; servers: SimRedis[] } {
  const cluster = new SimCluster({ downAfterMs: 1_000, failoverTimeoutMs: 180_000, ...options });
  cluster.settle();
  const servers = [...cluster.servers.values()];
  for (let id = 1; id <= 50; id++) servers[0]?.write(id);
  cluster.clock.advance(12_000);
  return { cluster, servers };
}

function masterAgreed(cluster: SimCluster): SimRedis | undefined {
  const masters = [...cluster.servers.values()].filter(
    (one) => one.isRunning && one.role === "master",
  );
  const [master] = masters;
  return master && masters.length === 1 && cluster.agreesOn(master) ? master : undefined;
}

/** How long until there is one master that all name. */
function agreementMs(cluster: SimCluster, limitMs: number): number {
  const since = cluster.clock.now;
  const isAgreed = () => masterAgreed(cluster) !== undefined;
  assert.ok(cluster.clock.pollUntil(isAgreed, 50, limitMs), cluster.timeline());
  return cluster.clock.now - since;
}

function told(cluster: SimCluster, wanted: string): number {
  return cluster.sentinels.flatMap(({ events }) => events.filter(({ name }) => name === wanted))
    .length;
}

/** Within down-after the master comes back as the replica of its own replica. */
function makeRing(cluster: SimCluster, [M, R1]: readonly SimRedis[]): void {
  assert.ok(M && R1);
  cluster.network.kill(M);
  cluster.clock.advance(300);
  M.follow(R1);
  M.restart();
}

describe("a ring of replicas without a master [D-RING]", () => {
  for (const downAfterMs of [1_000, 5_000]) {
    it(`ends with one master within down-after and some seconds: ${downAfterMs}`, () => {
      const { cluster, servers } = settled({ downAfterMs });
      makeRing(cluster, servers);
      const tookMs = agreementMs(cluster, 60_000);
      assert.ok(tookMs < downAfterMs + 3_000, `${tookMs} ms\n${cluster.timeline()}`);
      assert.equal(masterAgreed(cluster)?.data.length, 50);
    });
  }

  it("is ended by SENTINEL FAILOVER", () => {
    const { cluster, servers } = settled({ downAfterMs: 30_000 });
    makeRing(cluster, servers);
    cluster.clock.advance(12_000);
    assert.deepEqual(cluster.sentinel(0).ask("SENTINEL", "FAILOVER", "mymaster"), {
      type: "status",
      text: "OK",
    });
    assert.ok(agreementMs(cluster, 10_000) < 3_000);
  });

  it("is found also by Sentinels that start when it is hours old", () => {
    const { cluster, servers } = settled();
    for (const one of cluster.sentinels) one.crash();
    makeRing(cluster, servers);
    cluster.clock.advance(4 * 3_600_000);
    for (const one of cluster.sentinels) one.start();
    assert.ok(agreementMs(cluster, 60_000) < 6_000, cluster.timeline());
  });
});

describe("how long a replica was without its master [D-AGE]", () => {
  it("counts from when the master was last known alive, not from when a Sentinel first looked", () => {
    const { cluster, servers } = settled();
    for (const one of cluster.sentinels) one.crash();
    cluster.network.kill(servers[0] as SimRedis);
    cluster.clock.advance(3_600_000);
    for (const one of cluster.sentinels) one.start();
    assert.ok(agreementMs(cluster, 60_000) < 3_000, cluster.timeline());
    assert.equal(masterAgreed(cluster)?.data.length, 50);
  });

  it("that lost it long before another did is too old, whatever its priority", () => {
    const { cluster, servers } = settled();
    const [M, R1, R2] = servers as [SimRedis, SimRedis, SimRedis];
    R1.priority = 1;
    cluster.network.cut(R1.address, M.address);
    M.write(51);
    cluster.clock.advance(60_000);
    for (const one of cluster.sentinels) one.crash();
    cluster.network.kill(M);
    cluster.clock.advance(30_000);
    for (const one of cluster.sentinels) one.start();
    agreementMs(cluster, 60_000);
    assert.equal(masterAgreed(cluster), R2);
  });

  it("does not matter for one that holds as much, under the same name, as those that had it longer", () => {
    for (const more of [50, 0]) {
      const { cluster, servers } = settled();
      const [M, R1, R2] = servers as [SimRedis, SimRedis, SimRedis];
      R2.lagRounds = 1_000_000;
      for (let id = 100; id < 100 + more; id++) M.write(id);
      cluster.clock.advance(200);
      R1.priority = 1;
      cluster.network.cut(R1.address, M.address);
      cluster.clock.advance(30_000);
      cluster.network.kill(M);
      agreementMs(cluster, 60_000);
      assert.equal(masterAgreed(cluster), R1, `${R1.offset} and ${R2.offset}`);
      assert.ok(R1.offset >= R2.offset);
    }
  });

  it("matters for one that holds less than whoever is chosen without it, though more than another", () => {
    const { cluster, servers } = settled({ replicas: 3 });
    const [M, R1, R2, R3] = servers as [SimRedis, SimRedis, SimRedis, SimRedis];
    R2.lagRounds = 1_000_000;
    for (let id = 100; id < 120; id++) M.write(id);
    cluster.clock.advance(200);
    R1.priority = 1;
    cluster.network.cut(R1.address, M.address);
    for (let id = 120; id < 140; id++) M.write(id);
    cluster.clock.advance(30_000);
    assert.ok(R2.offset < R1.offset && R1.offset < R3.offset);
    cluster.network.kill(M);
    agreementMs(cluster, 60_000);
    assert.equal(masterAgreed(cluster), R3);
  });

  it("in seconds since 1970 means never, as Redis up to 6.2 says it", () => {
    const { cluster, servers } = settled();
    const [M, R1, R2] = servers as [SimRedis, SimRedis, SimRedis];
    for (const R of [R1, R2]) {
      R.isOld = true;
      cluster.network.kill(R);
    }
    cluster.network.kill(M);
    for (const R of [R1, R2]) R.restart();
    assert.ok(agreementMs(cluster, 60_000) < 4_000, cluster.timeline());
  });

  it("is asked of peers who saw the master alive, by a Sentinel that never did", () => {
    const sentinels = [{ host: "127.0.0.1", port: 26380, runId: PEER_ID }];
    const replicas = [{ host: "127.0.0.1", port: 6380 }];
    const masters = [{ ...PLAIN_MASTER, sentinels, replicas, quorum: 1, downAfterMs: 1_000 }];
    const lone = (aliveMsAgo: number, runId: string) => {
      const sentinel = new LoneSentinel({ masters });
      sentinel.live(8, (args, port) => answer(args, port, aliveMsAgo, runId));
      return sentinel.sent.includes("SLAVEOF NO ONE");
    };
    assert.equal(lone(2_000, "1".repeat(40)), false, "the peer saw it two seconds ago");
    assert.equal(lone(3_600_000, "1".repeat(40)), true, "nobody saw it later than the replica did");
    assert.equal(lone(2_000, ""), true, "the peer counts from its own start");
  });
});

/** A master that refuses connections, a replica that lost it an hour ago, a peer that votes. */
function answer(
  args: readonly string[],
  port: number,
  aliveMsAgo: number,
  runId: string,
): Reply | null {
  if (port === 6379) return null;
  if (args[1] === "is-master-down-by-addr") {
    const [, , , , epoch = "0", candidate = "*"] = args;
    const items = [
      { type: "integer", value: 1 },
      bulk(candidate),
      { type: "integer", value: Number(epoch) },
    ];
    return { type: "array", items: items as Reply[] };
  }
  if (args[1] === "MASTER") {
    const fields = { ip: "127.0.0.1", port: "6379", runid: runId, "role-reported": "master" };
    const all = { ...fields, "last-ok-ping-reply": `${aliveMsAgo}` };
    return { type: "array", items: Object.entries(all).flat().map(bulk) };
  }
  if (args[0] === "INFO" && port === 6380) {
    return bulk(
      `run_id:${"2".repeat(40)}\r\nrole:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:6379\r\n` +
        "master_link_status:down\r\nmaster_link_down_since_seconds:3600\r\n" +
        "slave_repl_offset:900\r\nslave_priority:100\r\n",
    );
  }
  return healthyMaster(args);
}

describe("a replica that is late", () => {
  it("is taken within about a second and a half, long after nobody was fit", () => {
    for (const failoverTimeoutMs of [10_000, 180_000]) {
      for (const lateMs of [20_000, 120_000, 300_000]) {
        const { cluster, servers } = settled({ replicas: 1, failoverTimeoutMs });
        const [M, R] = servers as [SimRedis, SimRedis];
        cluster.network.kill(R);
        cluster.clock.advance(100);
        cluster.network.kill(M);
        cluster.clock.advance(lateMs);
        R.restart();
        const tookMs = agreementMs(cluster, 60_000);
        assert.ok(tookMs < 3_000, `${failoverTimeoutMs}, ${lateMs}: ${tookMs} ms`);
      }
    }
  });

  it("with its INFO is waited for if it answers PING and may be the best [D-SLOW-INFO]", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { cluster, servers } = settled({ seed });
      const [M, R1, R2] = servers as [SimRedis, SimRedis, SimRedis];
      R2.lagRounds = 1_000_000;
      for (let id = 100; id < 150; id++) M.write(id);
      cluster.clock.advance(200);
      R1.infoTakesMs = 250;
      cluster.network.kill(M);
      const killedAt = cluster.clock.now;
      assert.equal(cluster.awaitNewMaster(M, 10_000), R1, `seed ${seed}`);
      assert.ok(cluster.clock.now - killedAt < 2_600);
      assert.ok(R2.offset <= R1.offset);
    }
  });

  it("with its connection is waited for if it spoke just now and may be the best", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { cluster, servers } = settled({ seed });
      const [M, R1, R2] = servers as [SimRedis, SimRedis, SimRedis];
      R2.lagRounds = 1_000_000;
      for (let id = 100; id < 150; id++) M.write(id);
      cluster.clock.advance(200);
      cluster.network.kill(M);
      const isUnderWay = () => cluster.sentinels.some((one) => masterOf(one).failover !== null);
      assert.ok(cluster.clock.advanceUntil(isUnderWay, 5_000));
      cluster.network.closeAllByHost(R1, () => true, "connection reset");
      assert.equal(cluster.awaitNewMaster(M, 10_000), R1, `seed ${seed}`);
    }
  });

  it("with its INFO for ever holds the others up for a second at most", () => {
    const { cluster, servers } = settled();
    const [M, R1, R2] = servers as [SimRedis, SimRedis, SimRedis];
    R1.infoTakesMs = 60_000;
    cluster.network.kill(M);
    const killedAt = cluster.clock.now;
    const isPromoted = () => R2.role === "master";
    assert.ok(cluster.clock.advanceUntil(isPromoted, 10_000), cluster.timeline());
    assert.ok(cluster.clock.now - killedAt < 2_200);
  });
});

describe("a whole cluster that restarts, its Sentinels first", () => {
  for (const gapMs of [0, 500, 3_000, 20_000]) {
    it(`keeps its master without a failover: servers ${gapMs} ms later, the master last`, () => {
      const { cluster, servers } = settled();
      for (const one of cluster.sentinels) one.crash();
      for (const server of servers) cluster.network.kill(server);
      for (const one of cluster.sentinels) one.start();
      cluster.clock.advance(gapMs);
      for (const server of [...servers].reverse()) {
        server.restart();
        cluster.clock.advance(150);
      }
      assert.ok(agreementMs(cluster, 30_000) < 2_500, cluster.timeline());
      assert.equal(masterAgreed(cluster), servers[0]);
      cluster.clock.advance(20_000);
      assert.equal(masterAgreed(cluster), servers[0]);
      assert.equal(told(cluster, "+promoted-slave"), 0);
    });
  }

  it("with the roles of its first start: the server that all follow is the master", () => {
    const { cluster, servers } = settled();
    const [S1] = servers as [SimRedis];
    cluster.network.kill(S1);
    const N = cluster.awaitNewMaster(S1, 20_000);
    S1.restart();
    cluster.clock.advance(20_000);
    assert.equal(S1.master, N);
    for (const server of servers) {
      cluster.network.kill(server);
      server.follow(server === S1 ? null : S1);
    }
    cluster.clock.advance(500);
    for (const server of servers) server.restart();
    assert.ok(agreementMs(cluster, 60_000) < 11_000, cluster.timeline());
    assert.equal(masterAgreed(cluster), S1);
    for (const one of cluster.sentinels) assert.ok(isAt(S1, masterOf(one).address));
  });
});
