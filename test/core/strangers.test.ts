import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { masterOf, SimCluster } from "../sim/cluster.ts";
import { forgeQuestion } from "../sim/faults.ts";
import type { SimSentinel } from "../sim/sentinel-process.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

const CHANNEL = "__sentinel__:hello";

function isStanding(one: SimSentinel): boolean {
  return one.isRunning && masterOf(one).failover?.step === "wait_start";
}

/** Time from the death to a new master while votes are asked for in an invented name. */
function failoverMs(seed: number, everyMs: number, whom: readonly number[]): number {
  const cluster = new SimCluster({ seed, downAfterMs: 1_000, failoverTimeoutMs: 60_000 });
  cluster.settle();
  cluster.clock.advance(12_000);
  const isServed = () => [1, 2].some((index) => cluster.server(index).role === "master");
  cluster.network.kill(cluster.server(0));
  const diedAt = cluster.clock.now;
  while (!isServed() && cluster.clock.now < diedAt + 60_000) {
    for (const index of whom) forgeQuestion(cluster.sentinel(index), "mymaster", 2);
    cluster.clock.advanceUntil(isServed, everyMs);
  }
  return cluster.clock.now - diedAt;
}

describe("questions with made-up ids [D-STRANGER]", () => {
  for (const [what, everyMs, whom, limitMs] of [
    ["once, to all", 60_000, [0, 1, 2], 3_500],
    ["every two seconds, to all", 2_000, [0, 1, 2], 4_500],
    ["every 300 ms, to all", 300, [0, 1, 2], 6_000],
    ["every 300 ms, to two of three", 300, [1, 2], 6_000],
  ] as const) {
    it(`${what}, delay a failover by little more than an election`, () => {
      for (let seed = 1; seed <= 20; seed++) {
        const ms = failoverMs(seed, everyMs, whom);
        assert.ok(ms < limitMs, `seed ${seed}: ${ms} ms`);
      }
    });
  }

  it("once, to a candidate that waits for votes, while another Sentinel is down", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const cluster = new SimCluster({ seed, downAfterMs: 1_000, failoverTimeoutMs: 60_000 });
      cluster.settle();
      cluster.sentinel(2).crash();
      cluster.clock.advance(12_000);
      cluster.network.kill(cluster.server(0));
      const candidate = () => cluster.sentinels.find((one) => isStanding(one));
      assert.ok(cluster.clock.advanceUntil(() => candidate() !== undefined, 5_000));
      const stood = candidate();
      assert.ok(stood);
      forgeQuestion(stood, "mymaster", 3);
      const diedAt = cluster.clock.now;
      cluster.awaitNewMaster(cluster.server(0), 30_000);
      assert.ok(cluster.clock.now - diedAt < 4_500, `seed ${seed}\n${cluster.timeline()}`);
    }
  });

  it("get their vote, as upstream gives it", () => {
    const sentinel = new LoneSentinel();
    const id = "f".repeat(40);
    const question = ["is-master-down-by-addr", "127.0.0.1", "6379", "1", id];
    assert.deepEqual(plain(sentinel.ask("SENTINEL", ...question)), [0, id, 1]);
  });
});

describe("a hello", () => {
  const masters = ["a", "b"].map((name, i) => ({ ...PLAIN_MASTER, name, port: 6379 + i }));
  const hello = (name: string) =>
    ["127.0.0.1", 26380, PEER_ID, 9, name, "127.0.0.1", 6399, 9].join(",");

  /** Says it on the channel of the server at a port. */
  function publish(sentinel: LoneSentinel, port: number, payload: string): void {
    for (const effect of sentinel.effects) {
      if (effect.type !== "connect" || effect.purpose !== "pubsub" || effect.port !== port)
        continue;
      const { connection } = effect;
      sentinel.step({ type: "message", connection, channel: CHANNEL, payload });
    }
  }

  const portOf = (sentinel: LoneSentinel, name: string) =>
    sentinel.core.state.masters.get(name)?.address.port;

  function listening(config = masters): LoneSentinel {
    const sentinel = new LoneSentinel({ masters: config });
    sentinel.live(2, healthyMaster);
    return sentinel;
  }

  it("counts only for the masters of the server on which it was heard [D-HELLO-SCOPE]", () => {
    const sentinel = listening();
    publish(sentinel, 6379, hello("b"));
    assert.equal(portOf(sentinel, "b"), 6380);
    assert.equal(sentinel.core.state.currentEpoch, 0n);
    assert.equal(sentinel.core.state.masters.get("b")?.sentinels.size, 0);
    publish(sentinel, 6380, hello("b"));
    assert.equal(portOf(sentinel, "b"), 6399);
  });

  it("counts for any master if it was sent to us", () => {
    const sentinel = listening();
    sentinel.ask("PUBLISH", CHANNEL, hello("b"));
    assert.equal(portOf(sentinel, "b"), 6399);
  });

  it("counts for each name of the server on which it was heard", () => {
    for (const name of ["a", "b"]) {
      const sentinel = listening(masters.map((one) => ({ ...one, port: 6379 })));
      publish(sentinel, 6379, hello(name));
      assert.equal(portOf(sentinel, name), 6399);
    }
  });
});
