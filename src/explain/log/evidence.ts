import type { LogEntry, LogFailover, LogNote } from "./entry.ts";

/** More is a history, and not a reason. */
const MOST_LINES = 5;

/** What each result says of the cause, in an operator's words. */
const MEANING: Readonly<Record<LogFailover["result"], string>> = {
  done: "it was done",
  "not-elected": "no majority voted for it",
  "no-good-slave": "no replica could be promoted",
  "slave-timeout": "the replica did not become a master in time",
  "master-timeout": "the master did not hand over in time",
  "master-back": "the master answered again",
  overtaken: "another Sentinel was faster",
  ended: "an operator reset or removed the master",
  restarted: "the Sentinel that led it ended or was started anew in the middle",
  unfinished: "the log ends in the middle of it",
};

/** Notes that tell why a failover is not made, or not yet. */
const REASONS: ReadonlySet<LogNote["kind"]> = new Set<LogNote["kind"]>([
  "outage",
  "refused",
  "tilt",
  "save",
  "name",
  "pause",
  "guard",
  "lost",
]);

/**
 * What logs tell of why a master was not failed over, or of how it was last: from the last failover that was done on,
 * oldest first, each with its time. A byte string each.
 */
export function evidenceOf(entries: readonly LogEntry[], name: string): readonly string[] {
  const about = entries.filter((entry) => isReason(entry, name));
  const done = about.findLastIndex(({ type, result }) => type === "failover" && result === "done");
  return about.slice(Math.max(0, done)).slice(-MOST_LINES).map(lineOf);
}

/** The masters of which they tell. */
export function namesIn(entries: readonly LogEntry[]): readonly string[] {
  const names = entries.flatMap(({ name }) => (name === null ? [] : [name]));
  return [...new Set(names)].sort();
}

function isReason(entry: LogEntry, name: string): boolean {
  if (entry.type === "failover") return entry.name === name;
  return (entry.name === null || entry.name === name) && REASONS.has(entry.kind);
}

function lineOf(entry: LogEntry): string {
  const time = new Date(entry.at).toISOString().replace("T", " ");
  return `${time} ${entry.type === "failover" ? failoverIn(entry) : noteIn(entry)}`;
}

function failoverIn({ kind, result, from, to, ending, candidates }: LogFailover): string {
  const at = from === null ? "the master" : `${from.host}:${from.port}`;
  const way = result === "done" && to !== null ? ` to ${to.host}:${to.port}` : "";
  const unfit = candidates
    .filter(({ verdict }) => verdict === "unfit")
    .map(({ host, port, reason }) => `; ${host}:${port}: ${reason ?? "unfit"}`);
  const more = ending === null ? "" : ` (${ending})`;
  return `failover of ${at}${way}, ${kind}: ${MEANING[result]}${more}${unfit.join("")}`;
}

function noteIn({ kind, result, text }: LogNote): string {
  const state = result === "began" ? ", not over by then" : "";
  return `${kind}: ${text}${state}`;
}
