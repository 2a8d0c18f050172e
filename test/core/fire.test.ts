import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { liveSeed } from "../sim/life.ts";

describe("random faults", () => {
  it("break no invariant and end in agreement, seeds 1 to 200", () => {
    for (let seed = 1; seed <= 200; seed++) {
      assert.doesNotThrow(() => liveSeed(seed), `seed ${seed}`);
    }
  });
});
