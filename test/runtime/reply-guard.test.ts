import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ReplyGuard } from "../../src/runtime/reply-guard.ts";

/** What the guard says of bytes that come in pieces. */
function inspect(...chunks: string[]): string | null {
  const guard = new ReplyGuard();
  for (const chunk of chunks) {
    const fault = guard.inspect(Buffer.from(chunk, "latin1"));
    if (fault !== null) return fault;
  }
  return null;
}

const GOOD =
  "+OK\r\n-ERR no\r\n:12\r\n:-1\r\n$3\r\na\rb\r\n$0\r\n\r\n$-1\r\n*2\r\n$1\r\nx\r\n*-1\r\n*0\r\n";

test("every RESP2 reply passes, split anywhere", () => {
  assert.equal(inspect(GOOD), null);
  assert.equal(inspect(...GOOD), null);
  for (let at = 0; at < GOOD.length; at++) {
    assert.equal(inspect(GOOD.slice(0, at), GOOD.slice(at)), null);
  }
});

test("it knows up to where the replies of a chunk are whole, and how many ended in it", () => {
  const guard = new ReplyGuard();
  const seen = ["+OK\r\n:1\r\n$3\r\na", "bc", "\r\n*2\r\n$1\r\nx\r\n", "*0\r\n+x"].map((chunk) => {
    assert.equal(guard.inspect(Buffer.from(chunk)), null);
    return [guard.wholeBytes, guard.wholeReplies];
  });
  assert.deepEqual(seen, [
    [9, 2],
    [0, 0],
    [2, 1],
    [4, 1],
  ]);
});

for (const [bytes, fault] of [
  ["$*\r\n", "a length that is no number"],
  ["*1\r\n$*\r\n", "a length that is no number"],
  ["$-2\r\n", "a length that is no number"],
  ["$\r\n", "a length that is no number"],
  ["$1a\r\n", "a length that is no number"],
  [`$${"1".repeat(40)}`, "a length that is no number"],
  ["$16777217\r\n", "a reply without end"],
  ["*99999999\r\n", "a reply without end"],
  ["*1\r\n".repeat(9), "arrays within arrays without end"],
  ["!5\r\nhello\r\n", "bytes that begin no reply"],
  ["%1\r\n", "bytes that begin no reply"],
  ["HTTP/1.1 400\r\n", "bytes that begin no reply"],
  ["+OK\rx", "a line break that is none"],
  [`+${"x".repeat(70_000)}`, "a line without end"],
] as const) {
  test(`${JSON.stringify(bytes.slice(0, 20))} is ${fault}`, () => {
    assert.equal(inspect(bytes), fault);
    assert.equal(inspect(...bytes), fault);
  });
}

test("arrays one after the other are not one within the other", () => {
  assert.equal(inspect("*2\r\n*1\r\n:1\r\n*1\r\n$1\r\nx\r\n".repeat(100)), null);
  assert.equal(inspect("*1\r\n*0\r\n".repeat(100)), null);
});

test("arbitrary bytes never throw, and say the same however they are split", () => {
  const bytes = fc.string({ unit: fc.constantFrom(..."$*:+-\r\n019a") });
  fc.assert(
    fc.property(bytes, (text) => {
      assert.equal(inspect(text), inspect(...text));
    }),
  );
});
