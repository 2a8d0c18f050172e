import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bulk, error, type Reply } from "../../src/base/reply.ts";
import { SimCluster } from "../sim/cluster.ts";
import { healthyMaster, LoneSentinel, OWN_ID, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

const CHANNEL = "__sentinel__:hello";
const hello = (id: string, port: number) =>
  ["127.0.0.1", port, id, 0, "mymaster", "127.0.0.1", 6379, 0].join(",");

/** The last of four Sentinels bears the id of the first. */
function withTwins(seed: number): SimCluster {
  const cluster = new SimCluster({ seed, sentinels: 4, quorum: 2, maxLatencyMs: 5 });
  const [first, , , last] = cluster.sentinels;
  assert.ok(first && last);
  last.disk.save({ ...last.disk.saved, myId: first.core.state.myId });
  first.disk.save({ ...first.disk.saved, myId: first.core.state.myId });
  for (const sentinel of cluster.sentinels) sentinel.start();
  cluster.clock.advance(15_000);
  return cluster;
}

describe("two Sentinels with one id [D-TWIN]", () => {
  it("do not lead, nor give two leaders to an epoch, and the others fail over", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const cluster = withTwins(seed);
      cluster.network.kill(cluster.server(0));
      const leaders = new Map<string, string>();
      for (const sentinel of cluster.sentinels) {
        sentinel.onEvent.push(({ name, payload }) => {
          if (name !== "+elected-leader") return;
          const epoch = `${sentinel.core.state.masters.get("mymaster")?.failover?.epoch}`;
          const before = leaders.get(epoch) ?? sentinel.address;
          assert.equal(sentinel.address, before, `two leaders in ${epoch}: ${payload}`);
          leaders.set(epoch, sentinel.address);
        });
      }
      const isServed = () => [1, 2].some((index) => cluster.server(index).role === "master");
      assert.ok(
        cluster.clock.advanceUntil(isServed, 30_000),
        `seed ${seed}\n${cluster.timeline()}`,
      );
      const twins = [cluster.sentinel(0), cluster.sentinel(3)];
      for (const one of twins) assert.ok(![...leaders.values()].includes(one.address));
    }
  });

  it("say so, also in CKQUORUM, and work again once one is gone", () => {
    const cluster = withTwins(1);
    const [first, last] = [cluster.sentinel(0), cluster.sentinel(3)];
    for (const one of [first, last]) {
      assert.ok(
        one.logs.some((text) => /has our id/.test(text)),
        one.logs.join("\n"),
      );
      for (const command of ["CKQUORUM", "FAILOVER"]) {
        assert.match(`${plain(one.ask("SENTINEL", command, "mymaster"))}`, /^-.*has our id/);
      }
    }
    last.crash();
    cluster.clock.advance(45_000);
    const said: Reply[] = [];
    first.command(["SENTINEL", "CKQUORUM", "mymaster"], (reply) => void said.push(reply));
    cluster.clock.advance(400);
    assert.match(`${plain(said[0])}`, /^OK 3 usable/);
  });
});

describe("a hello that bears our id", () => {
  function hearing(answer: Reply) {
    const sentinel = new LoneSentinel({
      masters: [{ ...PLAIN_MASTER, quorum: 1, downAfterMs: 1_000 }],
    });
    const server = (args: readonly string[], port: number) => {
      if (port === 6379) return healthyMaster(args);
      return args[1] === "MYID" ? answer : healthyMaster(args);
    };
    sentinel.live(3, server);
    sentinel.ask("PUBLISH", CHANNEL, hello(OWN_ID, 26399));
    sentinel.live(1, server);
    return sentinel;
  }

  const check = (sentinel: LoneSentinel) => {
    sentinel.ask("SENTINEL", "CKQUORUM", "mymaster");
    sentinel.pass(400);
    return `${plain(sentinel.replyTo(sentinel.lastClient))}`;
  };

  it("from our own address is ours", () => {
    const sentinel = new LoneSentinel();
    sentinel.live(3, healthyMaster);
    sentinel.ask("PUBLISH", CHANNEL, hello(OWN_ID, 26379));
    assert.equal(sentinel.core.state.twin, null);
  });

  it("is a twin's only if he answers with our id at his address", () => {
    assert.match(check(hearing(bulk(OWN_ID))), /has our id/);
    assert.match(check(hearing(bulk(PEER_ID))), /^OK/);
    assert.match(check(hearing(error("NOPERM no"))), /^OK/);
  });

  it("leads to ourselves under another address, and is no twin", () => {
    const sentinel = new LoneSentinel();
    sentinel.live(3, healthyMaster);
    sentinel.ask("PUBLISH", CHANNEL, hello(OWN_ID, 26399));
    sentinel.live(3, (args, port) => {
      const isForUs = port === 26399 && ["PUBLISH", "SENTINEL"].includes(args[0] ?? "");
      return isForUs ? (sentinel.ask(...args) ?? null) : healthyMaster(args);
    });
    assert.equal(sentinel.core.state.twin?.isOurselves, true);
    assert.doesNotMatch(check(sentinel), /has our id/);
  });

  it("adds no Sentinel", () => {
    assert.equal(hearing(bulk(OWN_ID)).master.sentinels.size, 0);
  });
});

describe("a hello with port 0", () => {
  it("adds nobody, and does not move who is known", () => {
    const sentinel = new LoneSentinel();
    sentinel.ask("PUBLISH", CHANNEL, hello(PEER_ID, 0));
    assert.equal(sentinel.master.sentinels.size, 0);
    sentinel.ask("PUBLISH", CHANNEL, hello(PEER_ID, 26380));
    sentinel.ask("PUBLISH", CHANNEL, hello(PEER_ID, 0));
    assert.equal(sentinel.master.sentinels.get(PEER_ID)?.address.port, 26380);
  });
});
