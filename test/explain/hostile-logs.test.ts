import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom } from "../../src/core/random.ts";
import { LogHistory } from "../../src/explain/log/log-history.ts";
import { root } from "../support/repository.ts";

// What nobody sane writes into a log: it costs what it is long, and nothing of it stays beyond a bound.

const NEWEST = Date.UTC(2026, 11, 1);
const STAMP = "7:X 29 Nov 2026 13:00:00.123 # ";

function historyOf(lines: Iterable<string>): LogHistory {
  const history = new LogHistory();
  const log = history.log("log");
  const take = log.file(NEWEST);
  for (const line of lines) take(line);
  log.end();
  return history;
}

function* flood(count: number, line: (at: number) => string): Generator<string> {
  for (let at = 0; at < count; at++) yield STAMP + line(at);
}

const COUNT = 20_000;
/** A hundred times what it takes here. */
const MOST_MS = 20_000;

const FLOODS: Readonly<Record<string, (at: number) => string>> = {
  "a master more in each line": (at) => `+sdown master m${at} 10.0.0.1 6379`,
  "an attempt more in each line": (at) => `+try-failover master m${at} 10.0.0.1 6379`,
  "an epoch more in each line": (at) => `+vote-for-leader ${`${at}`.padStart(40, "0")} ${at}`,
  "a switch more in each line": (at) => `+switch-master m 10.0.0.1 ${at % 65536} 10.0.0.2 ${at}`,
  "a candidate more in each line": (at) =>
    at === 0
      ? "+try-failover master m 10.0.0.1 6379"
      : `Replica 10.0.0.1:${at % 65536} of m is not promoted: it is slow`,
  "votes without end": (at) =>
    at < 2
      ? (["+new-epoch 1", "+try-failover master m 10.0.0.1 6379"][at] ?? "")
      : `${`${at}`.padStart(40, "0")} voted for ${"a".repeat(40)} 1`,
  "names of blanks": () => `+sdown master ${" a".repeat(500)}`,
  "names of digits": () => `+sdown slave ${"1 ".repeat(500)}`,
  "words in quotes": () => `Executing user requested ${"FAILOVER of '".repeat(80)}`,
};

for (const [what, line] of Object.entries(FLOODS)) {
  test(`a flood: ${what}`, () => {
    const began = performance.now();
    const history = historyOf(flood(COUNT, line));
    const entries = history.entries();
    assert.ok(performance.now() - began < MOST_MS);
    assert.ok(entries.length <= 40_000, `${entries.length}`);
    for (const entry of entries) {
      if (entry.type !== "failover") continue;
      assert.ok(entry.candidates.length <= 100);
      assert.ok(entry.votes.length <= 1_001, `${entry.votes.length}`);
    }
  });
}

test("a process more in each line", () => {
  function* lines() {
    for (let at = 0; at < COUNT; at++)
      yield `${at}:X 29 Nov 2026 13:00:00.123 # +sdown master m 10.0.0.1 1`;
  }
  assert.ok(historyOf(lines()).entries().length <= 1_000);
});

test("lines that were bent are read, or are not", () => {
  const folder = join(root, "test", "explain", "logs");
  const lines = readdirSync(folder).flatMap((title) => {
    const [name = ""] = readdirSync(join(folder, title)).filter((one) => one.endsWith(".log"));
    return readFileSync(join(folder, title, name), "latin1").split("\n");
  });
  const random = seededRandom(20261129);
  const pick = (below: number) => random.below(below);
  const bent = lines.flatMap((line) => {
    const at = pick(line.length + 1);
    const other = lines[pick(lines.length)] ?? "";
    return [
      line.slice(0, at),
      line.slice(at),
      line.slice(0, at) + String.fromCharCode(pick(256)) + line.slice(at + 1),
      line.slice(0, at) + other.slice(pick(other.length + 1)),
      line.replace(/\d+/, "99999999999999999999"),
    ];
  });
  const { lines: count } = historyOf(bent).counts;
  assert.equal(count, bent.length);
  assert.ok(historyOf(bent).entries().length > 0);
});
