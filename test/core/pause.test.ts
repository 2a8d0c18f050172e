import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { array, error, type Reply } from "../../src/base/reply.ts";
import { createState } from "../../src/core/create-state.ts";
import type { Extra } from "../../src/core/extra.ts";
import { seededRandom } from "../../src/core/random.ts";
import { masterOf, SimCluster } from "../sim/cluster.ts";
import { healthyMaster, LoneSentinel, PEER_ID, plain } from "./harness.ts";
import { promoting, watching } from "./parts.ts";

function settled(): SimCluster {
  const cluster = new SimCluster({ failoverTimeoutMs: 6_000 });
  cluster.settle();
  return cluster;
}

function ask(sentinel: LoneSentinel, ...words: string[]): unknown {
  const reply = sentinel.ask("SENTINEL", ...words);
  sentinel.pass(400);
  return plain(reply ?? sentinel.replyTo(sentinel.lastClient));
}

function lastKept({ effects }: LoneSentinel): Extra {
  const kept = effects.findLast((one) => one.type === "keep");
  assert.ok(kept?.type === "keep");
  return kept.extra;
}

function pauseAll(cluster: SimCluster, seconds: number): void {
  for (const one of cluster.sentinels) one.ask("SENTINEL", "PAUSE", "mymaster", `${seconds}`);
}

