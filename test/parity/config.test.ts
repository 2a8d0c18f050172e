import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Scene, sceneTest } from "../support/scene.ts";
import { assertSame, unusedDifferences } from "./config-compare.ts";
import { FILES } from "./config-files.ts";
import { AFTER, BEFORE, LINES } from "./config-lines.ts";
import { comparable } from "./config-order.ts";
import { eachAtOnce } from "./config-pool.ts";
import { type FileCase, type Outcome, runCase } from "./config-program.ts";
import { readByUs } from "./config-read.ts";
import { verdictOfC, verdictOfOurs } from "./config-verdict.ts";

/** Half a minute on two idle cores; others may be at work, too. */
const PATIENCE = { timeoutMs: 300_000 };

sceneTest(
  `${LINES.length} lines are taken or refused in the same words`,
  async (scene) => {
    const failures = await eachAtOnce(4, LINES, async (line, at) => {
      const file = join(scene.folder, `${at}.conf`);
      writeFileSync(file, [...BEFORE, line, AFTER, ""].join("\n"), "latin1");
      const c = taken(await verdictOfC(file, scene.folder));
      const ours = taken(verdictOfOurs(file, scene.folder));
      assertSame(line, "verdict", { c: [c], ours: [ours] });
    });
    assert.equal(failures.join("\n\n"), "");
  },
  PATIENCE,
);

sceneTest(
  `${FILES.length} files make the same state and the same files`,
  async (scene) => {
    const failures = await eachAtOnce(3, FILES, async (each) => {
      const [c, ours] = await Promise.all([
        runCase(scene, "c", each),
        runCase(scene, "ours", each),
      ]);
      assertSame(each.name, "verdict", { c: [c.verdict], ours: [ours.verdict] });
      if (c.verdict !== "started" || ours.verdict !== "started") return;
      compareOutcomes(each.name, c, ours);
      compareReadings(each.name, c, ours);
      await compareReaders(scene, each, { c, ours });
    });
    assert.equal(failures.join("\n\n"), "");
  },
  PATIENCE,
);

test("every intended difference still occurs", () => {
  assert.deepEqual(unusedDifferences(), []);
});

/** Whether the line under test was passed over, and only the one behind it refused. */
function taken(verdict: string): string {
  return verdict.includes(`>>> '${AFTER}'`) ? "taken" : verdict;
}

function compareOutcomes(name: string, c: Outcome, ours: Outcome): void {
  assertSame(name, "state", { c: c.state, ours: ours.state });
  assertSame(name, "state", { c: c.finalState, ours: ours.finalState });
  assert.deepEqual(ours.replies, c.replies, name);
  for (const [at, text] of c.files.entries()) {
    assertSame(`${name}, rewrite ${at}`, "file", comparable(text, ours.files[at] ?? ""));
  }
}

/** Our loader makes the same of both files. */
function compareReadings(name: string, c: Outcome, ours: Outcome): void {
  const pair = { c: readByUs(c.folder), ours: readByUs(ours.folder) };
  assertSame(`${name}, as we read it`, "state", pair);
}

/** Cases of which both programs also start on both files; elsewhere only C starts on ours. */
const BOTH_WAYS = /^(every option of a master|several masters|users|set by commands)$/;

/** Each program, started on what the other left, knows what the other knew. */
async function compareReaders(
  scene: Scene,
  each: FileCase,
  { c, ours }: Readonly<Record<"c" | "ours", Outcome>>,
): Promise<void> {
  const byC = await runCase(scene, "c", leftBy(each, ours));
  assertSame(`${each.name}, as C reads ours`, "state", { c: c.finalState, ours: byC.state });
  if (!BOTH_WAYS.test(each.name)) return;
  const byUs = await runCase(scene, "ours", leftBy(each, c));
  assertSame(`${each.name}, as we read C's`, "state", { c: byUs.state, ours: ours.finalState });
}

function leftBy({ name, files, password }: FileCase, outcome: Outcome): FileCase {
  const rest = password === undefined ? {} : { password };
  return { name: `${name}, read again`, text: outcome.left, files: files ?? {}, ...rest };
}
