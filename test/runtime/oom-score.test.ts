import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Log } from "../../src/runtime/log/log.ts";
import { adjustOomScore } from "../../src/runtime/process/oom-score.ts";

function written(value: number, isRelative: boolean, before: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "oom-")), "oom_score_adj");
  writeFileSync(file, before);
  const { log, lines } = quietLog();
  adjustOomScore({ value, isRelative }, log, file);
  assert.deepEqual(lines, []);
  return readFileSync(file, "utf8");
}

function quietLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const write: Log["write"] = (level, text) => void lines.push(`${level} ${text}`);
  return { log: { write } as Log, lines };
}

test("the score is absolute or beside what it was, and stays within the kernel's range", () => {
  assert.equal(written(300, false, "50\n"), "300\n");
  assert.equal(written(300, true, "50\n"), "350\n");
  assert.equal(written(1900, true, "0\n"), "1000\n");
  assert.equal(written(-2000, true, "0\n"), "-1000\n");
});

test("what the kernel refuses is a warning", () => {
  const { log, lines } = quietLog();
  adjustOomScore({ value: 1, isRelative: true }, log, "/proc/none/oom_score_adj");
  assert.deepEqual(lines, ["warning Unable to write oom_score_adj: No such file or directory"]);
});
