import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { COORDINATED, Stage } from "./coordinated-stage.ts";
import { plain } from "./harness.ts";

/** What must not happen while a master holds writes back for us, and what must before it takes them again. */
describe("the pause of a planned switch", () => {
  for (const hasAlias of [false, true]) {
    const what = hasAlias ? "old master of two names" : "old master";
    it(`may end while the disk is slow: the ${what} follows by then [COORD-DEMOTE]`, () => {
      const stage = new Stage({ hasAlias });
      const old = stage.master;
      stage.write();
      // The votes are on disk already.
      stage.leader.onEvent.push(({ name }) => {
        if (name === "+failover-state-wait-promotion") stage.leader.disk.saveTakesMs = 8_000;
      });
      stage.ask(COORDINATED);
      stage.await("+promoted-slave");
      assert.equal(old.role, "slave");
      stage.leader.disk.saveTakesMs = 0;
      stage.cluster.clock.advance(60_000);
      assert.notEqual(stage.master, old);
      assert.equal(stage.lost, 0);
    });
  }

  it("may end before the old master hears of the new one: it stays the master [COORD-CERTAIN]", () => {
    const stage = new Stage();
    const old = stage.master;
    stage.write();
    const { clock, network } = stage.cluster;
    // A full sync takes its time: one that is called off at once costs nothing.
    old.syncTerms = { delayMs: 100, transferMs: 100, isDropping: false, isForced: false };
    stage.leader.onEvent.push(({ name }) => {
      if (name !== "+failover-state-wait-promotion") return;
      // The renewal of the pause and the order to follow come when it is over.
      network.cut(stage.leader.address, old.address);
      clock.after(1_500, () => network.heal());
    });
    stage.ask([...COORDINATED, "TIMEOUT", "700"]);
    stage.await("-failover-abort-slave-timeout");
    assert.ok(stage.servers.some((one) => one !== old && one.role === "master"));
    clock.advance(30_000);
    assert.equal(stage.master, old);
    assert.equal(old.role, "master");
    for (const one of stage.servers) assert.ok(one === old || one.master === old);
    assert.equal(stage.lost, 0);
    assert.ok(!stage.says("+promoted-slave"));
  });

  it("ends with the process: a master that was started anew meanwhile stays it", () => {
    const stage = new Stage({ replicas: 1 });
    const old = stage.master;
    const [, target] = stage.servers;
    assert.ok(target);
    stage.write();
    const { clock, network } = stage.cluster;
    stage.leader.onEvent.push(({ name }) => {
      if (name !== "+failover-state-wait-promotion") return;
      network.slowDown(target.address, 400);
      network.kill(old);
      old.restart();
      clock.after(3_000, () => network.heal());
    });
    stage.ask(COORDINATED);
    clock.advance(60_000);
    assert.equal(stage.lost, 0);
    assert.equal(stage.servers.filter(({ role }) => role === "master").length, 1);
  });

  it("is not filled with hellos, so that no PING waits behind one", () => {
    const stage = new Stage({ replicas: 1 });
    const old = stage.master;
    const [, target] = stage.servers;
    assert.ok(target);
    stage.write();
    target.lagRounds = 1_000;
    const told: string[] = [];
    stage.leader.onSend = (to, args) => {
      if (to === old.address) told.push(args[0] ?? "");
    };
    // Longer than between two hellos.
    stage.ask([...COORDINATED, "TIMEOUT", "4000"]);
    stage.await("-failover-abort-master-timeout");
    const from = told.indexOf("CLIENT");
    assert.ok(told.slice(from).includes("PING"));
    assert.ok(!told.slice(from, told.lastIndexOf("CLIENT")).includes("PUBLISH"), told.join());
  });

  // The second one is elected last, and has its way if its target catches up in time.
  for (const [limits, isSwitched] of [
    [["500", "900"], true],
    [["900", "500"], false],
  ] as const) {
    it(`loses no write if two Sentinels are asked one after the other, for ${limits.join(" and ")} ms [COORD-GIVE-UP]`, () => {
      const stage = new Stage({ replicas: 2 });
      stage.write();
      const { clock, sentinels } = stage.cluster;
      const [, ...replicas] = stage.servers;
      for (const [at, { host, port }] of replicas.entries()) {
        const words = ["TO", host, `${port}`, "TIMEOUT", limits[at] ?? ""];
        assert.deepEqual(plain(sentinels[at]?.ask(...COORDINATED, ...words)), "OK");
        for (const server of replicas) server.lagRounds = 14;
        clock.advance(15);
      }
      clock.advance(20_000);
      assert.equal(stage.lost, 0, stage.cluster.timeline());
      assert.equal(stage.servers.filter(({ role }) => role === "master").length, 1);
      assert.equal(stage.master === replicas[1], isSwitched, stage.cluster.timeline());
    });
  }

  it("leaves the pause to one that was elected since, when it is given up [COORD-GIVE-UP]", () => {
    const stage = new Stage({ replicas: 2 });
    stage.write();
    const [leader, second] = stage.cluster.sentinels;
    const [, stopped, late] = stage.servers;
    assert.ok(leader && second && stopped && late);
    leader.onEvent.push(({ name }) => {
      if (name === "+failover-state-wait-promotion") stopped.isStopped = true;
      if (name === "-failover-abort-slave-timeout") late.lagRounds = 1;
    });
    late.lagRounds = 1_000;
    leader.ask(...COORDINATED, "TO", stopped.host, `${stopped.port}`, "TIMEOUT", "1200");
    stage.await("+failover-state-wait-promotion");
    second.ask(...COORDINATED, "TO", late.host, `${late.port}`, "TIMEOUT", "2000");
    stage.cluster.clock.advance(3_000);
    stopped.isStopped = false;
    stage.cluster.clock.advance(20_000);
    assert.ok(stage.says("-failover-abort-slave-timeout"));
    assert.equal(stage.master, late, stage.cluster.timeline());
    assert.equal(stage.lost, 0);
  });

  it("is undone if somebody ends the pause meanwhile [COORD-DEMOTE]", () => {
    const stage = new Stage({ replicas: 1 });
    const old = stage.master;
    stage.write();
    let isOn = true;
    const { onSend } = stage.leader;
    stage.leader.onSend = (to, args) => {
      onSend?.(to, args);
      // Behind the first pause, and before the second one is there.
      if (isOn && args[0] === "SLAVEOF") old.pauseWrites(0);
      if (args[0] === "SLAVEOF") isOn = false;
    };
    stage.cluster.network.slowDown(old.address, 20);
    stage.ask(COORDINATED);
    stage.await("-failover-abort-slave-timeout");
    assert.match(stage.leader.logs.join("\n"), /somebody ended its pause/);
    stage.cluster.clock.advance(10_000);
    assert.equal(stage.master, old);
    assert.equal(stage.lost, 0);
  });
});
