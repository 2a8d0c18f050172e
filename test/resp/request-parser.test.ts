import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { splitArgs } from "../../src/base/tokenize.ts";
import { RequestMemo } from "../../src/resp/request-memo.ts";
import {
  type ParseResult,
  type RequestLimits,
  RequestParser,
} from "../../src/resp/request-parser.ts";

const KNOWN: RequestLimits = {
  authenticated: true,
  maxWords: 2 ** 20,
  maxWordBytes: 2 ** 29,
  maxBulkBytes: 512 * 1024 * 1024,
  maxBufferBytes: 1024 * 1024 * 1024,
};
const STRANGER: RequestLimits = { ...KNOWN, authenticated: false, maxBufferBytes: 1024 * 1024 };

type Final = Exclude<ParseResult, { type: "request" }>;

interface Parsed {
  readonly requests: readonly (readonly string[])[];
  readonly end: Final;
}

/** Everything a parser says of the chunks until it wants more or gives up. */
function parse(
  chunks: readonly Buffer[],
  limits: RequestLimits = KNOWN,
  memo: RequestMemo | null = null,
): Parsed {
  const parser = new RequestParser(splitArgs, memo);
  const requests: (readonly string[])[] = [];
  let end: Final = { type: "incomplete" };
  for (const chunk of chunks) {
    parser.push(chunk);
    let result = parser.next(limits);
    for (; result.type === "request"; result = parser.next(limits)) requests.push(result.args);
    end = result;
    if (end.type !== "incomplete") break;
  }
  return { requests, end };
}

