import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { COORDINATED, Stage } from "./coordinated-stage.ts";

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
});
