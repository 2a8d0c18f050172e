import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { masterOf, SimCluster } from "../sim/cluster.ts";
import type { SimRedis } from "../sim/redis.ts";
import type { SimSentinel } from "../sim/sentinel-process.ts";

const names = (sentinel: SimSentinel) => sentinel.events.map(({ name }) => name);

function settled(options: ConstructorParameters<typeof SimCluster>[0] = {}): SimCluster {
  const cluster = new SimCluster(options);
  cluster.settle();
  return cluster;
}

function leaderOf(cluster: SimCluster): SimSentinel {
  const leader = cluster.sentinels.find((sentinel) => names(sentinel).includes("+elected-leader"));
  assert.ok(leader, cluster.timeline());
  return leader;
}

function others(cluster: SimCluster, ...without: SimRedis[]): SimRedis[] {
  return [...cluster.servers.values()].filter((server) => !without.includes(server));
}

describe("failover of a killed master", () => {
  it("ends with one master that all Sentinels name, and the replicas follow it", () => {
    const cluster = settled({ replicas: 3 });
    const old = cluster.server(0);
    cluster.network.kill(old);
    const master = cluster.awaitNewMaster(old, 10_000);
    for (const server of others(cluster, old, master)) assert.equal(server.master, master);
    const epochs = cluster.sentinels.map((sentinel) => masterOf(sentinel).configEpoch);
    assert.deepEqual(epochs, [1n, 1n, 1n]);
  });

  it("tells the leader's events in the order of a real Sentinel", () => {
    const cluster = settled();
    cluster.network.kill(cluster.server(0));
    cluster.awaitNewMaster(cluster.server(0), 10_000);
    const told = names(leaderOf(cluster));
    assert.deepEqual(told.slice(told.indexOf("+sdown")), [
      ...["+sdown", "+odown", "+new-epoch", "+try-failover", "+vote-for-leader"],
      ...["+elected-leader", "+failover-state-select-slave", "+selected-slave"],
      ...["+failover-state-send-slaveof-noone", "+failover-state-wait-promotion"],
      ...["-role-change", "+promoted-slave", "+failover-state-reconf-slaves"],
      ...["+slave-reconf-sent", "+slave-reconf-inprog", "+slave-reconf-done"],
      ...["+failover-end", "+switch-master", "+slave", "+slave"],
    ]);
  });

  it("takes less than 40 ms from the quorum's SDOWN on a network of 1 ms", () => {
    const cluster = settled();
    cluster.network.kill(cluster.server(0));
    cluster.awaitNewMaster(cluster.server(0), 10_000);
    const [, second] = cluster.sentinels
      .flatMap(({ events }) => events.filter(({ name }) => name === "+sdown"))
      .map(({ atMs }) => atMs)
      .sort((a, b) => a - b);
    assert.ok(second !== undefined && cluster.clock.now - second < 40, cluster.timeline());
  });

  it("fails over a master that hangs, and takes it back as a replica when it goes on", () => {
    const cluster = settled();
    const old = cluster.server(0);
    old.isStopped = true;
    const master = cluster.awaitNewMaster(old, 10_000);
    old.isStopped = false;
    assert.ok(
      cluster.clock.advanceUntil(() => old.master === master, 60_000),
      cluster.timeline(),
    );
  });

  it("makes a returning old master a replica, but without evidence not before 8 s of its report", () => {
    const cluster = settled();
    const old = cluster.server(0);
    cluster.network.kill(old);
    const master = cluster.awaitNewMaster(old, 10_000);
    old.tellsHistory = false;
    cluster.sentinel(2).crash();
    cluster.clock.advance(6_000);
    old.restart();
    const restartedAt = cluster.clock.now;
    assert.ok(cluster.clock.advanceUntil(() => old.role === "slave", 60_000));
    assert.equal(old.master, master);
    assert.ok(cluster.clock.now - restartedAt > 8_000);
    const when = (wanted: string) =>
      cluster.sentinels
        .flatMap(({ events }) => events)
        .filter(({ name, payload }) => name === wanted && payload.includes(`${old.address} `))
        .map(({ atMs }) => atMs);
    // It is asked for the INFO that allows it just when eight seconds are over.
    const waitedMs = Math.min(...when("+convert-to-slave")) - Math.min(...when("-role-change"));
    assert.ok(waitedMs > 8_000 && waitedMs < 8_100, `${waitedMs} ms`);
  });

  it("promotes the replica with the smallest priority, then the largest offset", () => {
    for (const [priorities, offsets, expected] of [
      [[100, 10, 50], [5, 1, 5], 2],
      [[100, 100, 100], [5, 9, 7], 2],
      [[0, 100, 0], [9, 1, 9], 2],
    ] as const) {
      const cluster = settled({ replicas: 3 });
      cluster.network.kill(cluster.server(0));
      for (const index of [0, 1, 2]) {
        cluster.server(index + 1).priority = priorities[index] ?? 100;
        cluster.server(index + 1).data = new Array<number>(offsets[index] ?? 0).fill(1);
      }
      const master = cluster.awaitNewMaster(cluster.server(0), 10_000);
      assert.equal(master, cluster.server(expected));
    }
  });

  it("reconfigures no more replicas at once than parallel-syncs", () => {
    const cluster = settled({ replicas: 5, parallelSyncs: 2 });
    cluster.network.kill(cluster.server(0));
    let most = 0;
    const busy = (sentinel: SimSentinel) =>
      [...masterOf(sentinel).replicas.values()].filter(
        ({ reconf }) => reconf === "sent" || reconf === "inprog",
      ).length;
    cluster.clock.advanceUntil(() => {
      most = Math.max(most, ...cluster.sentinels.map(busy));
      return names(cluster.sentinel(0)).includes("+switch-master");
    }, 10_000);
    assert.equal(most, 2);
  });
});

