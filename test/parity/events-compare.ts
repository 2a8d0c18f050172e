import assert from "node:assert/strict";
import { sortRuns } from "./config-order.ts";
import type { Line, World } from "./events-world.ts";

/** Events of which only one of the two programs speaks, on purpose. */
export interface EventDifference {
  readonly reason: string;
  readonly only: "c" | "ours";
  readonly line: RegExp;
}

const LOST_LINKS: EventDifference = {
  reason: "At level debug we tell of every lost link; C only of those that fail at once.",
  only: "ours",
  line: /^\. -(cmd|pubsub)-link-reconnection /,
};

const DEMOTED_AT_ONCE: EventDifference = {
  reason:
    "After SENTINEL FAILOVER we demote the old master at once; C finds a second master first.",
  only: "c",
  line: /(-role-change|\+convert-to-slave|\+role-change) slave R1 .* @ m R2/,
};

/** Of a Sentinel alone, and of one whose peer leads every failover. */
export const LONE_DIFFERENCES = [LOST_LINKS, DEMOTED_AT_ONCE];
export const PEER_DIFFERENCES = [LOST_LINKS];

/** Fails unless both said the same, in every order that does not hang on chance. */
export function compareWorlds(
  c: World,
  ours: World,
  differences: readonly EventDifference[],
): void {
  const lines = { c: withoutIntended(c, differences), ours: withoutIntended(ours, differences) };
  for (const view of [decisions, bySubject, scriptForms]) {
    assert.deepEqual(view(lines.ours), view(lines.c), view.name);
  }
}

/** What the log holds at a level above debug is what subscribers receive, in the same order. */
export function comparePublished(world: World): void {
  const logged = world.logged().filter((line) => !line.startsWith("."));
  const published = world.published();
  assert.ok(published.length > 0);
  const sinceListening = logged.slice(-published.length).map((line) => line.slice(2));
  assert.deepEqual(published, sinceListening, `published by ${world.kind}`);
}

function withoutIntended(world: World, differences: readonly EventDifference[]): readonly Line[] {
  const intended = differences.filter(({ only }) => only === world.kind);
  const lines = world.logged();
  for (const { line: like, reason } of intended) {
    assert.ok(
      lines.some((line) => like.test(line)),
      `no longer occurs: ${reason}`,
    );
  }
  return lines.filter((line) => !intended.some(({ line: like }) => like.test(line)));
}

/** Warnings, which tell what was decided; one follows from the other, whoever is timed how. */
function decisions(lines: readonly Line[]): readonly Line[] {
  return lines.filter((line) => line.startsWith("#"));
}

/** What was said of each server and peer; how these mix depends on who answers first. */
function bySubject(lines: readonly Line[]): Readonly<Record<string, readonly Line[]>> {
  const subjects: Record<string, Line[]> = {};
  for (const line of lines.filter((each) => !/script-child/.test(each))) {
    const subject = /(master|slave|sentinel) \S+ (R\d|the peer)/.exec(line)?.[0] ?? "";
    subjects[subject] = [...(subjects[subject] ?? []), line];
  }
  const entries = Object.entries(subjects).map(([key, value]) => [key, returnsSorted(value)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

/** PING and INFO go to a server that returns at the same moment; either may be answered first. */
function returnsSorted(lines: readonly Line[]): readonly Line[] {
  return sortRuns(lines, (line) => /^. (-sdown|-odown|\+reboot|-role-change) /.test(line));
}

/** Scripts run beside everything else: how their lines look is what can be compared. */
function scriptForms(lines: readonly Line[]): readonly Line[] {
  return [...new Set(lines.filter((line) => /script-child/.test(line)))].sort();
}
