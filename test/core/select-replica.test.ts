import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { comparePromotion } from "../../src/core/select-replica.ts";
import type { Replica } from "../../src/core/state.ts";

const candidate = fc
  .record({
    priority: fc.integer({ min: 1, max: 3 }),
    replOffset: fc.bigInt({ min: 0n, max: 3n }),
    runId: fc.option(fc.constantFrom("aa", "AB", "ac", "b")),
  })
  .map((fields) => fields as Replica);

describe("comparePromotion", () => {
  it("is a total order: antisymmetric and transitive", () => {
    fc.assert(
      fc.property(candidate, candidate, candidate, (a, b, c) => {
        const sign = (x: Replica, y: Replica) => Math.sign(comparePromotion(x, y));
        assert.equal(sign(a, b) + sign(b, a), 0);
        if (sign(a, b) <= 0 && sign(b, c) <= 0) assert.ok(sign(a, c) <= 0);
      }),
    );
  });

  it("puts a missing run id last and ignores case", () => {
    const of = (runId: string | null) => ({ priority: 1, replOffset: 0n, runId }) as Replica;
    assert.ok(comparePromotion(of("aa"), of("AB")) < 0);
    assert.ok(comparePromotion(of("zz"), of(null)) < 0);
  });
});
