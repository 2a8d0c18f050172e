import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatMemory, memoryValue, octalValue } from "../../src/config/numbers.ts";

test("memory has units of 1000 and of 1024", () => {
  const table = [
    ["", 0n],
    ["10", 10n],
    ["10b", 10n],
    ["1k", 1000n],
    ["1KB", 1024n],
    ["2m", 2_000_000n],
    ["2Mb", 2_097_152n],
    ["1g", 1_000_000_000n],
    ["1gb", 1_073_741_824n],
  ] as const;
  for (const [text, bytes] of table) assert.equal(memoryValue(text), bytes);
  for (const text of ["-1", "1zb", "1 kb", "x", "1.5gb", "1constructor"])
    assert.equal(memoryValue(text), null);
});

test("memory written is memory read", () => {
  assert.equal(formatMemory(64n * 1024n ** 2n), "64mb");
  assert.equal(formatMemory(0n), "0");
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (bytes) => {
      assert.equal(memoryValue(formatMemory(bytes)), bytes);
    }),
  );
});

test("octal numbers are whole", () => {
  assert.equal(octalValue("700"), 0o700n);
  assert.equal(octalValue(""), 0n);
  assert.equal(octalValue("-7"), -7n);
  for (const text of ["9", "7x", "7 "]) assert.equal(octalValue(text), null);
});
