import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { COORDINATED, Stage } from "./coordinated-stage.ts";

/** A full sync begins some seconds after it was asked for (repl-diskless-sync-delay). */
const SLOW_SYNC = { delayMs: 5_000, transferMs: 100, isDropping: false, isForced: false };

/** Clients write all the time, and every Sentinel knows how much there is. */
function busy(replicas = 2): Stage {
  const stage = new Stage({ replicas });
  stage.write();
  stage.cluster.clock.advance(12_000);
  for (const one of stage.servers) one.syncTerms = { ...SLOW_SYNC };
  return stage;
}

/** The writes that were acknowledged before are in the data of the master, but for those that no replica had. */
function assertKept(stage: Stage, acked: readonly number[], unsent: number): void {
  const held = new Set(stage.master.data);
  const lost = acked.filter((id) => !held.has(id)).length;
  assert.ok(lost <= unsent, `${lost} of ${acked.length}\n${stage.cluster.timeline()}`);
}

describe("a busy master that comes back without its data [D-REBORN]", () => {
  it("is replaced, though clients have written to it again before it is asked", () => {
    for (const backMs of [0, 200, 1_000]) {
      const stage = busy();
      const { clock, network } = stage.cluster;
      const old = stage.master;
      network.kill(old);
      const acked = [...stage.acked];
      clock.advance(backMs);
      old.restartEmpty();
      clock.advance(30_000);
      assert.notEqual(stage.master, old);
      assertKept(stage, acked, 10);
    }
  });

  for (const what of ["empty", "with an old file"] as const) {
    it(`${what} in a planned switch is not followed by the target, which has all [COORD-GIVE-UP]`, () => {
      for (const replicas of [1, 2]) {
        for (const backMs of [0, 1_000]) {
          const stage = busy(replicas);
          const { clock, network } = stage.cluster;
          const old = stage.master;
          const [, target] = stage.servers;
          assert.ok(target);
          let acked: readonly number[] = [];
          stage.leader.onEvent.push(({ name }) => {
            if (name !== "+failover-state-wait-promotion") return;
            network.slowDown(target.address, 400);
            network.kill(old);
            acked = [...stage.acked];
            clock.after(backMs, () =>
              what === "empty" ? old.restartEmpty() : old.restartOlder(3),
            );
            clock.after(3_000, () => network.heal());
          });
          stage.ask([...COORDINATED, "TO", target.ip, "6379"]);
          clock.advance(60_000);
          assert.ok(acked.length > 0);
          assertKept(stage, acked, 0);
        }
      }
    });
  }
});
