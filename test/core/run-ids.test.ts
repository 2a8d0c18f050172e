import assert from "node:assert/strict";
import { it } from "node:test";
import { array, bulk, integer } from "../../src/base/reply.ts";
import { connectionId, requestId } from "../support/ids.ts";
import { LoneSentinel, PEER_ID, PLAIN_MASTER, plain } from "./harness.ts";

const LONG_ID = "d".repeat(41);

it("no vote is given to, nor kept of, a run id that is longer than one", () => {
  const sentinel = new LoneSentinel();
  const ask = (id: string) =>
    plain(sentinel.ask("SENTINEL", "IS-MASTER-DOWN-BY-ADDR", "127.0.0.1", "6379", "5", id));
  assert.equal(ask(LONG_ID), "-ERR a run id of 41 bytes, it has 40");
  assert.equal(sentinel.master.leader, null);
  assert.deepEqual(ask("d".repeat(40)), [0, "d".repeat(40), 5]);
});

it("an answer that names one is none", () => {
  const peer = { host: "127.0.0.1", port: 26380, runId: PEER_ID };
  const sentinel = new LoneSentinel({ masters: [{ ...PLAIN_MASTER, sentinels: [peer] }] });
  const [record] = sentinel.master.sentinels.values();
  assert.ok(record);
  const answer = (id: string) => {
    sentinel.pass(100);
    sentinel.serve(() => null);
    const connection = record.link.command?.id ?? connectionId(0);
    record.link.pending.set(requestId(-1), { kind: "ask", owner: record, connection });
    const reply = array([integer(1), bulk(id), integer(7)]);
    sentinel.step({ type: "reply", connection, request: requestId(-1), reply });
  };
  answer(LONG_ID);
  assert.deepEqual([record.masterDown, record.leader], [false, null]);
  answer("d".repeat(40));
  assert.deepEqual([record.masterDown, record.leader], [true, "d".repeat(40)]);
});
