import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Code, Explanation, Situation } from "../../src/explain/situation.ts";
import { why } from "../../src/explain/why.ts";
import { situationOf } from "../../src/view/situation.ts";
import { View } from "../../src/view/view.ts";
import { COORDINATED, Stage } from "../core/coordinated-stage.ts";
import { MASTER_NAME, masterOf, SimCluster } from "../sim/cluster.ts";
import type { SimSentinel } from "../sim/sentinel-process.ts";

const VERSIONS = { redis: "7.4.0", own: "1.2.3" };
const FAILOVER = ["SENTINEL", "FAILOVER", MASTER_NAME];

function settled(options: ConstructorParameters<typeof SimCluster>[0] = {}): SimCluster {
  const cluster = new SimCluster({ downAfterMs: 5_000, failoverTimeoutMs: 10_000, ...options });
  cluster.settle();
  cluster.clock.advance(12_000);
  return cluster;
}

function explained(sentinel: SimSentinel, last: string | null = null): Explanation {
  return why(situation(sentinel, last));
}

function situation(sentinel: SimSentinel, last: string | null = null): Situation {
  const view = new View(sentinel.core.state, VERSIONS);
  const master = view.master(MASTER_NAME, sentinel.now);
  assert.ok(master);
  return situationOf(view.sentinel(sentinel.now), master, last);
}

/** The cause that it names now. */
function says(sentinel: SimSentinel, code: Code, text: RegExp): Explanation {
  const found = explained(sentinel);
  assert.equal(found.code, code, found.text);
  assert.match(found.text, text);
  return found;
}

/** Runs until it names this one. */
function comesToSay(
  cluster: SimCluster,
  one: SimSentinel,
  code: Code,
  text: RegExp,
  limitMs = 30_000,
): Explanation {
  const isSaid = () => explained(one).code === code;
  const isSoon = cluster.clock.advanceUntil(isSaid, limitMs);
  assert.ok(isSoon, `${explained(one).code}: ${explained(one).text}\n${cluster.timeline()}`);
  return says(one, code, text);
}

function first({ sentinels: [one] }: SimCluster): SimSentinel {
  assert.ok(one);
  return one;
}

function alone(options: ConstructorParameters<typeof SimCluster>[0] = {}): SimCluster {
  const cluster = settled(options);
  cluster.sentinel(1).crash();
  cluster.sentinel(2).crash();
  return cluster;
}

describe("explain, of a master that is up [D-EXPLAIN]", () => {
  it("says who would take over, and what each replica lacks", () => {
    const cluster = settled();
    cluster.server(2).priority = 0;
    cluster.clock.advance(11_000);
    const heir = cluster.server(1).address;
    const found = says(first(cluster), "UP", new RegExp(`if it died, ${heir} would take over`));
    assert.equal(found.verdict, "ready");
    assert.ok(found.next.includes(`replica ${heir}: next in line, lag 0 B`));
    assert.ok(found.next.some((line) => line.includes(": no, its priority is 0")));
    assert.ok(found.next.includes("3 of 3 Sentinels can vote, 2 elect a leader"));
    assert.equal(found.facts.length, 3);
  });

  it("says that it is silent, and until when", () => {
    const cluster = settled();
    cluster.server(0).isStopped = true;
    cluster.clock.advance(3_500);
    says(first(cluster), "SILENT", /has not answered for 3\.\d s, and is down at 5\.0 s$/);
    const patient = settled({ downAfterMs: 30_000 });
    patient.server(0).isStopped = true;
    patient.clock.advance(4_500);
    says(first(patient), "SILENT", /has not answered for \d\.\d s, and is down at 30 s$/);
  });

  it("says what would keep it from being failed over", () => {
    const noMajority = alone();
    noMajority.clock.advance(8_000);
    const found = says(first(noMajority), "NO_MAJORITY", /is up; 1 of 3 Sentinels can vote, 2/);
    assert.equal(found.verdict, "blocked");
    assert.match(found.todo[0] ?? "", /^bring 10\.99\.0\.2:26379, 10\.99\.0\.3:26379 back$/);
    assert.match(found.todo[1] ?? "", /SENTINEL FORGET, or RESET on C ones$/);
    assert.match(found.facts.join("\n"), /10\.99\.0\.2:26379: .*not heard for \d/);

    const tooGreat = settled({ quorum: 4 });
    says(first(tooGreat), "QUORUM_ABOVE_SENTINELS", /quorum is 4, and there are only 3/);
    const only = settled({ sentinels: 1, quorum: 2 });
    says(first(only), "QUORUM_ABOVE_SENTINELS", /quorum is 2, and there is only 1 Sentinel$/);
    only.network.kill(only.server(0));
    only.clock.advance(8_000);
    const { todo } = says(first(only), "QUORUM_ABOVE_SENTINELS", /down; .* knows no other/);
    assert.match(todo[0] ?? "", /^mend what keeps it from asking the master/);

    says(first(settled({ replicas: 0 })), "NO_REPLICA", /is up; no replica is known/);

    const unfit = settled({ replicas: 1 });
    unfit.network.kill(unfit.server(1));
    comesToSay(unfit, first(unfit), "NO_FIT_REPLICA", /no replica could .* it is (down|disconn)/);
  });
});

