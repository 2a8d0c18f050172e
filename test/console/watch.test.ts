import assert from "node:assert/strict";
import { test } from "node:test";
import { heardEvent, type Line, withLine, wordsOf } from "../../src/console/watch/event.ts";
import { barOf, type Incident, withEvent } from "../../src/console/watch/incident.ts";

// What `watch` makes of events: of which master they are, what is said twice, how a failover went by.

const from = { host: "10.0.0.1", port: 26379 };
const other = { host: "10.0.0.2", port: 26379 };
const at = (ms: number) => new Date(1_000_000 + ms);
const nobody = { asked: [], masters: [] };

test("an event is of the master that it names", () => {
  const masterOf = (name: string, payload: string) =>
    heardEvent(from, name, payload, at(0))?.master;
  assert.equal(masterOf("+sdown", "master my master 10.0.0.9 6379"), "my master");
  assert.equal(
    masterOf("+slave", "slave 10.0.0.8:6379 10.0.0.8 6379 @ mymaster 10.0.0.9 6379"),
    "mymaster",
  );
  assert.equal(masterOf("+switch-master", "a b 10.0.0.9 6379 10.0.0.8 6379"), "a b");
  assert.equal(masterOf("+new-epoch", "7"), null);
  assert.equal(heardEvent(from, "__sentinel__:hello", "10.0.0.1,26379", at(0)), null);
});

test("what several Sentinels say within a moment is one line, and the last lines are kept", () => {
  const event = (place: typeof from, payload: string, ms: number) => {
    const heard = heardEvent(place, "+new-epoch", payload, at(ms));
    assert.ok(heard);
    return heard;
  };
  let lines: readonly Line[] = [];
  for (const heard of [event(from, "7", 0), event(other, "7", 900), event(from, "7", 950)]) {
    lines = withLine(lines, heard, 3);
  }
  assert.deepEqual(
    lines.map(({ by }) => by.length),
    [2],
  );
  assert.equal(wordsOf(event(from, "7", 0), nobody), "epoch 7 begins");
  for (const ms of [2_000, 4_000, 6_000]) lines = withLine(lines, event(from, "7", ms), 3);
  assert.deepEqual(
    lines.map(({ heard }) => heard.at.getTime() - 1_000_000),
    [2_000, 4_000, 6_000],
  );
});

test("a failover is one bar, whoever tells of it and how late", () => {
  let incident: Incident | null = null;
  const hear = (name: string, nowMs: number, kind = "master mymaster 10.0.0.9 6379") => {
    const payload = name === "+switch-master" ? "mymaster 10.0.0.9 6379 10.0.0.8 6379" : kind;
    incident = withEvent(incident, { name, payload, master: "mymaster" }, nowMs);
  };
  const replica = "slave 10.0.0.8:6379 10.0.0.8 6379 @ mymaster 10.0.0.9 6379";
  hear("+sdown", 0, replica);
  assert.equal(incident, null, "of a replica");
  hear("+sdown", 1_000);
  hear("+sdown", 1_002);
  hear("+odown", 1_003);
  hear("+try-failover", 1_010);
  hear("+elected-leader", 1_020);
  hear("+selected-slave", 1_021, replica);
  hear("+promoted-slave", 1_050, replica);
  hear("+switch-master", 1_060);
  hear("+failover-end", 1_100);
  hear("+switch-master", 1_101);
  assert.ok(incident);
  assert.equal(
    barOf(incident, "mymaster"),
    "failover of mymaster, 100 ms: down ─ 3 ms ─ agreed ─ 7 ms ─ stands ─ 10 ms ─ elected ─ 1 ms ─ chosen ─ 29 ms ─ promoted ─ 10 ms ─ switched ─ 40 ms ─ done",
  );
  hear("+try-failover", 5_000);
  hear("-failover-abort-not-elected", 5_500);
  assert.equal(barOf(incident, "m"), "failover of m, 500 ms: stands ─ 500 ms ─ not elected");
  hear("+sdown", 60_000);
  assert.equal(barOf(incident, "m"), "failover of m, 0 ms: down");
});
