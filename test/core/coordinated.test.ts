import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { error } from "../../src/base/reply.ts";
import { MASTER_NAME, masterOf } from "../sim/cluster.ts";
import type { SimSentinel } from "../sim/sentinel-process.ts";
import { COORDINATED, Stage } from "./coordinated-stage.ts";
import { plain } from "./harness.ts";

const names = ({ events }: SimSentinel) => events.map(({ name }) => name);

describe("a coordinated failover [COORD-OFFSET]", () => {
  for (const lagRounds of [1, 4, 30]) {
    it(`loses no write where replicas lag ${lagRounds * 50} ms`, () => {
      const stage = new Stage();
      for (const server of stage.servers) server.lagRounds = lagRounds;
      stage.write();
      const old = stage.master;
      assert.deepEqual(plain(stage.ask(COORDINATED)), "OK");
      stage.await("+switch-master");
      stage.cluster.clock.advance(10_000);
      assert.notEqual(stage.master, old);
      assert.equal(stage.lost, 0);
      assert.equal(old.master, stage.master);
      assert.ok(stage.longestGapMs <= 50 * lagRounds + 40, `${stage.longestGapMs} ms`);
    });
  }

  it("has the events of any failover, and an election", () => {
    const { cluster } = new Stage();
    const sentinel = cluster.sentinel(0);
    const before = sentinel.events.length;
    sentinel.ask(...COORDINATED);
    cluster.clock.advance(2_000);
    assert.deepEqual(names(sentinel).slice(before), [
      ...["+new-epoch", "+try-failover", "+vote-for-leader"],
      ...["+elected-leader", "+failover-state-select-slave", "+selected-slave"],
      ...["+failover-state-send-slaveof-noone", "+failover-state-wait-promotion"],
      ...["-role-change", "+promoted-slave", "+failover-state-reconf-slaves"],
      ...["+slave-reconf-sent", "+slave-reconf-inprog", "+slave-reconf-done"],
      ...["+failover-end", "+switch-master", "+slave", "+slave"],
    ]);
    for (const one of cluster.sentinels) {
      assert.ok(names(one).includes("+vote-for-leader"));
      assert.ok(!names(one).includes("+sdown"));
    }
  });

  it("shows the flag of Valkey while it goes on", () => {
    const stage = new Stage();
    stage.ask(COORDINATED);
    const rows = plain(stage.ask(["SENTINEL", "MASTER", MASTER_NAME]));
    assert.match(
      JSON.stringify(rows),
      /"flags":"master,failover_in_progress,coordinated_failover"/,
    );
  });

  it("publishes nothing to a master that holds writes back", () => {
    const stage = new Stage();
    const old = stage.master;
    for (const server of stage.servers) server.lagRounds = 30;
    stage.write();
    const told: string[] = [];
    const { onSend } = stage.leader;
    stage.leader.onSend = (to, args) => {
      onSend?.(to, args);
      if (to === old.address) told.push(args.join(" "));
    };
    stage.ask(COORDINATED);
    stage.await("+switch-master");
    const from = told.findIndex((words) => words.startsWith("CLIENT PAUSE"));
    const to = told.indexOf("CLIENT UNPAUSE");
    assert.ok(from >= 0 && to > from, told.join("\n"));
    assert.deepEqual(
      told.slice(from, to).filter((words) => words.startsWith("PUBLISH")),
      [],
    );
  });

  it("is given up if its target does not catch up, and writes go on [COORD-GIVE-UP]", () => {
    const stage = new Stage({ replicas: 1 });
    const old = stage.master;
    stage.write();
    const [, target] = stage.servers;
    assert.ok(target);
    stage.leader.onEvent.push(({ name }) => {
      if (name === "+selected-slave") target.lagRounds = 1_000;
    });
    stage.ask([...COORDINATED, "TIMEOUT", "600"]);
    stage.await("-failover-abort-master-timeout");
    stage.cluster.clock.advance(20);
    assert.ok(stage.longestGapMs >= 400 && stage.longestGapMs <= 620, `${stage.longestGapMs}`);
    assert.ok(old.isServing);
    assert.match(stage.leader.logs.join("\n"), /given up: its target has not caught up/);
    stage.cluster.clock.advance(20_000);
    assert.equal(stage.master, old);
    assert.equal(stage.lost, 0);
    assert.equal(masterOf(stage.leader).configEpoch, 0n);
  });

  it("is given up if the promotion is not seen while writes are held back [COORD-CERTAIN]", () => {
    const stage = new Stage({ replicas: 1 });
    const old = stage.master;
    stage.write();
    const [, target] = stage.servers;
    assert.ok(target);
    // It stands still when the order to be a master is on its way, and obeys long after.
    stage.leader.onEvent.push(({ name }) => {
      if (name === "+failover-state-wait-promotion") target.isStopped = true;
    });
    stage.ask([...COORDINATED, "TIMEOUT", "600"]);
    stage.await("-failover-abort-slave-timeout", 2_000);
    stage.cluster.clock.advance(3_000);
    target.isStopped = false;
    stage.cluster.clock.advance(30_000);
    assert.equal(stage.master, old);
    assert.equal(target.master, old);
    assert.equal(stage.lost, 0);
    for (const one of stage.cluster.sentinels) assert.ok(!names(one).includes("+promoted-slave"));
  });

  it("says what the old master refuses, also if it answers after the switch [D-PARTLY-REFUSED]", () => {
    const stage = new Stage({ replicas: 1 });
    const old = stage.master;
    stage.write();
    const text = "NOPERM User sentinel has no permissions to run the 'client|unpause' command";
    old.refuse = ([name, sub]) => (name === "CLIENT" && sub === "UNPAUSE" ? error(text) : null);
    stage.leader.onEvent.push(({ name }) => {
      if (name === "+promoted-slave") stage.cluster.network.slowDown(old.address, 300);
    });
    stage.ask(COORDINATED);
    stage.await("+switch-master");
    assert.doesNotMatch(stage.leader.logs.join("\n"), /CLIENT UNPAUSE failed/);
    stage.cluster.clock.advance(1_500);
    assert.match(stage.leader.logs.join("\n"), /CLIENT UNPAUSE failed, so it holds writes back/);
  });

  it("ends by itself if its leader dies while writes are held back", () => {
    const stage = new Stage({ replicas: 1 });
    const old = stage.master;
    stage.write();
    const [, target] = stage.servers;
    assert.ok(target);
    target.lagRounds = 1_000;
    stage.ask(COORDINATED);
    assert.ok(stage.cluster.clock.advanceUntil(() => !old.isServing, 1_000));
    stage.leader.crash();
    assert.ok(stage.cluster.clock.advanceUntil(() => old.isServing, 2_600));
    const other = stage.cluster.sentinel(1);
    stage.cluster.clock.advance(5_000);
    assert.ok(!names(other).includes("+sdown") || !names(other).includes("+odown"));
  });

  it("finishes by the others if its leader dies once it told them", () => {
    const stage = new Stage();
    stage.write();
    const old = stage.master;
    stage.leader.onEvent.push(({ name }) => {
      if (name === "+slave-reconf-sent") stage.cluster.clock.after(3, () => stage.leader.crash());
    });
    stage.ask(COORDINATED);
    const master = stage.cluster.awaitNewMaster(old, 30_000);
    const held = new Set(master.data);
    assert.deepEqual(
      stage.acked.filter((id) => !held.has(id)),
      [],
    );
  });

  it("tells the old master of the new one when its link comes back [COORD-DEMOTE]", () => {
    const stage = new Stage();
    const { network, clock } = stage.cluster;
    const old = stage.master;
    stage.write();
    stage.leader.onEvent.push(({ name }) => {
      if (name !== "+promoted-slave") return;
      network.closeAllByHost(old, () => true, "dropped");
    });
    stage.ask(COORDINATED);
    stage.await("+promoted-slave");
    const at = clock.now;
    assert.ok(clock.advanceUntil(() => old.role === "slave", 2_000));
    assert.ok(clock.now - at < 2_000, `${clock.now - at}`);
    stage.cluster.clock.advance(10_000);
    assert.equal(stage.lost, 0);
  });

  it("says which right the master refuses", () => {
    const stage = new Stage();
    const old = stage.master;
    const text = "NOPERM User sentinel has no permissions to run the 'client|pause' command";
    old.refuse = ([name, sub]) => (name === "CLIENT" && sub === "PAUSE" ? error(text) : null);
    stage.ask(COORDINATED);
    stage.await("-failover-abort-master-timeout");
    assert.match(stage.leader.logs.join("\n"), /given up: the master refuses CLIENT PAUSE: NOPERM/);
    assert.equal(stage.master, old);
  });

  it("makes way for a failover at once if the master dies meanwhile", () => {
    const stage = new Stage({ replicas: 1, downAfterMs: 2_000 });
    const old = stage.master;
    const [, target] = stage.servers;
    assert.ok(target);
    stage.write();
    target.lagRounds = 1_000;
    stage.ask(COORDINATED);
    stage.cluster.clock.advance(100);
    stage.cluster.network.kill(old);
    target.lagRounds = 1;
    const at = stage.cluster.clock.now;
    stage.cluster.awaitNewMaster(old, 20_000);
    assert.ok(stage.cluster.clock.now - at < 4_000, `${stage.cluster.clock.now - at} ms`);
  });

  it("holds an election that the others may win: two at once make one switch", () => {
    const stage = new Stage();
    stage.write();
    const old = stage.master;
    stage.cluster.sentinel(1).command(COORDINATED, () => undefined);
    stage.cluster.sentinel(0).command(COORDINATED, () => undefined);
    stage.cluster.awaitNewMaster(old, 30_000);
    stage.cluster.clock.advance(10_000);
    assert.equal(stage.lost, 0);
  });
});