describe("explain, of a master that is down", () => {
  it("too few Sentinels see it", () => {
    const cluster = settled({ quorum: 3 });
    const [one, ...others] = cluster.sentinels;
    assert.ok(one);
    const master = cluster.server(0);
    cluster.network.cut(one.address, master.address);
    const text = /is down for 1 of 3 Sentinels, 3 are needed \(no answer to PING/;
    comesToSay(cluster, one, "S_DOWN_NO_QUORUM", text);
    cluster.clock.advance(2_000);
    const found = says(one, "S_DOWN_NO_QUORUM", text);
    const heard = found.facts.filter((line) => /: sees the master up/.test(line));
    assert.equal(heard.length, others.length);
    assert.match(
      found.todo.join(),
      /dead for its clients, too: SENTINEL FAILOVER on this Sentinel$/,
    );
  });

  it("no majority is there to elect anybody", () => {
    const cluster = alone({ quorum: 1 });
    cluster.network.kill(cluster.server(0));
    comesToSay(cluster, first(cluster), "ELECTION", /it has [01] of the 2 votes/);
    const text = /1 of 3 Sentinels can vote, 2 are needed/;
    const { todo } = comesToSay(cluster, first(cluster), "NO_MAJORITY", text);
    assert.deepEqual(todo.slice(1), [
      "SENTINEL FAILOVER on this Sentinel needs no vote",
      "no SENTINEL RESET before a master is up: it forgets the replicas",
    ]);
  });

  it("no replica is fit, while it waits for one and after it gave up", () => {
    const cluster = settled();
    for (const index of [1, 2]) cluster.server(index).priority = 0;
    cluster.clock.advance(11_000);
    cluster.network.kill(cluster.server(0));
    cluster.clock.advance(12_000);
    const leader = cluster.sentinels.find(({ events }) =>
      events.some(({ name }) => name === "+elected-leader"),
    );
    assert.ok(leader);
    const found = comesToSay(cluster, leader, "NO_FIT_REPLICA", /its priority is 0/);
    assert.equal(found.verdict, "blocked");
  });

  it("an operator has paused it, or this Sentinel cannot write its file, or stands in TILT", () => {
    const paused = settled();
    for (const one of paused.sentinels)
      one.command(["SENTINEL", "PAUSE", MASTER_NAME, "600", "new", "disks"], () => undefined);
    paused.network.kill(paused.server(0));
    paused.clock.advance(8_000);
    says(first(paused), "PAUSED", /paused for 10 min more: new disks$/);

    const full = settled();
    first(full).disk.isFull = true;
    first(full).command(["SENTINEL", "FLUSHCONFIG"], () => undefined);
    full.clock.advance(1_000);
    says(first(full), "CANNOT_SAVE", /cannot write its file/);

    const tilted = settled();
    first(tilted).isStopped = true;
    tilted.clock.advance(4_000);
    first(tilted).isStopped = false;
    tilted.clock.advance(200);
    says(first(tilted), "TILT", /is in TILT/);
  });

  it("it voted for another Sentinel, which does not finish", () => {
    const cluster = settled({ failoverTimeoutMs: 60_000 });
    let leader: SimSentinel | null = null;
    for (const one of cluster.sentinels) {
      one.onEvent.push(({ name }) => {
        if (name !== "+elected-leader" || leader) return;
        leader = one;
        one.crash();
      });
    }
    cluster.network.kill(cluster.server(0));
    assert.ok(cluster.clock.advanceUntil(() => leader !== null, 20_000));
    cluster.clock.advance(200);
    const voter = cluster.running.find((one) => masterOf(one).leader !== null);
    assert.ok(voter);
    says(
      voter,
      "VOTED_FOR_ANOTHER",
      /voted for Sentinel 10\.99\.0\.\d:26379 in epoch 1, and leaves/,
    );
  });

  it("it is held for down, as it came back without its data, and C Sentinels see it up", () => {
    const cluster = new SimCluster({ sentinels: 1, cSentinels: 2, downAfterMs: 5_000 });
    cluster.settle();
    const old = cluster.server(0);
    for (let id = 1; id <= 40; id++) old.write(id);
    cluster.clock.advance(12_000);
    const slow = { delayMs: 5_000, transferMs: 100, isDropping: false, isForced: false };
    for (const index of [0, 1, 2]) cluster.server(index).syncTerms = slow;
    cluster.network.kill(old);
    cluster.clock.advance(500);
    old.restartEmpty();
    const text = /is down for 1 of 3 Sentinels, 2 are needed \(it came back without data that a/;
    comesToSay(cluster, first(cluster), "S_DOWN_NO_QUORUM", text, 5_000);
  });

  it("the last attempt came to nothing, and how it ended", () => {
    const cluster = settled({ replicas: 1, downAfterMs: 10_000, failoverTimeoutMs: 8_000 });
    const one = first(cluster);
    one.onEvent.push(({ name }) => {
      if (name !== "+failover-state-wait-promotion") return;
      cluster.server(1).isStopped = true;
      cluster.network.kill(cluster.server(0));
    });
    one.ask(...FAILOVER);
    comesToSay(cluster, one, "PROMOTING", /was told to become the master/);
    const isOver = () => one.events.some(({ name }) => name === "-failover-abort-slave-timeout");
    assert.ok(cluster.clock.advanceUntil(isOver, 30_000));
    cluster.server(1).isStopped = false;
    const found = comesToSay(cluster, one, "NEXT_ATTEMPT_LATER", /may try again in \d/);
    assert.equal(found.verdict, "blocked");
    const told = explained(one, "forced: slave-timeout, 9 s ago");
    assert.match(told.text, /; the last one: forced: slave-timeout, 9 s ago$/);
    assert.ok(told.next.includes("last failover: forced: slave-timeout, 9 s ago"));
  });
});

describe("explain, of a failover that goes on", () => {
  it("names each of its steps", () => {
    const cluster = settled();
    const seen: Code[] = [];
    for (const one of cluster.sentinels) {
      one.onEvent.push(({ name }) => {
        const { code, verdict } = explained(one);
        if (name !== "+sdown" && verdict === "busy" && seen.at(-1) !== code) seen.push(code);
      });
    }
    cluster.network.kill(cluster.server(0));
    cluster.awaitNewMaster(cluster.server(0), 20_000);
    assert.deepEqual(seen, ["ELECTION", "PROMOTING", "FOLLOWING"]);
  });

  it("a planned one waits for its target", () => {
    const stage = new Stage({ replicas: 1 });
    stage.write();
    const [, target] = stage.servers;
    assert.ok(target);
    stage.leader.onEvent.push(({ name }) => {
      if (name === "+selected-slave") target.lagRounds = 1_000;
    });
    stage.ask([...COORDINATED, "TIMEOUT", "600"]);
    const text = /holds writes back until 10\.0\.0\.2:6379 has all/;
    comesToSay(stage.cluster, stage.leader, "HANDING_OVER", text, 2_000);
    stage.await("-failover-abort-master-timeout");
    says(stage.leader, "UP", /is up/);
  });
});

describe("explain, of what lasts a moment or is seldom", () => {
  const base = situation(first(settled()));
  const down: Partial<Situation> = { isObjectivelyDown: true };
  const attempt = {
    ...{ step: "select_slave", stepMs: 40, epoch: 7n, votes: 2, isPlanned: false, settles: false },
    ...{ isWaitingForReplica: false, promoted: null, by: "this Sentinel" },
  };
  const quorum = {
    ...base.quorum,
    lacks: ["Sentinel x names a:1 the master of m and we name b:2"],
  };

  it("who leaves the failover to another one is told what that one waits for", () => {
    const votedFor = { leader: "Sentinel b:2", epoch: 1n, leftMs: 9_000, mostMs: 9_000 };
    const replicas = base.replicas.map((one) => ({ ...one, unfit: "it is down" }));
    const { code, todo } = why({ ...base, ...down, votedFor, replicas });
    assert.equal(code, "VOTED_FOR_ANOTHER");
    assert.deepEqual(todo, [
      "mend what keeps one of the replicas from being fit",
      "ask Sentinel b:2 why it does not finish",
    ]);
  });

  for (const [code, more, text] of [
    ["DUE", down, /is down, and is failed over at any moment$/],
    ["DUE", { ...down, nextAttemptMs: null }, /unless the last attempt is too recent$/],
    [
      "CANNOT_STAND",
      { standingTrouble: "another Sentinel has our id" },
      /another Sentinel has our id$/,
    ],
    ["DISAGREEMENT", { quorum }, /names a:1 the master of m/],
    ["DISAGREEMENT", { ...down, quorum }, / is down; Sentinel x names/],
    ["MASTER_IS_REPLICA", { isReplica: true, replicas: [] }, /is up; it says that it is a replica/],
    ["SELECTING", { failover: attempt }, /was elected, and chooses a replica for 0\.0 s$/],
    ["SETTLING", { failover: { ...attempt, settles: true } }, /to settle which master counts$/],
    [
      "ELECTION",
      { failover: { ...attempt, step: "wait_start", votes: null, epoch: null } },
      /needs 2 votes$/,
    ],
    [
      "NO_FIT_REPLICA",
      { failover: { ...attempt, isWaitingForReplica: true } },
      /waits for a fit replica/,
    ],
    [
      "PROMOTING",
      { failover: { ...attempt, step: "send_slaveof_noone", promoted: "b:2" } },
      /tells b:2 to/,
    ],
    [
      "FOLLOWING",
      { failover: { ...attempt, step: "update_config", promoted: "b:2" } },
      /^b:2 is the master/,
    ],
  ] as const) {
    it(`${code}: ${text.source}`, () => {
      const found = why({ ...base, ...more });
      assert.equal(found.code, code);
      assert.match(found.text, text);
    });
  }
});
