import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  formatMemory,
  leadingInt32,
  leadingInteger,
  leadingMillis,
  memoryValue,
  octalValue,
  strictInteger,
} from "../../src/config/numbers.ts";

test("strict integers allow no sign plus, leading zero, space or overflow", () => {
  assert.equal(strictInteger("0"), 0n);
  assert.equal(strictInteger("-12"), -12n);
  assert.equal(strictInteger("9223372036854775807"), 2n ** 63n - 1n);
  for (const text of [
    "",
    "+1",
    "01",
    "-0",
    " 1",
    "1 ",
    "1x",
    "9223372036854775808",
    "9".repeat(500),
  ])
    assert.equal(strictInteger(text), null, text);
});

test("leading integers read like atoi and strtoll", () => {
  const table = [
    ["", 0n, 0],
    ["abc", 0n, 0],
    ["2x", 2n, 2],
    [" \t+7", 7n, 7],
    ["-5", -5n, -5],
    ["007", 7n, 7],
    ["2147483648", 2147483648n, -2147483648],
    ["99999999999", 99999999999n, 1215752191],
  ] as const;
  for (const [text, integer, int32] of table) {
    assert.equal(leadingInteger(text), integer);
    assert.equal(leadingInt32(text), int32);
  }
  assert.equal(leadingMillis("9".repeat(400)), Number.MAX_SAFE_INTEGER);
});

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
  for (const text of ["-1", "1zb", "1 kb", "x", "1.5gb"]) assert.equal(memoryValue(text), null);
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
