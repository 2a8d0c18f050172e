import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bulk, type Reply } from "../../src/base/reply.ts";
import { healthyMaster, LoneSentinel, PEER_ID, PLAIN_MASTER } from "./harness.ts";

const OTHER_ID = "c".repeat(40);
const DEAD_PORT = 6379;

type Answer = (args: readonly string[], port: number) => Reply | null;

/** Ticks as a process does, and tells when the event came. */
function timeOf(sentinel: LoneSentinel, name: string, answer: Answer, withinMs: number): number {
  const end = sentinel.now + withinMs;
  const before = sentinel.events.length;
  while (!sentinel.events.slice(before).some((event) => event.startsWith(`${name} `))) {
    assert.ok(sentinel.now < end, sentinel.events.join("\n"));
    const dueAt = sentinel.core.nextDueAt ?? end;
    sentinel.pass(Math.min(100, Math.max(1, dueAt - sentinel.now)));
    sentinel.serve(answer);
  }
  return sentinel.now;
}

/** It watches a dead master alone: two others are in its file, and answer nothing. */
function candidate(replicas: readonly { host: string; port: number }[] = []): LoneSentinel {
  const at = (runId: string, port: number) => ({ host: "127.0.0.1", port, runId });
  const sentinels = [at(PEER_ID, 26_380), at(OTHER_ID, 26_381)];
  const sentinel = new LoneSentinel({
    masters: [{ ...PLAIN_MASTER, quorum: 1, sentinels, replicas }],
  });
  for (const port of [DEAD_PORT, 26_380, 26_381]) sentinel.deadPorts.add(port);
  // Its ticks fall beside the multiples of 50 ms.
  sentinel.now += 7;
  sentinel.step({ type: "start" });
  sentinel.step({ type: "tick" });
  sentinel.serve(healthyMaster);
  return sentinel;
}

describe("deadlines come in their own millisecond [D-DEADLINES]", () => {
  it("of a master that says it is a replica", () => {
    const sentinel = new LoneSentinel();
    sentinel.now += 7;
    const info = `run_id:${"1".repeat(40)}\r\nrole:slave\r\nmaster_host:10.0.0.9\r\nmaster_port:1\r\n`;
    const answer: Answer = (args) => (args[0] === "INFO" ? bulk(info) : healthyMaster(args));
    sentinel.step({ type: "start" });
    const downAt = timeOf(sentinel, "+sdown", answer, 60_000);
    const { roleReportedSince, downAfterMs } = sentinel.master;
    assert.equal(downAt, roleReportedSince + downAfterMs + 2 * 10_000 + 1);
  });

  it("of an election that nobody wins", () => {
    const sentinel = candidate();
    timeOf(sentinel, "+try-failover", healthyMaster, 10_000);
    const { attemptAt } = sentinel.master;
    const endedAt = timeOf(sentinel, "-failover-abort-not-elected", healthyMaster, 20_000);
    assert.equal(endedAt, (attemptAt ?? 0) + 10_000 + 1);
  });

  it("of the next attempt", () => {
    const sentinel = candidate();
    timeOf(sentinel, "-failover-abort-not-elected", healthyMaster, 30_000);
    const { attemptAt, settings } = sentinel.master;
    const againAt = timeOf(sentinel, "+try-failover", healthyMaster, 200_000);
    assert.equal(againAt, (attemptAt ?? 0) + 2 * settings.failoverTimeoutMs);
  });
});
