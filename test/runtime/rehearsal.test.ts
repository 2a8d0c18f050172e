import assert from "node:assert/strict";
import { test } from "node:test";
import { rehearse } from "../../src/runtime/rehearsal.ts";

for (const part of ["leader", "observer"] as const) {
  test(`a rehearsal as ${part} ends with the replica as master, and again`, () => {
    for (const _ of [1, 2]) {
      const steps = rehearse(part);
      let count = 0;
      let step = steps.next();
      for (; step.done !== true; step = steps.next()) count += 1;
      assert.equal(step.value, true);
      assert.ok(count < 500, `${count} steps`);
    }
  });
}
