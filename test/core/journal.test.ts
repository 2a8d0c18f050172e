import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FailoverRecord, Incident, Note } from "../../src/base/journal-entry.ts";
import { error } from "../../src/base/reply.ts";
import type { ClientId } from "../../src/core/input.ts";
import { MASTER_NAME, masterOf, SimCluster } from "../sim/cluster.ts";
import type { SimSentinel } from "../sim/sentinel-process.ts";
import { COORDINATED, FAILOVER, Stage } from "./coordinated-stage.ts";

const BY = { address: "10.0.0.9:51312", user: "ops" };

function settled(options: ConstructorParameters<typeof SimCluster>[0] = {}): SimCluster {
  const cluster = new SimCluster(options);
  cluster.settle();
  cluster.clock.advance(12_000);
  return cluster;
}

const failovers = ({ journal }: SimSentinel) => journal.filter(isFailover);
const isFailover = (one: Incident): one is FailoverRecord => one.type === "failover";
const notes = ({ journal }: SimSentinel) =>
  journal.filter((one): one is Note => one.type === "note");

/** The only one that it has written down. */
function only(sentinel: SimSentinel): FailoverRecord {
  const [first, ...more] = failovers(sentinel);
  assert.ok(first, sentinel.events.map(({ name }) => name).join(" "));
  assert.deepEqual(more, []);
  return first;
}

function leaderOf({ sentinels }: SimCluster): SimSentinel {
  const leader = sentinels.find(({ events }) =>
    events.some(({ name }) => name === "+elected-leader"),
  );
  assert.ok(leader);
  return leader;
}

/** What an operator says, with who it is. */
function order(sentinel: SimSentinel, ...args: string[]): void {
  sentinel.step({ type: "command", client: 99 as ClientId, args, by: BY });
}

/** Runs until it has one more entry. */
function awaitEntry(cluster: SimCluster, sentinel: SimSentinel, limitMs = 60_000): FailoverRecord {
  const before = failovers(sentinel).length;
  const isThere = () => failovers(sentinel).length > before;
  assert.ok(cluster.clock.advanceUntil(isThere, limitMs), cluster.timeline());
  const last = failovers(sentinel).at(-1);
  assert.ok(last);
  return last;
}

