import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Candidate, compareCandidates } from "../../src/core/select-replica.ts";

const candidate = fc
  .record({
    replica: fc.record({
      priority: fc.integer({ min: 1, max: 3 }),
      replOffset: fc.bigInt({ min: 0n, max: 3n }),
      runId: fc.option(fc.constantFrom("aa", "AB", "ac", "b")),
    }),
    claim: fc.record({
      rank: fc.integer({ min: 0, max: 2 }),
      generation: fc.integer({ min: -1, max: 1 }),
    }),
  })
  .map((fields) => fields as Candidate);

function of(replica: object, claim: object = {}): Candidate {
  return {
    replica: { priority: 1, replOffset: 0n, runId: "a", ...replica },
    claim: { rank: 0, generation: 0, ...claim },
  } as Candidate;
}

function isBetter(a: Candidate, b: Candidate): boolean {
  return compareCandidates(a, b) < 0;
}

describe("compareCandidates", () => {
  it("is a total order: antisymmetric and transitive", () => {
    fc.assert(
      fc.property(candidate, candidate, candidate, (a, b, c) => {
        const sign = (x: Candidate, y: Candidate) => Math.sign(compareCandidates(x, y));
        assert.equal(sign(a, b) + sign(b, a), 0);
        if (sign(a, b) <= 0 && sign(b, c) <= 0) assert.ok(sign(a, c) <= 0);
      }),
    );
  });

  it("puts a missing run id last and ignores case", () => {
    assert.ok(isBetter(of({ runId: "aa" }), of({ runId: "AB" })));
    assert.ok(isBetter(of({ runId: "zz" }), of({ runId: null })));
  });

  it("compares offsets only under one name of the data: a newer name holds more", () => {
    assert.ok(isBetter(of({ replOffset: 1n }), of({ replOffset: 9n }, { generation: 1 })));
    assert.ok(isBetter(of({ replOffset: 9n }, { generation: 1 }), of({}, { generation: 1 })));
  });

  it("asks for the claim before the priority, and for the priority before the data", () => {
    assert.ok(isBetter(of({ priority: 100 }), of({ priority: 1 }, { rank: 1 })));
    assert.ok(isBetter(of({ priority: 1 }), of({ priority: 2, replOffset: 9n })));
  });
});
