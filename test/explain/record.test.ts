import assert from "node:assert/strict";
import { test } from "node:test";
import type { FailoverRecord, Note } from "../../src/base/journal-entry.ts";
import { recordLine } from "../../src/explain/record.ts";

const RECORD: FailoverRecord = {
  type: "failover",
  ...{ name: "mymaster", kind: "down", result: "done", ending: null, by: null },
  ...{ reason: "no answer to PING", epoch: "12", attempt: 1, leader: "a", votesNeeded: 2 },
  from: { host: "10.0.0.1", port: 6379 },
  to: { host: "10.0.0.2", port: 6379 },
  tookMs: 5_123,
  phases: {
    ...{ sdown: 5_003, odown: 5_006, tried: 5_006, elected: 5_009, selected: 5_010 },
    ...{ promoted: 5_024, followed: 5_120, switched: 5_123 },
  },
  votes: ["a", "b"].map((sentinel) => ({ sentinel, leader: "a" })),
  candidates: [],
  lacked: { bytes: 0, seenMs: 5_400 },
};
const BY = { address: "10.0.0.9:51312", user: "ops" };

test("an entry of the journal is one line for an operator", () => {
  assert.equal(
    recordLine(RECORD),
    "10.0.0.1:6379 -> 10.0.0.2:6379  down (no answer to PING), 2 votes, detected +5.00 s, leader +6 ms, " +
      "first write possible +21 ms, all follow +117 ms, lacked 0 B (seen 5.4 s before)",
  );
});

test("one that was asked for, that came to nothing, or that another led", () => {
  const none = { sdown: null, odown: null, elected: null, selected: null, promoted: null };
  const phases = { ...RECORD.phases, ...none, tried: 0, followed: null, switched: null };
  const failed = {
    ...RECORD,
    kind: "forced",
    result: "slave-timeout",
    by: BY,
    reason: null,
  } as const;
  const lost = { to: null, phases, votes: [], lacked: null };
  assert.equal(
    recordLine({ ...failed, ...lost, ending: "it did not show itself" }),
    "10.0.0.1:6379  forced: slave-timeout, it did not show itself, asked by ops at 10.0.0.9:51312",
  );
  const followed = { ...RECORD, ...lost, kind: "followed", to: { host: "::2", port: 1 } } as const;
  assert.equal(
    recordLine({ ...followed, phases: { ...phases, sdown: 5_000, switched: 5_090 } }),
    "10.0.0.1:6379 -> [::2]:1  another Sentinel's failover followed (no answer to PING), detected +5.00 s, switched +90 ms",
  );
});

test("other incidents", () => {
  const note: Note = {
    ...{ type: "note", name: "mymaster", kind: "pause", result: "began" },
    ...{ text: "600 s: new disks", lastedMs: null, by: BY },
  };
  assert.equal(recordLine(note), "pause began: 600 s: new disks, asked by ops at 10.0.0.9:51312");
  const over = { ...note, kind: "tilt", result: "ended", text: "", by: null } as const;
  assert.equal(recordLine({ ...over, lastedMs: 30_000 }), "tilt ended: after 30 s");
  assert.equal(recordLine({ ...over, kind: "reset", result: "done" }), "reset");
});
