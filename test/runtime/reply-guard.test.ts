import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MAX_ANSWER_BYTES, MAX_ANSWER_VALUES, MAX_INFO_BYTES } from "../../src/core/limits.ts";
import { ReplyGuard } from "../../src/runtime/links/reply-guard.ts";

/** One that was asked more than it will be answered. */
function asked(): ReplyGuard {
  const guard = new ReplyGuard();
  for (let i = 0; i < 500; i++) guard.expect(false);
  return guard;
}

/** What the guard says of bytes that come in pieces. */
function inspect(...chunks: string[]): string | null {
  const guard = asked();
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
  const guard = asked();
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
  [`+${"x".repeat(70_000)}`, "a reply without end"],
  [`$${MAX_ANSWER_BYTES}\r\n`, "a reply without end"],
  [`*${MAX_ANSWER_VALUES + 1}\r\n`, "a reply without end"],
  [`*60\r\n${"*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n".repeat(30)}`, "a reply without end"],
] as const) {
  test(`${JSON.stringify(bytes.slice(0, 20))} is ${fault}`, () => {
    assert.equal(inspect(bytes), fault);
    assert.equal(inspect(...bytes), fault);
  });
}

const text = (length: number) => `$${length}\r\n${"x".repeat(length)}\r\n`;
const long = text(MAX_INFO_BYTES - 100);

/** What is wrong with these answers to these questions. */
function answers(questions: string, ...chunks: string[]): string | null {
  const guard = new ReplyGuard();
  for (const question of questions.split(" ")) guard.expect(question === "INFO");
  return chunks.reduce<string | null>(
    (fault, chunk) => fault ?? guard.inspect(Buffer.from(chunk, "latin1")),
    null,
  );
}

test("INFO, and only INFO, is answered with a text, wherever it stands among the questions [D-ANSWER-SIZE]", () => {
  assert.equal(answers("INFO", long), null);
  assert.equal(answers("PING INFO PING INFO", "+PONG\r\n", long, `+PONG\r\n${long}`), null);
  assert.equal(answers("PING INFO", long), "a reply without end");
  assert.equal(answers("INFO PING", `${long}${long}`), "a reply without end");
  assert.equal(answers("INFO", text(MAX_INFO_BYTES)), "a reply without end");
  assert.equal(answers("INFO", "-LOADING x\r\n"), null);
  assert.equal(answers("INFO", "*1\r\n"), "an array as the answer to INFO");
});

test("what comes behind the first reply that nobody asked for is not looked at", () => {
  const guard = new ReplyGuard();
  guard.expect(false);
  const pong = "+PONG\r\n";
  assert.equal(guard.inspect(Buffer.from(pong.repeat(10_000))), null);
  assert.deepEqual([guard.wholeReplies, guard.wholeBytes], [2, 2 * pong.length]);
});

test("a message of any length is no fault of who passes it on", () => {
  const guard = new ReplyGuard(true);
  const message = (length: number) => `*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n${text(length)}`;
  const inspect = (chunk: string) => guard.inspect(Buffer.from(chunk, "latin1"));
  const huge = message(MAX_ANSWER_BYTES);
  assert.equal(inspect(huge.slice(0, 60_000)), null);
  assert.equal(guard.isTooLong, true);
  assert.equal(inspect(huge.slice(60_000) + message(5)), null);
  assert.equal(guard.isTooLong, false);
  assert.deepEqual(guard.first, { end: huge.length - 60_000, isTooLong: true });
  assert.equal(guard.wholeReplies, 2);
  assert.equal(inspect("*3\r\n$7\r\nmessage\r\n$9999999999\r\n"), "a reply without end");
});

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