describe("SENTINEL PAUSE [D-PAUSE]", () => {
  it("holds the failover back until it ends, and then it comes at once", () => {
    const cluster = settled();
    pauseAll(cluster, 30);
    const until = cluster.clock.now + 30_000;
    cluster.network.kill(cluster.server(0));
    cluster.clock.advance(until - cluster.clock.now - 100);
    const names = cluster.sentinels.flatMap(({ events }) => events.map(({ name }) => name));
    assert.ok(names.includes("+sdown"));
    assert.ok(!names.includes("+try-failover") && !names.includes("+vote-for-leader"));
    const master = cluster.awaitNewMaster(cluster.server(0), 5_000);
    assert.ok(cluster.clock.now - until < 3_000, cluster.timeline());
    assert.equal(master.role, "master");
    assert.ok(names.includes("+pause"));
  });

  it("is over with RESUME", () => {
    const cluster = settled();
    pauseAll(cluster, 3_600);
    cluster.network.kill(cluster.server(0));
    cluster.clock.advance(20_000);
    for (const one of cluster.sentinels) one.ask("SENTINEL", "RESUME", "my*");
    cluster.awaitNewMaster(cluster.server(0), 5_000);
  });

  it("outlives a restart", () => {
    const cluster = settled();
    pauseAll(cluster, 60);
    cluster.clock.advance(100);
    for (const one of cluster.sentinels) {
      one.crash();
      one.start();
    }
    cluster.network.kill(cluster.server(0));
    cluster.clock.advance(40_000);
    assert.equal(cluster.server(1).role, "slave");
    cluster.awaitNewMaster(cluster.server(0), 30_000);
  });

  it("gives no votes, and calls nobody down", () => {
    const { sentinel, state } = watching();
    ask(sentinel, "PAUSE", "mymaster", "60");
    sentinel.live(8, (args, port) => (port === 6379 ? null : healthyMaster(args)));
    assert.ok(sentinel.master.sdown);
    const question = ["is-master-down-by-addr", "127.0.0.1", "6379", "9", PEER_ID];
    assert.deepEqual(ask(sentinel, ...question), [0, "*", 0]);
    assert.equal(sentinel.master.leaderEpoch, 4n);
    assert.equal(state.untoldVotes.length, 0);
    ask(sentinel, "RESUME", "*");
    const answer = ask(sentinel, ...question);
    assert.deepEqual(answer, [1, PEER_ID, 9]);
  });

  it("tells no server whom to follow, but obeys SENTINEL FAILOVER", () => {
    const cluster = settled();
    pauseAll(cluster, 3_600);
    cluster.server(1).follow(null);
    cluster.clock.advance(30_000);
    assert.equal(cluster.server(1).role, "master");
    cluster.server(1).follow(cluster.server(0));
    cluster.clock.advance(15_000);
    cluster.sentinel(0).ask("SENTINEL", "FAILOVER", "mymaster");
    const master = cluster.awaitNewMaster(cluster.server(0), 10_000);
    assert.ok(cluster.clock.advanceUntil(() => cluster.server(0).master === master, 10_000));
  });

  it("says whether those that are not paused can fail over", () => {
    const { sentinel } = watching();
    const others = (paused: readonly number[]) => (args: readonly string[], port: number) => {
      if (args[1] !== "PAUSES") return healthyMaster(args);
      return paused.includes(port) ? PAUSED : array([]);
    };
    const say = (paused: readonly number[]) => {
      sentinel.ask("SENTINEL", "PAUSE", "mymaster", "60", "new disks");
      sentinel.serve(others(paused));
      return plain(sentinel.replyTo(sentinel.lastClient));
    };
    const still = "2 of 3 Sentinels are not paused: automatic failover is still possible";
    assert.deepEqual(say([]), ["OK", still]);
    const dumb =
      "2 of 3 Sentinels are not paused, 1 of them does not say it: automatic failover is still possible";
    sentinel.ask("SENTINEL", "PAUSE", "mymaster", "60");
    sentinel.serve((args, port) => {
      if (port === 26381 && args[1] === "PAUSES") return error("NOPERM no right to it");
      return others([])(args, port);
    });
    assert.deepEqual(plain(sentinel.replyTo(sentinel.lastClient)), ["OK", dumb]);
    const not = "1 of 3 Sentinels is not paused: automatic failover is not possible";
    assert.deepEqual(say([26380]), ["OK", not]);
    const none = "0 of 3 Sentinels are not paused: automatic failover is not possible";
    assert.deepEqual(say([26380, 26381]), ["OK", none]);
  });

  it("is counted by CKQUORUM, of others and our own", () => {
    const { sentinel } = watching();
    const check = (paused: readonly number[]) => {
      sentinel.ask("SENTINEL", "CKQUORUM", "mymaster");
      sentinel.serve((args, port) => {
        if (args[1] !== "PAUSES") return healthyMaster(args);
        return paused.includes(port) ? PAUSED : array([]);
      });
      return `${plain(sentinel.replyTo(sentinel.lastClient))}`;
    };
    const ok = (usable: number) =>
      `OK ${usable} usable Sentinels. Quorum and failover authorization can be reached`;
    assert.equal(check([]), ok(3));
    assert.equal(check([26380]), ok(2));
    assert.match(
      check([26380, 26381]),
      /^-NOQUORUM 1 usable Sentinels\. .*majority.*\. 2 are paused$/,
    );
    ask(sentinel, "PAUSE", "mymaster", "60");
    assert.equal(check([]), ok(2));
    assert.match(check([26380]), /^-NOQUORUM 1 usable .* 2 are paused$/);
  });

  it("is asked of a C Sentinel once for each connection, which counts it among its errors", () => {
    const { sentinel } = watching();
    const questions = () => sentinel.sent.filter((one) => one.includes(" PAUSES ")).length;
    for (let turn = 0; turn < 3; turn++) {
      sentinel.ask("SENTINEL", "CKQUORUM", "mymaster");
      sentinel.serve((args) => {
        return args[1] === "PAUSES"
          ? error("ERR unknown subcommand 'PAUSES'")
          : healthyMaster(args);
      });
      assert.match(`${plain(sentinel.replyTo(sentinel.lastClient))}`, /^OK 3 usable/);
    }
    assert.equal(questions(), 2);
    ask(sentinel, "PAUSE", "mymaster", "60");
    const reply = plain(sentinel.replyTo(sentinel.lastClient));
    assert.deepEqual(reply, [
      "OK",
      "2 of 3 Sentinels are not paused: automatic failover is still possible",
    ]);
  });

  it("makes one question of several that come together", () => {
    const { sentinel } = watching();
    sentinel.serve(healthyMaster);
    const from = sentinel.effects.length;
    for (let turn = 0; turn < 5; turn++) sentinel.ask("SENTINEL", "CKQUORUM", "mymaster");
    const sent = sentinel.effects
      .slice(from)
      .filter((one) => one.type === "send" && one.args[1] === "PAUSES");
    assert.equal(sent.length, 2);
    sentinel.serve((args) => (args[1] === "PAUSES" ? array([]) : healthyMaster(args)));
    const replies = sentinel.effects.slice(from).filter(({ type }) => type === "reply");
    assert.equal(replies.length, 5);
  });

  it("does not hinder a planned switch, whoever is paused", () => {
    for (const paused of [[0, 1, 2], [1, 2], [0]]) {
      const cluster = settled();
      for (const at of paused) cluster.sentinel(at).ask("SENTINEL", "PAUSE", "mymaster", "3600");
      cluster.clock.advance(15_000);
      cluster.sentinel(0).ask("SENTINEL", "FAILOVER", "mymaster", "COORDINATED");
      cluster.awaitNewMaster(cluster.server(0), 3_000);
    }
  });

  it("gives no vote for anything else, though the master is well to us", () => {
    const { sentinel, state } = watching();
    ask(sentinel, "PAUSE", "mymaster", "60");
    const question = ["is-master-down-by-addr", "127.0.0.1", "6379", "9", PEER_ID];
    for (let turn = 0; turn < 3; turn++) {
      assert.deepEqual(plain(sentinel.ask("SENTINEL", ...question)), [0, "*", 0]);
      sentinel.serve((args) => healthyMaster(args));
    }
    assert.equal(state.untoldVotes.length, 0);
    assert.equal(sentinel.master.leaderEpoch, 4n);
  });

  it("does not wait for those who say nothing", () => {
    const { sentinel } = watching();
    sentinel.ask("SENTINEL", "PAUSE", "mymaster", "60");
    assert.equal(sentinel.replyTo(sentinel.lastClient), undefined);
    sentinel.pass(400);
    assert.match(
      `${plain(sentinel.replyTo(sentinel.lastClient))}`,
      /^OK,2 of 3 .*, 2 of them do not say it/,
    );
  });

  it("is shown by PAUSES, and by the events", () => {
    const { sentinel } = watching();
    ask(sentinel, "PAUSE", "my*", "60", "new", "disks");
    ask(sentinel, "PAUSE", "mymaster", "600", "REPLICA", "127.0.0.1", "6380");
    sentinel.pass(10_000);
    const shown = ask(sentinel, "PAUSES");
    assert.deepEqual(shown, [
      { master: "mymaster", replica: "", seconds: 50, reason: "new disks" },
      { master: "mymaster", replica: "127.0.0.1:6380", seconds: 590, reason: "" },
    ]);
    assert.match(sentinel.events.join("\n"), /^\+pause master mymaster .* #60 s: new disks$/m);
    sentinel.pass(60_000);
    assert.match(sentinel.events.join("\n"), /^-pause master mymaster .* #its time is over$/m);
    assert.deepEqual(ask(sentinel, "RESUME", "*"), 1);
    assert.deepEqual(ask(sentinel, "PAUSES", "mymaster"), []);
    assert.deepEqual(lastKept(sentinel), { masters: new Map() });
  });

  it("of a replica keeps it from being promoted and from being told whom to follow", () => {
    const cluster = settled();
    for (const one of cluster.sentinels) {
      one.ask("SENTINEL", "PAUSE", "mymaster", "3600", "REPLICA", "10.0.0.2", "6379", "old disk");
    }
    cluster.network.kill(cluster.server(0));
    const master = cluster.awaitNewMaster(cluster.server(0), 10_000);
    assert.equal(master, cluster.server(2));
    cluster.clock.advance(20_000);
    assert.equal(cluster.server(1).master, cluster.server(0));
    for (const one of cluster.sentinels) one.ask("SENTINEL", "RESUME", "mymaster");
    assert.ok(cluster.clock.advanceUntil(() => cluster.server(1).master === master, 20_000));
  });

  it("is known at the next start, and said", () => {
    const { sentinel } = watching();
    ask(sentinel, "PAUSE", "mymaster", "60", "why");
    const settings = { requirepass: null, listeningPort: 26379, logThreshold: "notice" } as const;
    const again = new LoneSentinel();
    again.now = sentinel.now + 5_000;
    const config = sentinel.core.config();
    const random = seededRandom(1);
    const state = createState(config, settings, random, again.now, lastKept(sentinel));
    again.beginAnew((old) => Object.assign(old, state));
    again.step({ type: "start" });
    assert.match(again.events.join("\n"), /^\+pause master mymaster .* #55 s: why$/m);
  });

  it("that could not be written beside the file holds all the same, and says so", () => {
    const { sentinel } = watching();
    sentinel.canSave = false;
    assert.match(
      `${ask(sentinel, "PAUSE", "mymaster", "60")}`,
      /^-ERR It is paused, but .*restart/,
    );
    assert.ok(sentinel.master.pause !== null);
  });

  it("waits for the end of a failover, and refuses nonsense", () => {
    const during = promoting().sentinel;
    during.isMadeUp = true;
    assert.match(`${ask(during, "PAUSE", "mymaster", "60")}`, /^-INPROG /);
    const { sentinel } = watching();
    for (const [words, refusal] of [
      [["nobody", "60"], /^-ERR No such master/],
      [["mymaster", "0"], /^-ERR A pause lasts 1 to 86400/],
      [["mymaster", "86401"], /^-ERR A pause lasts/],
      [["mymaster", "soon"], /^-ERR A pause lasts/],
      [["mymaster", "60", "a\nb"], /^-ERR Control characters/],
      [["mymaster", "60", "x".repeat(201)], /^-ERR a reason has at most/],
      [["mymaster", "60", "REPLICA", "nowhere", "1"], /^-ERR Invalid address/],
      [["mymaster", "60", "REPLICA", "127.0.0.1", "66000"], /^-ERR Invalid address/],
    ] as const) {
      assert.match(`${ask(sentinel, "PAUSE", ...words)}`, refusal);
    }
    for (let port = 1; port <= 8; port++) {
      ask(sentinel, "PAUSE", "mymaster", "60", "REPLICA", "127.0.0.9", `${port}`);
    }
    const ninth = ask(sentinel, "PAUSE", "mymaster", "60", "REPLICA", "127.0.0.9", "9");
    assert.match(`${ninth}`, /^-ERR mymaster has 8 paused replicas/);
    assert.equal(sentinel.master.pause, null);
    assert.equal(masterOf(settled().sentinel(0)).pause, null);
  });
});

/** What a Sentinel of ours that is paused answers in RESP2. */
const PAUSED: Reply = {
  type: "array",
  items: [
    {
      type: "array",
      items: ["master", "mymaster", "replica", "", "seconds", "9", "reason", ""].map((text) => ({
        type: "bulk",
        text,
      })),
    },
  ],
};
