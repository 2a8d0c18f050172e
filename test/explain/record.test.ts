import assert from "node:assert/strict";
import { test } from "node:test";
import type { FailoverRecord } from "../../src/base/journal-entry.ts";
import { outcomeOf } from "../../src/explain/record.ts";

const PLACE = { host: "10.0.0.1", port: 6379 };
const NONE = { sdown: null, odown: null, tried: null, elected: null, selected: null };
const RECORD: FailoverRecord = {
  ...{ type: "failover", name: "mymaster", kind: "down", result: "done", ending: null, by: null },
  ...{ reason: "no answer to PING", epoch: "12", attempt: 1, leader: "a", votesNeeded: 2 },
  ...{ from: PLACE, to: PLACE, tookMs: 5_123, candidates: [], lacked: null },
  phases: { ...NONE, promoted: null, followed: null, switched: null },
  votes: ["a", "b"].map((sentinel) => ({ sentinel, leader: "a" })),
};

test("how a failover ended, and why, in a few words", () => {
  assert.equal(outcomeOf(RECORD), "down (no answer to PING), votes: 2");
  assert.equal(
    outcomeOf({ ...RECORD, kind: "forced", result: "slave-timeout", reason: null, votes: [] }),
    "forced: slave-timeout",
  );
  assert.equal(
    outcomeOf({ ...RECORD, kind: "followed", ending: "it was late" }),
    "another Sentinel's failover followed (no answer to PING), votes: 2, it was late",
  );
});