describe("election", () => {
  it("never takes place in a minority", () => {
    const cluster = settled({ quorum: 1 });
    cluster.sentinel(1).crash();
    cluster.sentinel(2).crash();
    cluster.network.kill(cluster.server(0));
    cluster.clock.advance(60_000);
    const told = names(cluster.sentinel(0));
    assert.ok(told.includes("+try-failover"));
    assert.ok(told.includes("-failover-abort-not-elected"));
    assert.ok(!told.includes("+elected-leader"));
  });

  it("retries an attempt that was not elected only after twice the failover timeout", () => {
    const cluster = settled({ quorum: 1, failoverTimeoutMs: 5_000 });
    cluster.sentinel(1).crash();
    cluster.sentinel(2).crash();
    cluster.network.kill(cluster.server(0));
    cluster.clock.advance(40_000);
    const attempts = cluster.sentinel(0).events.filter(({ name }) => name === "+try-failover");
    const gaps = attempts.slice(1).map(({ atMs }, i) => atMs - (attempts[i]?.atMs ?? 0));
    assert.ok(attempts.length >= 2);
    for (const gap of gaps) assert.ok(gap >= 10_000 && gap < 11_200, `${gap}`);
  });

  it("retries soon when the votes are split and the last voter is silent", () => {
    const cluster = settled({ failoverTimeoutMs: 60_000 });
    const [candidate, voter, silent] = [0, 1, 2].map((index) => cluster.sentinel(index));
    assert.ok(candidate && voter && silent);
    silent.crash();
    cluster.network.kill(cluster.server(0));
    // As late as this, so that no hello tells the candidate of the epoch before it stands in it.
    cluster.clock.advanceUntil(() => masterOf(candidate).sdown, 10_000);
    voter.ask("SENTINEL", "is-master-down-by-addr", "10.0.0.1", "6379", "1", "f".repeat(40));
    cluster.awaitNewMaster(cluster.server(0), 10_000);
    const told = names(candidate);
    assert.equal(told.filter((name) => name === "+try-failover").length, 2, cluster.timeline());
  });

  it("gives one vote per epoch, also across a crash", () => {
    const cluster = settled();
    const voter = cluster.sentinel(0);
    const [a, b] = ["a".repeat(40), "b".repeat(40)];
    const ask = (candidate: string) =>
      voter.ask("SENTINEL", "is-master-down-by-addr", "10.0.0.1", "6379", "7", candidate);
    assert.match(JSON.stringify(text(ask(a))), /a{40}.*7/);
    assert.match(JSON.stringify(text(ask(b))), /a{40}.*7/);
    voter.crash();
    voter.start();
    assert.deepEqual(text(ask(b)), [0, "*", 7]);
  });

  it("gives no vote that cannot be saved, and the same one once it can [D-NO-DISK-NO-VOTE]", () => {
    const cluster = settled();
    const voter = cluster.sentinel(0);
    const ask = (candidate: string) =>
      text(voter.ask("SENTINEL", "is-master-down-by-addr", "10.0.0.1", "6379", "3", candidate));
    voter.disk.isFull = true;
    assert.deepEqual(ask("a".repeat(40)), [0, "*", 0]);
    assert.equal(voter.disk.load().masters[0]?.leaderEpoch, 0n);
    voter.disk.isFull = false;
    assert.deepEqual(ask("b".repeat(40)), [0, "a".repeat(40), 3]);
    assert.equal(voter.disk.load().masters[0]?.leaderEpoch, 3n);
  });

  it("asks nobody for a vote before its own is on disk", () => {
    const cluster = settled();
    const [candidate, ...peers] = cluster.sentinels;
    assert.ok(candidate);
    candidate.disk.isFull = true;
    const asked: (readonly string[])[] = [];
    candidate.onSend = (_to, args) => {
      if (args[1] === "is-master-down-by-addr") asked.push(args);
    };
    for (const peer of peers) peer.isStopped = true;
    cluster.network.kill(cluster.server(0));
    cluster.clock.advance(2_500);
    for (const peer of peers) peer.isStopped = false;
    cluster.clock.advance(1_000);
    assert.ok(asked.length > 0);
    assert.ok(asked.every((args) => args[5] === "*"));
  });

  it("counts only votes of its own epoch [D-EPOCH]", () => {
    const cluster = settled({ quorum: 3 });
    const candidate = cluster.sentinel(0);
    for (const peer of cluster.sentinels.slice(1)) peer.isStopped = true;
    const master = masterOf(candidate);
    master.failover = null;
    candidate.ask("SENTINEL", "failover", "mymaster");
    const failover = master.failover as { epoch: bigint; forced: boolean; step: string } | null;
    assert.ok(failover);
    failover.forced = false;
    failover.step = "wait_start";
    for (const peer of master.sentinels.values()) {
      peer.leader = candidate.core.state.myId;
      peer.leaderEpoch = failover.epoch + 1n;
    }
    candidate.step({ type: "tick" });
    assert.equal(failover.step, "wait_start");
  });
});

