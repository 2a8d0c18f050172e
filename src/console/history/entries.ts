import { textOf } from "../../base/bytes.ts";
import type { LogFailover, LogNote } from "../../explain/log/entry.ts";
import type { Output, Tone } from "../output.ts";
import { shown } from "../shown.ts";
import { fitted } from "../table.ts";
import { spanOf } from "../times.ts";

/** What is shown of an entry of a journal or of logs: either has what the other does not know. */
export type ShownEntry = ShownFailover | ShownNote;
type ShownFailover = Omit<LogFailover, "quorum" | "seenBy"> & Optional;
type ShownNote = Omit<LogNote, "seenBy"> & Optional;

interface Optional {
  /** Of a journal. */
  readonly id?: number;
  readonly quorum?: string | null;
  readonly votesNeeded?: number;
  readonly seenBy?: readonly string[];
}

/** Enough of 40 digits to tell some Sentinels apart. */
const SHOWN_OF_ID = 8;

/** One line of each entry, and what is to be known of it below. */
export function entryLines(output: Output, entries: readonly ShownEntry[]): string[] {
  return entries.flatMap((entry) =>
    entry.type === "failover" ? failoverLines(output, entry) : noteLines(output, entry),
  );
}

function failoverLines(output: Output, entry: ShownFailover): string[] {
  const { name, from, to, result, epoch, ending } = entry;
  const isDone = result === "done";
  const tone: Tone = isDone ? "good" : "bad";
  const places = [from, to].map((place) => (place ? `${shown(place.host)}:${place.port}` : "?"));
  const way = to === null ? places[0] : places.join(" -> ");
  const head = [
    ...headOf(entry),
    output.paint("strong", shown(name)),
    way,
    output.paint(tone, isDone ? wayOf(entry) : `${wayOf(entry)}: ${result}`),
    epoch === null ? "" : `epoch ${epoch}`,
  ];
  const more = [phasesOf(entry), votesOf(entry), ...candidatesOf(entry), lackedOf(entry)];
  const why = [entry.reason, ending].flatMap((text) => (text === null ? [] : [shown(text)]));
  return [
    head.filter(Boolean).join("  "),
    ...[...more, ...why].filter(Boolean).map((line) => fitted(`    ${line}`, output.width)),
  ];
}

/** `down, 2/2`. */
function wayOf({ kind, quorum, attempt, by }: ShownFailover): string {
  const times = attempt > 1 ? `attempt ${attempt}` : null;
  const asked = by === null ? null : `by ${shown(by.user)} at ${shown(by.address)}`;
  return [kind, quorum, times, asked].filter(Boolean).join(", ");
}

function phasesOf({ phases, kind }: ShownFailover): string {
  const { sdown, odown, tried, elected, promoted, followed, switched } = phases;
  const isSeen = kind === "down" || kind === "guard" || kind === "followed";
  const steps: readonly (readonly [string, number | null])[] = [
    ["seen", isSeen ? sdown : null],
    ["agreed", odown],
    ["stood", tried],
    ["elected", elected],
    ["first write possible", promoted],
    ["all follow", followed],
    ["switched", switched],
  ];
  const told = steps.filter(([, ms]) => ms !== null && ms > 0);
  return told.map(([what, ms]) => `${what} +${spanOf(ms ?? 0)}`).join(", ");
}

function votesOf({ votes, leader, votesNeeded }: ShownFailover): string {
  if (leader === null) return "";
  const led = `led by ${leader.slice(0, SHOWN_OF_ID)}`;
  if (votes.length === 0) return led;
  const forIt = votes.filter((vote) => vote.leader === leader);
  const others = new Set(votes.map((vote) => vote.leader).filter((one) => one !== leader));
  const needed = votesNeeded === undefined ? "" : `, ${votesNeeded} needed`;
  const lost = others.size === 0 ? "" : `, ${votes.length - forIt.length} for others`;
  return `${led}, votes known: ${forIt.length}${needed}${lost}`;
}

function candidatesOf({ candidates }: ShownFailover): string[] {
  return candidates
    .filter(({ reason }) => reason !== null)
    .map(({ host, port, verdict, reason }) => {
      return `${shown(host)}:${port} ${verdict}: ${shown(reason ?? "")}`;
    });
}

function lackedOf({ lacked }: ShownFailover): string {
  if (lacked === null) return "";
  return `the new master lacked ${lacked.bytes} bytes (seen ${spanOf(lacked.seenMs)} before)`;
}

function noteLines(output: Output, entry: ShownNote): string[] {
  const { name, kind, result, text, lastedMs, seenBy = [] } = entry;
  const lasted = lastedMs === null ? "" : `, ${spanOf(lastedMs)}`;
  const state = result === "done" ? kind : `${kind} ${result}${lasted}`;
  // What is of no master is of one Sentinel.
  const who =
    name === null ? `Sentinel ${shown(seenBy[0] ?? "").slice(0, SHOWN_OF_ID)}` : shown(name);
  return [fitted([...headOf(entry), who, state, shown(text)].join("  "), output.width)];
}

function headOf({ id, at }: ShownEntry): string[] {
  const time = new Date(at).toISOString().replace("T", " ");
  return id === undefined ? [time] : [`${id}`, time];
}

/** For programs: the same with texts in place of bytes. */
export function entryJson(entry: ShownEntry): object {
  return JSON.parse(JSON.stringify(entry), (_key, value) =>
    typeof value === "string" ? textOf(value) : value,
  );
}
