import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientLife } from "./life.ts";
import type { ClientSpec } from "./registry.ts";
import { median } from "./table.ts";
import { faults } from "./verdict.ts";

const client: ClientSpec = { name: "some", title: "Some client", command: ["some"], tells: [] };

test("the median of an even count lies between the two in the middle", () => {
  assert.equal(median([4, 1, 3]), 3);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([]), null);
});

test("a lost life with ours is a fault, one with C Sentinels is not", () => {
  const failure = "no writes";
  assert.deepEqual(faults([life("c", { failure })], [client], []), []);
  assert.deepEqual(faults([life("mixed", { failure })], [client], []), [
    "some, plain, mixed: no writes",
  ]);
});

test("a flaw of the client is no fault where C Sentinels answer, or lose it a life alike", () => {
  const flawed = { ...client, flaw: { shows: /: sees replicas /, what: "it forgets" } };
  const failure = "at the return: sees replicas 1, not 1,2";
  const verdict = (...lives: ClientLife[]) => faults(lives, [flawed], []);
  assert.deepEqual(verdict(life("ours", { failure })), [`some, plain, ours: ${failure}`]);
  assert.deepEqual(verdict(life("mixed", { failure })), []);
  assert.deepEqual(verdict(life("ours", { failure }), life("c", { failure })), []);
  const other = { failure: "no writes" };
  assert.equal(verdict(life("ours", other), life("c", { failure })).length, 1);
  assert.equal(faults([life("mixed", { failure })], [client], []).length, 1);
});

test("a longer outage is a fault once there are enough runs for a median", () => {
  const runs = (count: number) =>
    Array.from({ length: count }, () => [
      life("ours", { killGapMs: 3000 }),
      life("c", { killGapMs: 2000 }),
    ]).flat();
  assert.deepEqual(faults(runs(4), [client], []), []);
  assert.match(faults(runs(5), [client], []).join(), /death of the master for 3000 ms.* 2000 ms/);
});

test("medians that a pause between two writes can explain are equal", () => {
  const one = [life("ours", { failoverGapMs: 180 }), life("c", { failoverGapMs: 90 })];
  assert.deepEqual(faults(Array.from({ length: 5 }, () => one).flat(), [client], []), []);
});

test("a fact of one kind alone is a fault of ours, whichever it is", () => {
  const tool = { title: "Tool", same: 3, onlyOurs: ["a"], onlyC: ["b"] };
  assert.deepEqual(faults([], [], [tool]), ["Tool: only ours: a", "Tool: only C: b"]);
});

function life(kind: ClientLife["kind"], more: Partial<ClientLife>): ClientLife {
  const gaps = { killGapMs: 1, failoverGapMs: 1, writes: 10, vanished: 0 };
  const whole = { ...gaps, errors: new Map(), failure: null };
  return { client: client.name, kind, scenery: "plain", ...whole, ...more };
}
