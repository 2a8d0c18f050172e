import assert from "node:assert/strict";
import { test } from "node:test";
import { Journal, parseLine } from "./journal.ts";

test("an outage reaches from the last write before to the first one after", () => {
  const journal = journalOf([1000, 1020, 1040, 3000, 3020].map((t, at) => ({ t, wrote: at + 1 })));
  assert.equal(journal.longestGapMs(1030, 4000), 1960);
  assert.equal(journal.longestGapMs(1040, 4000), 1960);
});

test("a gap outside of the incident is not its outage", () => {
  const journal = journalOf([1000, 2000, 2020, 2040, 9000].map((t) => ({ t, wrote: t })));
  assert.equal(journal.longestGapMs(2010, 2040), 20);
});

test("a write that was lost does not end an outage", () => {
  const journal = journalOf([1000, 1020, 1040, 2000].map((t) => ({ t, wrote: t })));
  assert.equal(journal.longestGapMs(1010, 3000, new Set([1000, 2000])), 1000);
});

test("the same error of several servers is one kind", () => {
  const journal = journalOf([
    { t: 10, error: "connect ECONNREFUSED 127.0.0.1:22001" },
    { t: 11, error: "connect ECONNREFUSED 127.0.0.1:22002" },
    { t: 99, error: "later" },
  ]);
  assert.deepEqual([...journal.errorCounts(0, 50)], [["connect ECONNREFUSED HOST:PORT", 2]]);
});

test("only a journal line is taken for one", () => {
  assert.deepEqual(parseLine('{"t":5,"wrote":1}'), { t: 5, wrote: 1 });
  assert.equal(parseLine("Error: something"), null);
  assert.equal(parseLine('{"code": "ECONNREFUSED"}'), null);
});

function journalOf(lines: readonly Parameters<Journal["add"]>[0][]): Journal {
  const journal = new Journal();
  for (const line of lines) journal.add(line);
  return journal;
}
