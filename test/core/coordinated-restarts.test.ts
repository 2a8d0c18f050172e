import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { COORDINATED, Stage } from "./coordinated-stage.ts";

const STEPS = [
  "+try-failover",
  "+elected-leader",
  "+selected-slave",
  "+failover-state-send-slaveof-noone",
  "+failover-state-wait-promotion",
  "+promoted-slave",
  "+slave-reconf-sent",
  "+switch-master",
];
/** From here on the target may be the master. */
const PROMOTED = "+failover-state-wait-promotion";
/** So long after the event: orders are on their way, were heard, or answered. */
const AFTER_MS = [0, 5];
const AWAY_MS = [0, 200, 1_000];

describe("a server that is started anew, with its data, in a planned switch [COORD-GIVE-UP]", () => {
  for (const victim of ["master", "target"] as const) {
    for (const step of STEPS) {
      it(`${victim} at ${step}: nothing is lost, and one master is left`, () => {
        // With one replica nobody is left to be told of it.
        for (const replicas of step === "+slave-reconf-sent" ? [2] : [1, 2]) {
          for (const afterMs of AFTER_MS) {
            for (const awayMs of AWAY_MS) switchWith({ victim, step, replicas, afterMs, awayMs });
          }
        }
      });
    }
  }
});

interface Life {
  readonly victim: "master" | "target";
  readonly step: string;
  readonly replicas: number;
  readonly afterMs: number;
  readonly awayMs: number;
}

function switchWith({ victim, step, replicas, afterMs, awayMs }: Life): void {
  const stage = new Stage({ replicas });
  const { clock, network } = stage.cluster;
  const [, target] = stage.servers;
  assert.ok(target);
  const struck = victim === "master" ? stage.master : target;
  let acked: readonly number[] | null = null;
  stage.write();
  stage.leader.onEvent.push(({ name }) => {
    if (name !== step || acked !== null) return;
    acked = [];
    clock.after(afterMs, () => {
      network.kill(struck);
      acked = [...stage.acked];
      clock.after(awayMs, () => struck.restart());
    });
  });
  stage.ask([...COORDINATED, "TO", target.ip, "6379"]);
  clock.advance(60_000);
  const told = `${afterMs} ms, away ${awayMs} ms, ${replicas} replicas\n${stage.cluster.timeline()}`;
  // What an old master takes after its start, until it is told that it is none, is another matter [D-RETURNING].
  const isReplaced = STEPS.indexOf(step) + (afterMs > 0 ? 1 : 0) > STEPS.indexOf(PROMOTED);
  const held = new Set(stage.master.data);
  const lost = ((isReplaced ? acked : stage.acked) ?? []).filter((id) => !held.has(id));
  assert.ok(acked !== null, told);
  assert.deepEqual(lost, [], told);
  assert.deepEqual(
    stage.servers.filter(({ role }) => role === "master"),
    [stage.master],
    told,
  );
}