describe("the journal of a failover [JOURNAL-FILE]", () => {
  it("tells the whole of one of a dead master, to its leader", () => {
    const cluster = settled({ replicas: 2, downAfterMs: 5_000 });
    const old = cluster.server(0);
    for (let id = 1; id <= 40; id++) old.write(id);
    cluster.clock.advance(10_000);
    cluster.server(2).priority = 0;
    cluster.clock.advance(10_500);
    cluster.network.kill(old);
    const master = cluster.awaitNewMaster(old, 10_000);
    const leader = leaderOf(cluster);
    const entry = only(leader);
    assert.equal(entry.result, "done");
    assert.equal(entry.kind, "down");
    assert.match(entry.reason ?? "", /^no answer to PING/);
    assert.equal(entry.ending, null);
    assert.equal(entry.by, null);
    assert.deepEqual(entry.from, { host: old.host, port: 6379 });
    assert.deepEqual(entry.to, { host: master.host, port: 6379 });
    assert.equal(entry.leader, leader.core.state.myId);
    assert.deepEqual([entry.epoch, entry.attempt, entry.votesNeeded], ["1", 1, 2]);
    const { sdown, odown, tried, elected, selected, promoted, followed, switched } = entry.phases;
    const steps = [sdown, odown, tried, elected, selected, promoted, followed, switched];
    assert.ok(
      steps.every((at, i) => at !== null && at >= (steps[i - 1] ?? 0)),
      JSON.stringify(entry.phases),
    );
    assert.ok((sdown ?? 0) >= 5_000 && (sdown ?? 0) < 5_600, `${sdown}`);
    assert.equal(entry.tookMs, switched);
    const ids = cluster.sentinels.map(({ core }) => core.state.myId);
    assert.ok(entry.votes.length >= 2);
    for (const { sentinel, leader: votedFor } of entry.votes) {
      assert.ok(ids.includes(sentinel));
      assert.equal(votedFor, entry.leader);
    }
    assert.deepEqual(entry.candidates, [
      { host: master.host, port: 6379, verdict: "chosen", reason: null },
      { host: cluster.server(2).host, port: 6379, verdict: "unfit", reason: "its priority is 0" },
    ]);
    assert.equal(entry.lacked?.bytes, 0);
    assert.ok((entry.lacked?.seenMs ?? 0) > 5_000);
  });

  it("says how much the new master lacked of what was seen of the old one", () => {
    const cluster = settled({ replicas: 1, downAfterMs: 5_000 });
    const old = cluster.server(0);
    cluster.server(1).lagRounds = 100_000;
    for (let id = 1; id <= 30; id++) old.write(id);
    cluster.clock.advance(11_000);
    cluster.network.kill(old);
    cluster.awaitNewMaster(old, 10_000);
    assert.equal(only(leaderOf(cluster)).lacked?.bytes, 30);
  });

  it("tells the others whom they followed, and when", () => {
    const cluster = settled({ downAfterMs: 5_000 });
    const old = cluster.server(0);
    cluster.network.kill(old);
    const master = cluster.awaitNewMaster(old, 10_000);
    const leader = leaderOf(cluster);
    for (const one of cluster.sentinels.filter((each) => each !== leader)) {
      const entry = only(one);
      assert.equal(entry.kind, "followed");
      assert.equal(entry.result, "done");
      assert.equal(entry.leader, leader.core.state.myId);
      assert.deepEqual(entry.from, { host: old.host, port: 6379 });
      assert.deepEqual(entry.to, { host: master.host, port: 6379 });
      assert.ok((entry.phases.switched ?? 0) > 5_000);
      assert.equal(entry.phases.promoted, null);
    }
  });

  it("names who asked for one, and for what", () => {
    const cluster = settled();
    const [leader] = cluster.sentinels;
    assert.ok(leader);
    order(leader, ...FAILOVER);
    cluster.awaitNewMaster(cluster.server(0), 10_000);
    const entry = only(leader);
    assert.deepEqual([entry.kind, entry.result, entry.reason], ["forced", "done", null]);
    assert.deepEqual(entry.by, BY);
    assert.deepEqual([entry.phases.sdown, entry.phases.odown, entry.phases.tried], [null, null, 0]);
  });

  it("shows that a planned switch lacked nothing", () => {
    const stage = new Stage();
    stage.write();
    order(stage.leader, ...COORDINATED);
    stage.await("+switch-master");
    const entry = only(stage.leader);
    assert.deepEqual([entry.kind, entry.result, entry.by], ["coordinated", "done", BY]);
    assert.deepEqual(entry.lacked, { bytes: 0, seenMs: 0 });
    assert.ok(entry.phases.followed !== null && entry.phases.promoted !== null);
  });

  it("says of one that not every replica followed", () => {
    const cluster = settled({ replicas: 2, failoverTimeoutMs: 20_000, downAfterMs: 5_000 });
    const old = cluster.server(0);
    for (const index of [1, 2]) {
      cluster.server(index).refuse = ([name = "", host = ""]) =>
        name === "SLAVEOF" && host !== "NO" ? error("ERR not now") : null;
    }
    cluster.network.kill(old);
    cluster.clock.advance(40_000);
    const entry = only(leaderOf(cluster));
    assert.equal(entry.result, "done", JSON.stringify(entry));
    const there = entry.to?.host === cluster.server(1).host ? cluster.server(2) : cluster.server(1);
    const late = `these did not follow the new master in time: ${there.host}:6379`;
    assert.equal(entry.ending, late);
    assert.equal(entry.phases.followed, null);
    assert.ok(entry.phases.switched !== null);
  });

  it("is one for each guard that acted", () => {
    const cluster = settled({ downAfterMs: 5_000 });
    const old = cluster.server(0);
    for (let id = 1; id <= 40; id++) old.write(id);
    cluster.clock.advance(12_000);
    const slow = { delayMs: 5_000, transferMs: 100, isDropping: false, isForced: false };
    for (const index of [0, 1, 2]) cluster.server(index).syncTerms = slow;
    cluster.network.kill(old);
    cluster.clock.advance(500);
    old.restartEmpty();
    cluster.awaitNewMaster(old, 10_000);
    const leader = leaderOf(cluster);
    const entry = only(leader);
    assert.deepEqual([entry.kind, entry.result], ["guard", "done"]);
    assert.equal(entry.reason, "it came back without data that a replica holds");
    const [note] = notes(leader);
    assert.equal(note?.kind, "guard");
    assert.match(note?.text ?? "", /^reborn: empty, 10\.0\.0\.\d:6379 holds 40 keys$/);
  });
});

