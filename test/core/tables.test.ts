import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ROWS_PER_STEP } from "../../src/core/commands/tables.ts";
import { LoneSentinel, PLAIN_MASTER, plain } from "./harness.ts";

const rows = 250;
const ports = (reply: unknown): unknown[] => {
  assert.ok(Array.isArray(reply));
  return reply.map(({ port }: { port: string }) => port);
};

function withReplicas(count: number): LoneSentinel {
  const replicas = Array.from({ length: count }, (_, i) => ({ host: "10.0.0.1", port: 7000 + i }));
  return new LoneSentinel({ masters: [{ ...PLAIN_MASTER, replicas }] });
}

/** Steps until nobody waits for a table. */
function goOn(sentinel: LoneSentinel): number {
  let steps = 0;
  for (; sentinel.core.state.tables.length > 0; steps++) sentinel.step({ type: "again" });
  return steps;
}

describe("a table of many rows", () => {
  it("of a few is answered at once", () => {
    const sentinel = withReplicas(ROWS_PER_STEP);
    const reply = sentinel.ask("SENTINEL", "REPLICAS", "mymaster");
    assert.ok(reply);
    assert.equal(ports(plain(reply)).length, ROWS_PER_STEP);
  });

  it("is made over several steps, and asks for no more of them than it takes", () => {
    const sentinel = withReplicas(rows);
    assert.equal(sentinel.ask("SENTINEL", "REPLICAS", "mymaster"), undefined);
    const first = sentinel.lastClient;
    assert.equal(sentinel.ask("SENTINEL", "SLAVES", "mymaster"), undefined);
    assert.equal(goOn(sentinel), 2 * Math.ceil(rows / ROWS_PER_STEP));
    const asked = sentinel.effects.filter(({ type }) => type === "again");
    assert.equal(asked.length, 2 * Math.ceil(rows / ROWS_PER_STEP));
    const expected = Array.from({ length: rows }, (_, i) => `${7000 + i}`);
    for (const client of [first, first + 1]) {
      const reply = sentinel.replyTo(client);
      assert.ok(reply);
      assert.deepEqual(ports(plain(reply)), expected);
    }
  });

  it("is finished when what it shows was forgotten meanwhile", () => {
    const sentinel = withReplicas(rows);
    sentinel.ask("SENTINEL", "REPLICAS", "mymaster");
    const client = sentinel.lastClient;
    sentinel.step({ type: "again" });
    sentinel.ask("SENTINEL", "RESET", "mymaster");
    goOn(sentinel);
    const reply = sentinel.replyTo(client);
    assert.ok(reply);
    assert.equal(ports(plain(reply)).length, rows);
  });
});