function bytes(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

function encodeRequest(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}

const ACCEPTED: readonly (readonly [string, readonly (readonly string[])[]])[] = [
  ["PING\r\n", [["PING"]]],
  ["PING\n", [["PING"]]],
  ["\r\n\n  \r\nPING\r\n", [["PING"]]],
  ["set \"a b\" 'c'\r\n", [["set", "a b", "c"]]],
  ["*1\r\n$4\r\nPING\r\n", [["PING"]]],
  ["*0\r\n*-1\r\n*-7\r\nPING\r\n", [["PING"]]],
  ["*2\r\n$0\r\n\r\n$3\r\n\r\n\xff\r\n", [["", "\r\n\xff"]]],
  ["*1\r\n$1\r\na\r\nb\r\n*1\r\n$1\r\nc\r\n", [["a"], ["b"], ["c"]]],
  ["$4\r\nPING\r\n", [["$4"], ["PING"]]],
];

for (const [text, requests] of ACCEPTED) {
  test(`reads ${JSON.stringify(text)} however it is split`, () => {
    const whole = bytes(text);
    for (let at = 0; at <= whole.length; at++) {
      const parsed = parse([whole.subarray(0, at), whole.subarray(at)]);
      assert.deepEqual(parsed, { requests, end: { type: "incomplete" } }, `split at ${at}`);
    }
    assert.deepEqual(parse([...whole].map((byte) => Buffer.of(byte))).requests, requests);
  });
}

const LONG = "1".repeat(64 * 1024 + 1);
/** [WIRE-ERRORS] What ends a connection, and with which sentence. */
const REFUSED: readonly (readonly [string, string, RequestLimits?])[] = [
  ["A".repeat(64 * 1024 + 1), "too big inline request"],
  ['PING "a\r\n', "unbalanced quotes in request"],
  ["PING 'a'b\r\n", "unbalanced quotes in request"],
  [`*${LONG}`, "too big mbulk count string"],
  [`*1\r\n$${LONG}`, "too big bulk count string"],
  ["*abc\r\n", "invalid multibulk length"],
  ["*\r\n", "invalid multibulk length"],
  ["*+1\r\n", "invalid multibulk length"],
  ["*01\r\n", "invalid multibulk length"],
  ["*-0\r\n", "invalid multibulk length"],
  ["* 1\r\n", "invalid multibulk length"],
  ["*1048577\r\n", "invalid multibulk length"],
  ["*2147483648\r\n", "invalid multibulk length"],
  ["*-9223372036854775809\r\n", "invalid multibulk length"],
  ["*99999999999999999999\r\n", "invalid multibulk length"],
  ["*11\r\n", "unauthenticated multibulk length", STRANGER],
  ["*1\r\n+PING\r\n", "expected '$', got '+'"],
  ["*1\r\n*1\r\n", "expected '$', got '*'"],
  ["*1\r\n$abc\r\n", "invalid bulk length"],
  ["*1\r\n$-1\r\n", "invalid bulk length"],
  ["*1\r\n$04\r\n", "invalid bulk length"],
  ["*1\r\n$536870913\r\n", "invalid bulk length"],
  ["*1\r\n$16385\r\n", "unauthenticated bulk length", STRANGER],
];

for (const [text, sentence, limits] of REFUSED) {
  test(`refuses ${JSON.stringify(text.slice(0, 30))} with "${sentence}"`, () => {
    const expected: Parsed = {
      requests: [],
      end: { type: "protocolError", text: `ERR Protocol error: ${sentence}` },
    };
    const whole = bytes(text);
    assert.deepEqual(parse([whole], limits), expected);
    const single = whole.length > 100 ? [] : [...whole].map((byte) => Buffer.of(byte));
    if (single.length > 0) assert.deepEqual(parse(single, limits), expected);
  });
}

test("requests before an error are still returned", () => {
  const { requests, end } = parse([bytes("PING\r\n*1\r\n$1\r\na\r\n*x\r\nPING\r\n")]);
  assert.deepEqual(requests, [["PING"], ["a"]]);
  assert.equal(end.type, "protocolError");
});

test("limits may change between two requests", () => {
  const parser = new RequestParser(splitArgs);
  const many = Array.from({ length: 11 }, () => "x");
  parser.push(bytes(encodeRequest(["AUTH", "pw"]) + encodeRequest(many)));
  assert.deepEqual(parser.next(STRANGER), { type: "request", args: ["AUTH", "pw"] });
  assert.deepEqual(parser.next(KNOWN), { type: "request", args: many });
});

test("an unfinished request beyond the buffer limit overflows", () => {
  const limits = { ...KNOWN, maxBufferBytes: 1000 };
  const start = bytes("*1\r\n$5000\r\n");
  assert.equal(parse([start, Buffer.alloc(900)], limits).end.type, "incomplete");
  assert.equal(parse([start, Buffer.alloc(900), Buffer.alloc(900)], limits).end.type, "overflow");
});

test("our own limits are told with what was sent and what is taken [D-REQUEST-SIZE]", () => {
  const limits = { ...KNOWN, maxWords: 3, maxWordBytes: 9 };
  const failure = (text: string) => parse([bytes(text)], limits).end;
  const tooManyWords = {
    type: "protocolError",
    text: "ERR Protocol error: a request of 4 words, a Sentinel takes 3",
  };
  assert.deepEqual(failure("*4\r\n"), tooManyWords);
  assert.deepEqual(failure("a b c d\r\n"), tooManyWords);
  assert.deepEqual(failure("*2\r\n$1\r\na\r\n$10\r\n"), {
    type: "protocolError",
    text: "ERR Protocol error: a word of 10 bytes, a Sentinel takes 9",
  });
});

test("a huge declared count costs nothing until its strings come", () => {
  const { requests, end } = parse([bytes("*1048576\r\n$1\r\na\r\n")]);
  assert.deepEqual({ requests, end }, { requests: [], end: { type: "incomplete" } });
});

test("split input takes linear time", () => {
  const size = 4 * 1024 * 1024;
  const whole = bytes(encodeRequest(["PING", "x".repeat(size)]));
  const chunks = [];
  for (let at = 0; at < whole.length; at += 64) chunks.push(whole.subarray(at, at + 64));
  const { requests } = parse(chunks);
  // Quadratic copying of 4 MiB in 64-byte pieces would move 128 GiB and not end here.
  assert.equal(requests[0]?.[1]?.length, size);
});

const byteString = fc
  .uint8Array({ maxLength: 40 })
  .map((array) => Buffer.from(array).toString("latin1"));
const requestWords = fc.array(byteString, { minLength: 1, maxLength: 12 });

test("law: whatever is encoded is read back, at any split", () => {
  fc.assert(
    fc.property(
      fc.array(requestWords, { maxLength: 5 }),
      fc.infiniteStream(fc.nat(20)),
      (all, cuts) => {
        const whole = bytes(all.map(encodeRequest).join(""));
        const chunks: Buffer[] = [];
        for (let at = 0; at < whole.length; ) {
          const size = Number(cuts.next().value) + 1;
          chunks.push(whole.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(parse(chunks).requests, all);
      },
    ),
  );
});

/** Bytes that look like the protocol reach further into the parser than random ones. */
const fragment = fc.oneof(
  fc.constantFrom("*", "$", "\r\n", "\r", "\n", "1", "2", "-", "0", "PING", '"', "'", "\\x"),
  byteString,
);

test("law: arbitrary bytes never throw, and a split changes nothing", () => {
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 30 }), fc.boolean(), (parts, known) => {
      const whole = bytes(parts.join(""));
      const limits = known ? KNOWN : STRANGER;
      const once = parse([whole], limits);
      const single = parse(
        [...whole].map((byte) => Buffer.of(byte)),
        limits,
      );
      assert.deepEqual(single, once);
    }),
    { numRuns: 2000 },
  );
});

test("law: what a memo knows changes nothing, however the input is split", () => {
  const memo = new RequestMemo(() => true);
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 30 }), fc.nat(30), (parts, at) => {
      // Words of one or two letters: the same requests come again and again.
      const whole = bytes(encodeRequest(parts.map((part) => part.slice(0, 2))) + parts.join(""));
      const chunks = [whole.subarray(0, at), whole.subarray(at)];
      assert.deepEqual(parse(chunks, STRANGER, memo), parse(chunks, STRANGER));
    }),
    { numRuns: 2000 },
  );
});