describe("the journal of a failover that came to nothing", () => {
  it("not elected: how many votes there were", () => {
    const cluster = settled({ quorum: 1, failoverTimeoutMs: 10_000 });
    cluster.sentinel(1).crash();
    cluster.sentinel(2).crash();
    cluster.network.kill(cluster.server(0));
    const [alone] = cluster.sentinels;
    assert.ok(alone);
    const entry = awaitEntry(cluster, alone);
    assert.deepEqual([entry.kind, entry.result, entry.to], ["down", "not-elected", null]);
    assert.equal(entry.ending, "votes: 1 of the 2 that are needed");
    assert.deepEqual(entry.votes, [{ sentinel: entry.leader, leader: entry.leader }]);
  });

  it("again and again: told ever more seldom", () => {
    const cluster = settled({ quorum: 1, failoverTimeoutMs: 1_000 });
    cluster.sentinel(1).crash();
    cluster.sentinel(2).crash();
    cluster.network.kill(cluster.server(0));
    cluster.clock.advance(60_000);
    const [alone] = cluster.sentinels;
    assert.ok(alone);
    const attempts = failovers(alone).map(({ attempt }) => attempt);
    assert.deepEqual(attempts.slice(0, 4), [1, 2, 4, 8]);
    const tried = alone.events.filter(({ name }) => name === "+try-failover").length;
    assert.ok(tried > 2 * attempts.length, `${tried}`);
  });

  it("no good replica: why each of them was not", () => {
    const cluster = settled({ failoverTimeoutMs: 10_000 });
    for (const index of [1, 2]) cluster.server(index).priority = 0;
    cluster.clock.advance(11_000);
    cluster.network.kill(cluster.server(0));
    cluster.clock.advance(20_000);
    const entry = failovers(leaderOf(cluster))[0];
    assert.deepEqual([entry?.result, entry?.to], ["no-good-slave", null]);
    const reasons = entry?.candidates.map(({ verdict, reason }) => `${verdict}: ${reason}`);
    assert.deepEqual(reasons, ["unfit: its priority is 0", "unfit: its priority is 0"]);
    assert.ok(entry?.phases.elected);
  });

  it("master back: it answered before a replica was told anything", () => {
    const cluster = settled({ failoverTimeoutMs: 60_000 });
    const old = cluster.server(0);
    for (const index of [1, 2]) cluster.server(index).isStopped = true;
    cluster.clock.advance(3_000);
    old.isStopped = true;
    const isElected = () =>
      cluster.sentinels.some(({ events }) => events.some(({ name }) => name === "+elected-leader"));
    assert.ok(cluster.clock.advanceUntil(isElected, 20_000));
    old.isStopped = false;
    const leader = leaderOf(cluster);
    const entry = awaitEntry(cluster, leader);
    assert.deepEqual([entry.result, entry.ending], ["master-back", "its master answers again"]);
  });

  it("slave timeout: the replica did not become a master", () => {
    const cluster = settled({ replicas: 1, failoverTimeoutMs: 5_000, downAfterMs: 60_000 });
    const [leader] = cluster.sentinels;
    assert.ok(leader);
    leader.onEvent.push(({ name }) => {
      if (name === "+failover-state-wait-promotion") cluster.server(1).isStopped = true;
    });
    order(leader, ...FAILOVER);
    const entry = awaitEntry(cluster, leader);
    assert.deepEqual([entry.kind, entry.result], ["forced", "slave-timeout"]);
    assert.deepEqual(entry.to, { host: cluster.server(1).host, port: 6379 });
    assert.equal(entry.ending, "the replica did not show itself as a master in time");
  });

  it("master timeout: a planned switch whose target did not catch up", () => {
    const stage = new Stage({ replicas: 1 });
    stage.write();
    const [, target] = stage.servers;
    assert.ok(target);
    stage.leader.onEvent.push(({ name }) => {
      if (name === "+selected-slave") target.lagRounds = 1_000;
    });
    order(stage.leader, ...COORDINATED, "TIMEOUT", "600");
    stage.await("-failover-abort-master-timeout");
    const entry = only(stage.leader);
    assert.deepEqual([entry.kind, entry.result], ["coordinated", "master-timeout"]);
    assert.match(entry.ending ?? "", /^its target has not caught up .*600 ms/);
  });

  it("overtaken: another Sentinel's configuration was heard, and is told as well", () => {
    const cluster = settled({ replicas: 2, quorum: 1, failoverTimeoutMs: 10_000 });
    const [alone, other] = cluster.sentinels;
    assert.ok(alone && other);
    const { myId } = other.core.state;
    cluster.sentinel(1).crash();
    cluster.sentinel(2).crash();
    cluster.network.kill(cluster.server(0));
    assert.ok(cluster.clock.advanceUntil(() => masterOf(alone).failover !== null, 10_000));
    const there = `${other.address.replace(":", ",")},${myId}`;
    const hello = `${there},7,${MASTER_NAME},${cluster.server(2).host},6379,7`;
    order(alone, "PUBLISH", "__sentinel__:hello", hello);
    cluster.clock.advance(10);
    const [first, second] = failovers(alone);
    assert.equal(first?.result, "overtaken");
    assert.equal(first?.ending, "a configuration of epoch 7 was heard meanwhile");
    assert.deepEqual([second?.kind, second?.leader, second?.epoch], ["followed", myId, "7"]);
    assert.deepEqual(second?.to, { host: cluster.server(2).host, port: 6379 });
  });

  it("ended: an operator reset the master, or removed it", () => {
    for (const verb of ["RESET", "REMOVE"]) {
      const cluster = settled({ quorum: 1 });
      cluster.sentinel(1).crash();
      cluster.sentinel(2).crash();
      cluster.network.kill(cluster.server(0));
      const [alone] = cluster.sentinels;
      assert.ok(alone);
      assert.ok(cluster.clock.advanceUntil(() => masterOf(alone).failover !== null, 10_000));
      order(alone, "SENTINEL", verb, MASTER_NAME);
      cluster.clock.advance(1);
      assert.equal(only(alone).result, "ended");
      const [note] = notes(alone);
      assert.deepEqual([note?.kind, note?.by], [verb.toLowerCase(), BY]);
    }
  });
});
