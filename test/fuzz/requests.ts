import assert from "node:assert/strict";
import { splitArgs } from "../../src/base/tokenize.ts";
import { type ParseResult, RequestParser } from "../../src/resp/request-parser.ts";
import type { Chance } from "./chance.ts";

const limits = {
  authenticated: true,
  maxWords: 4096,
  maxWordBytes: 64 * 1024,
  maxBulkBytes: 512 * 1024 * 1024,
  maxBufferBytes: 1024 * 1024 * 1024,
};

/** Input of one client: however it is cut, the requests are the same. */
export function fuzzRequests(chance: Chance): void {
  const input = Buffer.from(chance.many(20, () => piece(chance)).join(""), "latin1");
  const limited = { ...limits, authenticated: !chance.once(4) };
  const whole = parse([input], limited);
  const cut = parse(cuts(chance, input), limited);
  assert.deepEqual(cut, whole);
}

function parse(chunks: readonly Buffer[], within: typeof limits): readonly ParseResult[] {
  const parser = new RequestParser(splitArgs);
  const results: ParseResult[] = [];
  let pushed = 0;
  for (const chunk of chunks) {
    parser.push(chunk);
    pushed += chunk.length;
    for (;;) {
      const result = parser.next(within);
      if (result.type === "incomplete") break;
      results.push(result);
      if (result.type !== "request") return results;
    }
    assert.ok(parser.bufferedBytes <= pushed, "keeps no more than it was given");
  }
  return results;
}

function cuts(chance: Chance, input: Buffer): readonly Buffer[] {
  const chunks: Buffer[] = [];
  const most = chance.pick([1, 3, 40]);
  for (let at = 0; at < input.length; ) {
    const next = at + chance.int(1, most + 1);
    chunks.push(input.subarray(at, next));
    at = next;
  }
  return chunks;
}

function piece(chance: Chance): string {
  switch (chance.int(0, 6)) {
    case 0:
      return chance.bytes(20);
    case 1:
      return `${chance.pick([..."*$"])}${chance.digits()}\r\n`;
    case 2:
      return chance.mutate(request(chance));
    case 3:
      return `PING ${chance.bytes(12)}${chance.pick(["\n", "\r\n", "\r", ""])}`;
    case 4:
      return chance.once(50) ? "x".repeat(chance.int(60_000, 140_000)) : "PING\r\n";
    default:
      return request(chance);
  }
}

function request(chance: Chance): string {
  const words = chance.many(4, () => chance.bytes(8));
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}
