import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { splitArgs } from "../../src/base/tokenize.ts";
import { commandLineText } from "../../src/config/command-line.ts";

const TABLE: readonly (readonly [args: readonly string[], file: string | null, text: string])[] = [
  [[], null, ""],
  [["f"], "f", ""],
  [["f", "--port", "1"], "f", 'port "1" '],
  [["f", "--port 1", "--bind", "a", "b"], "f", 'port 1 \nbind "a" "b" '],
  [["f", "--requirepass", "--secret"], "f", 'requirepass "--secret" '],
  [["f", "--save", "--port", "1"], "f", 'save ""\nport "1" '],
  [["f", "--save"], "f", 'save ""'],
  [["f", "--sentinel"], "f", "sentinel "],
  [["f", "--sentinel", "--port", "1"], "f", 'sentinel \nport "1" '],
  [
    ["f", "--sentinel", "monitor", "y", "127.0.0.1", "41001", "0"],
    "f",
    'sentinel "monitor" "y" "127.0.0.1" "41001" "0" ',
  ],
  [["f", "--port=1"], "f", "port=1 "],
  [["--sentinel", "f"], null, 'sentinel "f" '],
  [["f", "--a", "x", "-", "y"], "f", 'a "x" "-" "y" '],
];

test("options become lines, their words quoted", () => {
  for (const [args, file, text] of TABLE) {
    const line = commandLineText(args);
    assert.deepEqual([line.file, line.optionsText], [file, text], args.join(" "));
  }
});

test("a dash first or last reads standard input", () => {
  for (const args of [["-"], ["f", "-"], ["f", "--port", "1", "-"], ["-", "--port", "1"]]) {
    assert.ok(commandLineText(args).readsStdin, args.join(" "));
  }
  for (const args of [[], ["f"], ["f", "--a", "-", "b"]]) {
    assert.ok(!commandLineText(args).readsStdin, args.join(" "));
  }
  assert.equal(commandLineText(["-"]).file, null);
});

test("the mode and the early exits are recognised", () => {
  assert.ok(commandLineText(["f", "--sentinel"]).sentinelFlag);
  assert.ok(!commandLineText(["f", "--Sentinel"]).sentinelFlag);
  assert.equal(commandLineText(["-v"]).asks, "version");
  assert.equal(commandLineText(["--version"]).asks, "version");
  assert.equal(commandLineText(["-h"]).asks, "help");
  assert.equal(commandLineText(["--help"]).asks, "help");
  assert.equal(commandLineText(["f", "--help"]).asks, null);
});

test("the words of an option come back byte for byte", () => {
  const byte = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
  const value = fc.string({ unit: byte }).filter((word) => !word.startsWith("-"));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), (values) => {
      const { optionsText } = commandLineText(["f", "--user", ...values]);
      assert.deepEqual(splitArgs(optionsText), ["user", ...values]);
    }),
  );
});
