import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { error } from "../../src/base/reply.ts";
import { DEFAULT_GUARDS } from "../../src/core/guards.ts";
import { Stage } from "./coordinated-stage.ts";

/** As Redis' `shutdown-timeout`. */
const WAITS_MS = 10_000;

function stageWith(handsOverAtShutdown: boolean, options: { replicas?: number } = {}): Stage {
  const stage = new Stage({ downAfterMs: 60_000, ...options });
  for (const { core } of stage.cluster.sentinels) {
    core.state.settings.guards = { ...DEFAULT_GUARDS, handsOverAtShutdown };
  }
  return stage;
}

/** SIGTERM to the master of a stage. */
function terminate({ master, cluster: { clock } }: Stage): void {
  master.endsAt = clock.now + WAITS_MS;
  master.pauseWrites(WAITS_MS);
}

function eventsOf({ cluster }: Stage): string[] {
  return cluster.sentinels.flatMap(({ events }) => events.map(({ name }) => name));
}

describe("a master that says that it shuts down [D-SHUTDOWN]", () => {
  it("is handed over by one Sentinel, and no write is lost", () => {
    for (let turn = 0; turn < 3; turn++) {
      const stage = stageWith(true);
      stage.cluster.clock.advance(137 * turn);
      stage.write();
      const old = stage.master;
      terminate(stage);
      stage.await("+switch-master", 3_000);
      stage.cluster.clock.advance(2_000);
      assert.notEqual(stage.master, old);
      assert.equal(old.master, stage.master);
      assert.equal(stage.lost, 0);
      const names = eventsOf(stage);
      assert.ok(names.includes("+shutdown-announced"));
      assert.equal(names.filter((name) => name === "+try-failover").length, 1);
      const told = stage.cluster.sentinels.flatMap(({ journal }) =>
        journal.map(({ kind }) => kind),
      );
      assert.deepEqual(told.sort(), ["followed", "followed", "handover"]);
      assert.ok(!names.includes("+sdown"), stage.cluster.timeline());
    }
  });

  it("is handed over, too, if it is gone as soon as it has told how much it has", () => {
    const stage = stageWith(true);
    stage.write();
    const old = stage.master;
    for (const server of stage.servers) if (server !== old) server.lagRounds = 4;
    let isFrozen = false;
    for (const sentinel of stage.cluster.sentinels) {
      sentinel.onSend = (to, [command, section]) => {
        if (to === old.address && command === "INFO" && section === "replication") isFrozen = true;
      };
    }
    terminate(stage);
    const { clock, network } = stage.cluster;
    assert.ok(
      clock.advanceUntil(() => isFrozen, 5_000),
      stage.cluster.timeline(),
    );
    clock.advance(20);
    network.kill(old);
    clock.advance(1_000);
    assert.ok(eventsOf(stage).includes("+switch-master"), stage.cluster.timeline());
    assert.notEqual(stage.master, old);
    assert.equal(stage.lost, 0);
  });

  it("is only told about without the flag, or while it is paused", () => {
    const silent = stageWith(false);
    terminate(silent);
    silent.cluster.clock.advance(WAITS_MS + 1_000);
    const paused = stageWith(true);
    for (const one of paused.cluster.sentinels) one.ask("SENTINEL", "PAUSE", "*", "60");
    terminate(paused);
    paused.cluster.clock.advance(WAITS_MS + 1_000);
    for (const stage of [silent, paused]) {
      assert.ok(eventsOf(stage).includes("+shutdown-announced"));
      assert.ok(!eventsOf(stage).includes("+try-failover"));
    }
  });

  it("is not handed over by the votes of Sentinels that an operator has paused", () => {
    const stage = stageWith(true);
    const [free, ...paused] = stage.cluster.sentinels;
    for (const one of paused) one.ask("SENTINEL", "PAUSE", "*", "60");
    terminate(stage);
    stage.cluster.clock.advance(WAITS_MS);
    assert.ok(
      free?.events.some(({ name }) => name === "+try-failover"),
      stage.cluster.timeline(),
    );
    assert.ok(!eventsOf(stage).includes("+elected-leader"), stage.cluster.timeline());
  });

  it("is tried three times at most, and what is in the way of it is said", () => {
    const stage = stageWith(true, { replicas: 1 });
    const old = stage.master;
    old.refuse = ([name, what]) =>
      name === "CLIENT" && what === "PAUSE" ? error("NOPERM no right to it") : null;
    terminate(stage);
    stage.cluster.clock.advance(30_000);
    const tries = eventsOf(stage).filter((name) => name === "+try-failover").length;
    assert.ok(tries >= 1 && tries <= 9, `${tries}`);
    const alone = stageWith(true, { replicas: 1 });
    for (const server of alone.servers) server.priority = 0;
    alone.cluster.clock.advance(12_000);
    terminate(alone);
    alone.cluster.clock.advance(5_000);
    assert.match(alone.leader.logs.join("\n"), /is not handed over.*NOGOODSLAVE/);
  });

  it("goes on if its shutdown is aborted, and may announce the next one", () => {
    const stage = stageWith(false);
    const { master } = stage;
    for (let turn = 1; turn <= 2; turn++) {
      terminate(stage);
      stage.cluster.clock.advance(11_000);
      master.endsAt = null;
      stage.cluster.clock.advance(11_000);
      const told = stage.leader.events.filter(({ name }) => name === "+shutdown-announced");
      assert.equal(told.length, turn);
    }
    assert.match(stage.leader.logs.join("\n"), /its shutdown was aborted/);
  });
});
