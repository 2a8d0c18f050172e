import type { FailoverRecord, Incident, Note, ServerPlace } from "../base/journal-entry.ts";
import { span } from "./span.ts";

/** What an entry of the journal says, as one line for an operator. Byte strings, as in the entry. */
export function recordLine(incident: Incident): string {
  return incident.type === "failover" ? failoverLine(incident) : noteLine(incident);
}

function failoverLine(record: FailoverRecord): string {
  const { from, to, lacked, by } = record;
  const move = to === null ? placeName(from) : `${placeName(from)} -> ${placeName(to)}`;
  const parts = [
    outcomeOf(record),
    ...phaseWords(record),
    lacked === null ? null : `lacked ${lacked.bytes} B (seen ${span(lacked.seenMs)} before)`,
    by === null ? null : `asked by ${by.user} at ${by.address}`,
  ];
  return `${move}  ${parts.filter((one) => one !== null).join(", ")}`;
}

/** How it ended and why, in a few words. */
export function outcomeOf({ kind, result, ending, reason, votes, leader }: FailoverRecord): string {
  const what = kind === "followed" ? "another Sentinel's failover followed" : kind;
  const cause = reason === null ? what : `${what} (${reason})`;
  const count = votes.filter((vote) => vote.leader === leader).length;
  const by = count === 0 ? "" : `, ${count} votes`;
  if (result === "done") return `${cause}${by}${ending === null ? "" : `, ${ending}`}`;
  return `${cause}${by}: ${result}${ending === null ? "" : `, ${ending}`}`;
}

/** Each step after the one before it. */
function phaseWords({ phases }: FailoverRecord): string[] {
  const { sdown, elected, promoted, followed, switched } = phases;
  const steps = [
    ["detected", sdown],
    ["leader", elected],
    ["first write possible", promoted],
    ["all follow", followed],
    ["switched", followed === null ? switched : null],
  ] as const;
  let before = 0;
  return steps.flatMap(([name, at]) => {
    if (at === null) return [];
    const step = `${name} +${exact(at - before)}`;
    // All others count from the detection.
    if (name === "detected") before = at;
    return [step];
  });
}

function exact(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

function noteLine({ kind, result, text, lastedMs, by }: Note): string {
  const words = result === "done" ? kind : `${kind} ${result}`;
  const parts = [
    text === "" ? null : text,
    lastedMs === null ? null : `after ${span(lastedMs)}`,
    by === null ? null : `asked by ${by.user} at ${by.address}`,
  ].filter((one) => one !== null);
  return parts.length === 0 ? words : `${words}: ${parts.join(", ")}`;
}

function placeName({ host, port }: ServerPlace): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