describe("SENTINEL FAILOVER", () => {
  it("promotes a replica of a healthy master without asking anybody", () => {
    const cluster = settled();
    const old = cluster.server(0);
    assert.deepEqual(cluster.sentinel(1).ask("SENTINEL", "FAILOVER", "mymaster"), {
      type: "status",
      text: "OK",
    });
    const master = cluster.awaitNewMaster(old, 10_000);
    assert.notEqual(master, old);
    assert.ok(cluster.clock.advanceUntil(() => old.master === master, 30_000));
  });

  it("refuses a second one, and one without a fit replica", () => {
    const cluster = settled({ replicas: 1 });
    cluster.sentinel(0).ask("SENTINEL", "FAILOVER", "mymaster");
    assert.deepEqual(cluster.sentinel(0).ask("SENTINEL", "FAILOVER", "mymaster"), {
      type: "error",
      text: "INPROG Failover already in progress",
    });
    const other = settled({ replicas: 1 });
    other.server(1).priority = 0;
    other.clock.advance(11_000);
    assert.deepEqual(other.sentinel(0).ask("SENTINEL", "FAILOVER", "mymaster"), {
      type: "error",
      text: "NOGOODSLAVE No suitable replica to promote",
    });
  });
});

describe("a promoted replica that dies while the others are reconfigured", () => {
  it("does not hold the leader for ever [D-STUCK-LEADER]", () => {
    const cluster = settled({ replicas: 2, failoverTimeoutMs: 10_000 });
    cluster.network.kill(cluster.server(0));
    const promoted = () => others(cluster, cluster.server(0)).find(({ role }) => role === "master");
    assert.ok(cluster.clock.advanceUntil(() => promoted() !== undefined, 10_000));
    const first = promoted();
    assert.ok(first);
    cluster.network.kill(first);
    const second = cluster.awaitNewMaster(first, 120_000);
    assert.ok(second.isRunning);
  });
});

function text(reply: ReturnType<SimSentinel["ask"]>): unknown {
  if (reply.type === "array") return reply.items.map(text);
  if (reply.type === "integer") return Number(reply.value);
  return "text" in reply ? reply.text : reply.type;
}
