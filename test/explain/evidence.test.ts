import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { LogEntry } from "../../src/explain/log/entry.ts";
import { evidenceOf, namesIn } from "../../src/explain/log/evidence.ts";
import { root } from "../support/repository.ts";

// What the recorded logs tell of why a failover was not made.

const FOLDER = join(root, "test", "explain", "logs");

function entriesOf(title: string): readonly LogEntry[] {
  const lines = readFileSync(join(FOLDER, title, "history.ndjson"), "utf8")
    .trimEnd()
    .split("\n");
  return lines.map((line) => JSON.parse(line));
}

const TIME = /^2026-11-29 \d\d:\d\d:\d\d\.\d{3}Z /;

/** The last line for each, without its time. */
const LAST: Readonly<Record<string, RegExp>> = {
  "kill-c": /^failover of 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+, down: it was done$/,
  "not-elected-c": /^outage: .*was down, for enough Sentinels: 1\/1; failovers begun: 1$/,
  "slave-timeout-c": /^outage: .*; failovers begun: 1$/,
  "no-quorum-c": /^outage: .* was down, not for enough Sentinels; no failover was begun$/,
  "names-c": /^name: Failed to resolve hostname 'nowhere\.invalid'$/,
  "tilt-c": /^tilt: this Sentinel stood still or its clock jumped, and acted on nothing$/,
  "master-timeout-ours":
    /^failover of .*, coordinated: the master did not hand over in time \(.+\)/,
  "paused-ours": /^pause: the pause of mymaster ended: /,
};

for (const [title, line] of Object.entries(LAST)) {
  test(`the evidence of ${title}`, () => {
    const lines = evidenceOf(entriesOf(title), "mymaster");
    const last = lines.findLast((one) => line.test(one.replace(TIME, "")));
    assert.ok(last !== undefined, lines.join("\n"));
    assert.ok(lines.every((one) => TIME.test(one)));
  });
}

test("why no replica could be promoted is told for each", () => {
  const lines = evidenceOf(entriesOf("refused-ours"), "mymaster").join("\n");
  assert.match(lines, /no replica could be promoted.*; 127\.0\.0\.1:\d+: /);
});

test("evidence begins with the last failover that was done, and is short", () => {
  for (const title of readdirSync(FOLDER)) {
    const entries = entriesOf(title);
    for (const name of namesIn(entries)) {
      const lines = evidenceOf(entries, name);
      assert.ok(lines.length <= 5, title);
      assert.ok(
        lines.slice(1).every((one) => !one.includes("it was done")),
        title,
      );
    }
  }
  assert.deepEqual(evidenceOf(entriesOf("kill-c"), "another"), []);
  assert.deepEqual(namesIn(entriesOf("two-masters-c")), ["mymaster", "other"]);
});
