import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { error } from "../../src/base/reply.ts";
import type { SimRedis } from "../sim/redis.ts";
import { COORDINATED, Stage } from "./coordinated-stage.ts";

const BY_FAILOVER = [...COORDINATED, "METHOD", "failover"];

/** What the leader says to a server from now on, but for PING, INFO and hellos. */
function ordersTo(stage: Stage, server: SimRedis): string[] {
  const told: string[] = [];
  stage.leader.onSend = (to, args) => {
    const isUsual = ["PING", "INFO", "PUBLISH", "SUBSCRIBE"].includes(args[0] ?? "");
    if (to === server.address && !isUsual) told.push(args.join(" "));
  };
  return told;
}

describe("a coordinated failover by the servers' own FAILOVER [COORD-FAILOVER]", () => {
  it("loses no write, and leaves the roles to them", () => {
    const stage = new Stage();
    stage.write();
    const old = stage.master;
    const told = ordersTo(stage, old);
    stage.ask(BY_FAILOVER);
    stage.await("+switch-master");
    const { master } = stage;
    assert.deepEqual(told.slice(0, 10), [
      ...["MULTI", "CLIENT PAUSE 2500 WRITE"],
      `FAILOVER TO ${master.host} ${master.port} TIMEOUT 2500`,
      ...["EXEC", "MULTI", "CONFIG REWRITE", "CLIENT KILL TYPE normal"],
      ...["CLIENT KILL TYPE pubsub", "CLIENT UNPAUSE", "EXEC"],
    ]);
    stage.cluster.clock.advance(10_000);
    assert.equal(old.master, master);
    assert.equal(stage.lost, 0);
  });

  it("is given up if they do not finish, and writes go on", () => {
    const stage = new Stage({ replicas: 1 });
    stage.write();
    const old = stage.master;
    const [, target] = stage.servers;
    assert.ok(target);
    target.lagRounds = 1_000;
    const told = ordersTo(stage, old);
    stage.ask([...BY_FAILOVER, "TIMEOUT", "600"]);
    stage.await("-failover-abort-slave-timeout", 2_000);
    assert.deepEqual(told.slice(-2), ["FAILOVER ABORT", "CLIENT UNPAUSE"]);
    stage.cluster.clock.advance(1_000);
    assert.ok(old.isServing);
    assert.equal(stage.master, old);
    assert.ok(stage.longestGapMs <= 640, `${stage.longestGapMs}`);
  });

  it("says which right the master refuses", () => {
    const stage = new Stage();
    const old = stage.master;
    const text = "NOPERM User sentinel has no permissions to run the 'failover' command";
    old.refuse = ([name]) => (name === "FAILOVER" ? error(text) : null);
    stage.ask(BY_FAILOVER);
    stage.await("-failover-abort-slave-timeout", 2_000);
    assert.match(stage.leader.logs.join("\n"), /given up: the master refuses to hand over: NOPERM/);
    assert.equal(stage.master, old);
    assert.ok(old.isServing);
  });
});

describe("a replica that hangs in a FAILOVER of its own [COORD-STUCK]", () => {
  it("is freed and put back after a failover timeout, and nobody else hears of FAILOVER", () => {
    const stage = new Stage({ failoverTimeoutMs: 6_000 });
    const [master, stuck, other] = stage.servers;
    assert.ok(master && stuck && other);
    stuck.failover.isStuck = true;
    const told = ordersTo(stage, stuck);
    const at = stage.cluster.clock.now;
    stage.await("+fix-slave-config", 40_000);
    assert.ok(stage.cluster.clock.now - at > 6_000);
    stage.cluster.clock.advance(100);
    const orders = told.filter((words) => !words.startsWith("CLIENT SETNAME"));
    assert.deepEqual(orders.slice(0, 3), [
      "MULTI",
      "FAILOVER ABORT",
      `SLAVEOF ${master.host} 6379`,
    ]);
    assert.equal(stuck.failover.isOn, false);
    const toOther = ordersTo(stage, other);
    stage.ask(["SENTINEL", "FAILOVER", "mymaster", "TO", stuck.host, `${stuck.port}`]);
    stage.await("+switch-master");
    assert.ok(toOther.some((words) => words.startsWith("SLAVEOF")));
    assert.ok(!toOther.some((words) => words.startsWith("FAILOVER")));
  });
});
