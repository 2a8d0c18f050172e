import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultLog } from "../../src/runtime/log/fault-log.ts";

test("a fault is told at once with its stack, and again once a minute with how often", () => {
  const lines: string[] = [];
  let now = 0;
  const faults = new FaultLog(
    (_level, text) => lines.push(text),
    () => now,
  );
  const bug = new Error("boom");
  for (; now < 120_000; now += 100) faults.tell("the master 'a'", bug);
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? "", /^BUG of the Sentinel at the master 'a'\. .*boom\n +at /);
  assert.match(lines[1] ?? "", /^BUG of the Sentinel at the master 'a', 600 times by now\. /);
  faults.tell("the master 'b'", bug);
  assert.equal(lines.length, 3);
});

test("what is thrown need not be an error, and endless kinds take no memory", () => {
  const lines: string[] = [];
  const faults = new FaultLog(
    (_level, text) => lines.push(text),
    () => 0,
  );
  for (let i = 0; i < 1_000; i++) faults.tell(`the effect ${i}`, "text");
  assert.equal(lines.length, 1_000);
  assert.match(lines[999] ?? "", / text$/);
});
