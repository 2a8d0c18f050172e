import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { liveUnderFire } from "../sim/fire.ts";

describe("random faults", () => {
  for (const block of [0, 1, 2, 3]) {
    it(`break no invariant and end in agreement, seeds ${block * 50 + 1} to ${block * 50 + 50}`, () => {
      for (let seed = block * 50 + 1; seed <= block * 50 + 50; seed++) {
        assert.doesNotThrow(() => liveUnderFire(seed), `seed ${seed}`);
      }
    });
  }
});
