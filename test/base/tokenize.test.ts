import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { quoteAlways, quoteArg, splitArgs, trimLine } from "../../src/base/tokenize.ts";

const byteString = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)),
});

const SPLITS: readonly (readonly [line: string, words: readonly string[] | null])[] = [
  ["", []],
  [" \t\r\n\v\f ", []],
  ["port 1", ["port", "1"]],
  ["  a\tb\rc\nd  ", ["a", "b", "c", "d"]],
  ["a\vb \fc", ["a\vb", "c"]],
  ['"a b"', ["a b"]],
  ['"\\n\\r\\t\\b\\a\\x41\\xfF\\q\\"\\\\"', ['\n\r\t\b\x07A\xffq"\\']],
  ['"\\x4"', ["x4"]],
  ['"\\x4g"', ["x4g"]],
  ["'a\\'b\\n'", ["a'b\\n"]],
  ["a\\nb", ["a\\nb"]],
  ['ab"c d"', ["abc d"]],
  ["ab'c d'", ["abc d"]],
  ['""', [""]],
  ["'' \"\" x", ["", "", "x"]],
  ['"a"\v"b"', ["a", "b"]],
  ['"a"b', null],
  ["'a'b", null],
  ['"a', null],
  ["'a", null],
  ['"a\\', null],
  ['a"', null],
  ["it's", null],
  ["port 1 # x", ["port", "1", "#", "x"]],
  ["a b\0 c", ["a", "b"]],
  ['"a\0"', null],
  ["pass\xc3\xa4", ["pass\xc3\xa4"]],
];

test("a line splits into words as C splits it", () => {
  for (const [line, words] of SPLITS) assert.deepEqual(splitArgs(line), words, line);
});

test("a word is quoted only when it could not stand alone", () => {
  const table = [
    ["plain", "plain"],
    ["10.0.0.9", "10.0.0.9"],
    ["\xc3\xa4", "\xc3\xa4"],
    ["back\\slash", "back\\slash"],
    ["#", "#"],
    ["", '""'],
    ["a b", '"a b"'],
    ['a"b', '"a\\"b"'],
    ["it's", '"it\'s"'],
    ["a\\ b", '"a\\\\ b"'],
    ["\n\r\t\b\x07\0\x7f", '"\\n\\r\\t\\b\\a\\x00\\x7f"'],
  ] as const;
  for (const [word, written] of table) assert.equal(quoteArg(word), written);
  assert.equal(quoteAlways("\xc3\xa4"), '"\\xc3\\xa4"');
});

test("what is quoted reads back byte for byte, on one line", () => {
  fc.assert(
    fc.property(fc.array(byteString), (words) => {
      for (const quote of [quoteArg, quoteAlways]) {
        const line = words.map(quote).join(" ");
        assert.equal(trimLine(line), line);
        assert.doesNotMatch(line, /[\n\r\0]/);
        assert.deepEqual(splitArgs(line), words);
      }
    }),
  );
});

test("any bytes split into words or are refused", () => {
  fc.assert(
    fc.property(byteString, (line) => {
      const words = splitArgs(line);
      assert.ok(words === null || words.every((word) => typeof word === "string"));
    }),
  );
});

test("lines are trimmed of what C trims, and of nothing else", () => {
  assert.equal(trimLine(" \t\r\na b\v\n\r\t "), "a b\v");
  assert.equal(trimLine(" \t"), "");
  assert.equal(trimLine("\xa0x"), "\xa0x");
});
