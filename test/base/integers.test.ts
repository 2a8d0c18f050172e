import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  isWholeInteger,
  leadingInt32,
  leadingInteger,
  leadingMillis,
  strictInteger,
  strictIntegerOf,
  strictNumber,
} from "../../src/base/integers.ts";

const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const BEYOND = "9".repeat(500);

/** What each reader makes of a word: string2ll, strtoll without an end, atoi, our milliseconds, strtoll to the end. */
type Row = readonly [string, bigint | null, bigint, number, number, boolean];
const WORDS: readonly Row[] = [
  ["", null, 0n, 0, 0, true],
  ["0", 0n, 0n, 0, 0, true],
  ["7", 7n, 7n, 7, 7, true],
  ["-7", -7n, -7n, -7, -7, true],
  ["+7", null, 7n, 7, 7, true],
  ["--7", null, 0n, 0, 0, false],
  ["-", null, 0n, 0, 0, false],
  ["-0", null, 0n, 0, 0, true],
  ["00", null, 0n, 0, 0, true],
  ["007", null, 7n, 7, 7, true],
  ["-07", null, -7n, -7, -7, true],
  [" 7", null, 7n, 7, 7, true],
  [" \t\n\v\f\r+7", null, 7n, 7, 7, true],
  ["7 ", null, 7n, 7, 7, false],
  ["7\n", null, 7n, 7, 7, false],
  ["7x", null, 7n, 7, 7, false],
  ["x7", null, 0n, 0, 0, false],
  ["7.5", null, 7n, 7, 7, false],
  ["1e3", null, 1n, 1, 1, false],
  ["0x10", null, 0n, 0, 0, false],
  ["\0", null, 0n, 0, 0, false],
  // Digits of other scripts are bytes like any others.
  ["\u0663", null, 0n, 0, 0, false],
  ["999999999", 999_999_999n, 999_999_999n, 999_999_999, 999_999_999, true],
  ["2147483647", 2n ** 31n - 1n, 2n ** 31n - 1n, 2 ** 31 - 1, 2 ** 31 - 1, true],
  ["2147483648", 2n ** 31n, 2n ** 31n, -(2 ** 31), 2 ** 31, true],
  ["99999999999", 99_999_999_999n, 99_999_999_999n, 1_215_752_191, 99_999_999_999, true],
  ["9007199254740992", 2n ** 53n, 2n ** 53n, 0, MAX_SAFE, true],
  ["-9007199254740992", -(2n ** 53n), -(2n ** 53n), 0, -MAX_SAFE, true],
  ["9223372036854775807", 2n ** 63n - 1n, 2n ** 63n - 1n, -1, MAX_SAFE, true],
  ["9223372036854775808", null, 2n ** 63n, -1, MAX_SAFE, true],
  ["-9223372036854775808", -(2n ** 63n), -(2n ** 63n), 0, -MAX_SAFE, true],
  ["-9223372036854775809", null, -(2n ** 63n) - 1n, 0, -MAX_SAFE, true],
  ["10000000000000000000", null, 10n ** 19n, -1, MAX_SAFE, true],
  [BEYOND, null, BigInt("9".repeat(100)), -1, MAX_SAFE, true],
];

test("each reader takes what C takes in its place, and makes the same of it", () => {
  const read = WORDS.map(([word]): Row => {
    const leading = [leadingInteger(word), leadingInt32(word), leadingMillis(word)] as const;
    return [word, strictInteger(word), ...leading, isWholeInteger(word)];
  });
  assert.deepEqual(read, WORDS);
});

test("a strict number is a strict integer within its range", () => {
  assert.equal(strictNumber("1", 1, 3), 1);
  assert.equal(strictNumber("3", 1, 3), 3);
  for (const word of ["0", "4", "-1", "02", "+2", BEYOND]) {
    assert.equal(strictNumber(word, 1, 3), null, word);
  }
  assert.equal(strictNumber(`${MAX_SAFE}`, 0, MAX_SAFE), MAX_SAFE);
  assert.equal(strictNumber("9007199254740992", 0, MAX_SAFE), null);
});

/** The value, where the bytes may have been rounded. */
function ofBytes(word: string): number | null {
  const bytes = Buffer.from(`*${word}\r`, "latin1");
  return strictIntegerOf(bytes, 1, bytes.length - 1);
}

test("bytes are read as the text that they are", () => {
  const words = WORDS.map(([word]) => word).filter((word) => !/[^\0-\xff]/.test(word));
  for (const word of words) {
    const value = strictInteger(word);
    assert.equal(ofBytes(word) === null, value === null, word);
  }
  const digits = fc.string({ unit: fc.constantFrom(..."0123456789-+ x"), maxLength: 21 });
  const near = fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String);
  fc.assert(
    fc.property(fc.oneof(digits, near), (word) => {
      const value = strictInteger(word);
      const read = ofBytes(word);
      assert.equal(read === null, value === null);
      // Digit by digit, a number beyond 53 bits is rounded more than once.
      if (read !== null) assert.ok(Math.abs(read - Number(value)) <= 2 ** 11);
      if (read !== null && Math.abs(read) <= MAX_SAFE) assert.equal(read, Number(value));
    }),
  );
});
