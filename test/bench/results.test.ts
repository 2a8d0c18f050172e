import assert from "node:assert/strict";
import { test } from "node:test";
import { atLeastOfC, atMost } from "./figure.ts";
import { quantile, Results, summarise } from "./results.ts";

test("a summary names values that were measured, and the middle of an even number", () => {
  assert.deepEqual(summarise([3, 1, 2]), { samples: [3, 1, 2], median: 2, p90: 3, max: 3 });
  assert.equal(summarise([4, 1, 2, 3]).median, 2.5);
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  assert.equal(quantile(hundred, 0.9), 90);
  assert.equal(quantile(hundred, 0.99), 99);
});

test("a target is judged by the medians, and one relative to C only beside C", () => {
  const results = new Results();
  results.add("b", { name: "time", unit: "ms", target: atMost(10) }, "ours", 11);
  const rate = { name: "rate", unit: "requests/s", target: atLeastOfC(0.9) } as const;
  results.add("b", rate, "ours", 95);
  assert.deepEqual(
    results.rows().map(({ isMet, ratio }) => ({ isMet, ratio })),
    [
      { isMet: false, ratio: null },
      { isMet: null, ratio: null },
    ],
  );
  results.add("b", rate, "c", 100);
  assert.deepEqual([results.rows("b")[1]?.isMet, results.rows("b")[1]?.ratio], [true, 0.95]);
});
