import assert from "node:assert/strict";
import { test } from "node:test";
import { failovers, rehearse } from "../../src/runtime/rehearsal.ts";

test("a rehearsal leads, votes for a peer and follows it, and is told to fail over", () => {
  const files: string[] = [];
  const steps = [
    ...failovers(({ currentEpoch, masters }) => {
      for (const { host, configEpoch, leaderEpoch } of masters) {
        files.push(`${currentEpoch}: ${host} of ${configEpoch}, voted in ${leaderEpoch}`);
      }
    }),
  ];
  assert.deepEqual(
    files.filter((line, index) => line !== files[index - 1]),
    [
      "1: 192.0.2.1 of 0, voted in 1",
      "1: 192.0.2.2 of 1, voted in 1",
      "2: 192.0.2.2 of 1, voted in 2",
      "2: 192.0.2.1 of 2, voted in 2",
      "3: 192.0.2.1 of 2, voted in 3",
      "3: 192.0.2.2 of 3, voted in 3",
    ],
  );
  // Time that is not needed is not spent.
  assert.ok(steps.length < 1_000, `${steps.length} steps`);
});

test("it gives way to others after each step, and ends when it is told to", async () => {
  const ended = new AbortController();
  const epochs: bigint[] = [];
  // It keeps no process alive.
  const alive = setInterval(() => undefined, 1_000);
  await rehearse(({ currentEpoch }) => {
    epochs.push(currentEpoch);
    if (currentEpoch === 2n) setImmediate(() => ended.abort());
  }, ended.signal);
  clearInterval(alive);
  assert.equal(epochs.at(0), 1n);
  assert.equal(epochs.at(-1), 2n);
});
