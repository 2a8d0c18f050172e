import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { splitArgs } from "../../src/base/tokenize.ts";
import { RequestGuard } from "../../src/resp/request-guard.ts";
import { RequestMemo } from "../../src/resp/request-memo.ts";
import { RequestParser } from "../../src/resp/request-parser.ts";
import { smallRequestEnd } from "../../src/resp/small-request.ts";

/** The narrowest limits that a request can meet: those of a stranger, and 1 MB in one word. */
const NARROW = {
  authenticated: false,
  maxWords: 10,
  maxWordBytes: 1024,
  maxBulkBytes: 1024 * 1024,
  maxBufferBytes: 1024 * 1024,
};

function bytes(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

function request(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}

/** Whole requests, and such as went wrong at one place. */
const requestLike = fc
  .tuple(
    fc.array(fc.string({ maxLength: 120 }), { maxLength: 12 }),
    fc.nat(200),
    fc.constantFrom("", "\r", "\n", "$", "0", "9", "-", "x"),
    fc.boolean(),
  )
  .map(([words, at, inserted, replaces]) => {
    const text = request(words).slice(1);
    return bytes(`*${text.slice(0, at)}${inserted}${text.slice(at + (replaces ? 1 : 0))}`);
  });

test("law: a small request is one that the guard finds whole, too, at the same place", () => {
  fc.assert(
    fc.property(requestLike, fc.nat(20), (input, offset) => {
      const all = Buffer.concat([Buffer.alloc(offset, "*1\r\n"), input, bytes("$3\r\nfoo\r\n")]);
      for (const end of [offset + input.length, offset + input.length - 1]) {
        const found = smallRequestEnd(all, offset, end);
        if (found === -1) continue;
        const guard = new RequestGuard();
        guard.restart(offset);
        assert.equal(guard.scan(all, end, NARROW), "complete");
        assert.equal(guard.position, found);
      }
    }),
    { numRuns: 3000 },
  );
});

test("what clients ask all the time is a small request", () => {
  for (const words of [
    ["PING"],
    ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "x".repeat(99)],
    Array.from({ length: 9 }, () => ""),
  ]) {
    const input = bytes(request(words));
    assert.equal(smallRequestEnd(input, 0, input.length), input.length);
    assert.equal(smallRequestEnd(input, 0, input.length - 1), -1);
  }
});

test("the same bytes are the same request, for every client", () => {
  const memo = new RequestMemo(() => true);
  const [first, second] = [new RequestParser(splitArgs, memo), new RequestParser(splitArgs, memo)];
  first.push(bytes(request(["PING"])));
  second.push(bytes(request(["PING"])));
  assert.equal(first.next(NARROW), second.next(NARROW));
});

test("what is not worth it is not kept, nor what is long", () => {
  const memo = new RequestMemo((words) => words[0] !== "AUTH");
  for (const [words, kept] of [
    [["PING"], true],
    [["AUTH", "secret"], false],
    [["PING", "x".repeat(90), "x".repeat(90)], false],
  ] as const) {
    const parser = new RequestParser(splitArgs, memo);
    const input = bytes(request(words));
    parser.push(input);
    parser.next(NARROW);
    assert.equal(memo.find(input, 0, input.length) !== null, kept);
  }
});

test("a memo does not change with the buffer that a request came in", () => {
  const memo = new RequestMemo(() => true);
  const parser = new RequestParser(splitArgs, memo);
  const input = bytes(request(["PING"]));
  parser.push(input);
  parser.next(NARROW);
  input.fill("x");
  const again = bytes(request(["PING"]));
  assert.deepEqual(memo.find(again, 0, again.length)?.args, ["PING"]);
  assert.equal(memo.find(input, 0, input.length), null);
});
