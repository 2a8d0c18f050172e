import { sizeText } from "../base/sizes.ts";
import { stepText } from "./findings.ts";
import { ageText, count, placeText } from "./say.ts";
import type { FailoverEntry, Master, PageEvent } from "./status.ts";
import { masterNamed } from "./story.ts";

/** One step of a failover; `at` is null for what has not happened yet. */
interface Step {
  readonly name: string;
  readonly at: number | null;
  readonly state: "done" | "now" | "open" | "failed";
}

export interface Timeline {
  readonly title: string;
  readonly steps: readonly Step[];
  /** It is over: when it was. */
  readonly endedAt: number | null;
  /** Why it was, what it cost. */
  readonly notes: readonly string[];
}

interface Mark {
  readonly kind: string;
  readonly name: string;
}

/** In the order in which a failover meets them. */
const MARKS: Readonly<Record<string, Mark>> = {
  "+sdown": { kind: "down", name: "down for this Sentinel" },
  "+odown": { kind: "agreed", name: "down for enough Sentinels" },
  "+try-failover": { kind: "stands", name: "stands for election" },
  "+elected-leader": { kind: "elected", name: "elected" },
  "+selected-slave": { kind: "chosen", name: "replica chosen" },
  "+promoted-slave": { kind: "promoted", name: "replica is a master" },
  "+config-update-from": { kind: "heard", name: "another Sentinel names the new master" },
  "+switch-master": { kind: "switched", name: "clients are sent to it" },
  "+failover-end": { kind: "followed", name: "all follow" },
};

/** What is still to come when this Sentinel leads. */
const OF_LEADER = ["elected", "chosen", "promoted", "switched"];
const NAMES = new Map(Object.values(MARKS).map(({ kind, name }) => [kind, name]));

function nameOf(kind: string): string {
  return NAMES.get(kind) ?? kind;
}

/** A quiet time of this length parts two stories. */
const APART_MS = 10 * 60_000;

/** The failover that runs or ran last, by its events or by the journal's entry of it; null: none is known. */
export function timelineOf(
  events: readonly PageEvent[],
  master: Master,
  entry: FailoverEntry | null,
): Timeline | null {
  const own = lastEpisode(events.filter((event) => masterNamed(event) === master.name));
  const steps = own.flatMap((event) => stepOf(event) ?? []);
  const { failover, downMs } = master;
  if (failover !== null || downMs !== null) {
    return { title: titleOf(master), steps: open(steps, master), endedAt: null, notes: [] };
  }
  const isOurs = ({ name }: PageEvent) => name === "+switch-master" || name.startsWith("-failover");
  const last = own.findLast(isOurs);
  // An entry is written a moment after its last event.
  if (entry !== null && entry.at >= (last?.at ?? 0) - SOON_MS) return ofEntry(entry);
  if (last === undefined) return null;
  return { title: "The last failover", steps, endedAt: last.at, notes: [] };
}

const SOON_MS = 1_000;

function ofEntry(entry: FailoverEntry): Timeline {
  const { at, tookMs, phases, from, to, by, kind, result, ending, reason, votes, leader } = entry;
  const begin =
    by === null
      ? `last sign of life of ${placeText(from)}`
      : `asked for by ${by.user} at ${by.address}`;
  const number = votes.filter((vote) => vote.leader === leader).length;
  const reached: [name: string, ms: number | null][] = [
    [begin, 0],
    [nameOf("down"), phases.sdown],
    [nameOf("agreed"), phases.odown],
    [nameOf("stands"), phases.tried],
    [`elected${number === 0 ? "" : `, with ${count(number, "vote")}`}`, phases.elected],
    [`replica chosen${to === null ? "" : `: ${placeText(to)}`}`, phases.selected],
    [nameOf("promoted"), phases.promoted],
    [nameOf("switched"), phases.switched],
    [nameOf("followed"), phases.followed],
  ];
  const steps = reached
    .flatMap(([name, ms]): DoneStep[] =>
      ms === null ? [] : [{ name, at: at - tookMs + ms, state: "done" }],
    )
    .sort((a, b) => a.at - b.at);
  const isDone = result === "done";
  const end: Step = {
    name: `given up: ${ending ?? abortOf(result)}`,
    at,
    state: "failed",
  };
  return {
    title: isDone
      ? `The last ${kind === "coordinated" ? "planned switch" : "failover"}`
      : "The last attempt",
    steps: isDone ? steps : [...steps, end],
    endedAt: at,
    notes: [...(reason === null ? [] : [`Why: ${reason}.`]), ...lackedText(entry)],
  };
}

type DoneStep = Step & { readonly at: number };

function lackedText({ lacked }: FailoverEntry): string[] {
  if (lacked === null) return [];
  const { bytes, seenMs } = lacked;
  if (bytes === 0) return ["The new master lacked nothing that was seen of the old one."];
  return [`The new master lacked ${sizeText(bytes)}, seen ${ageText(seenMs)} before.`];
}

function titleOf({ failover }: Master): string {
  if (failover === null) return "The master is down";
  return failover.isCoordinated ? "A planned switch runs" : "A failover runs";
}

/** The events from the beginning of the last trouble on. */
function lastEpisode(events: readonly PageEvent[]): readonly PageEvent[] {
  let [from, hasEnded, lastAt] = [0, true, 0];
  events.forEach((event, at) => {
    if (!isOfEpisode(event)) return;
    const isLate = event.at - lastAt > APART_MS;
    const begins = event.name === "+sdown" || event.name === "+try-failover";
    if (begins && (hasEnded || isLate)) [from, hasEnded] = [at, false];
    if (event.name === "+switch-master" || event.name === "-sdown") hasEnded = true;
    lastAt = event.at;
  });
  return events.slice(from).filter(isOfEpisode);
}

function isOfEpisode({ name, payload }: PageEvent): boolean {
  if (name === "+sdown" || name === "-sdown") return payload.startsWith("master ");
  return name in MARKS || name.startsWith("-failover-abort");
}

function stepOf({ name, payload, at }: PageEvent): Step | null {
  if (name === "-sdown") return { name: "the master answers again", at, state: "done" };
  if (name.startsWith("-failover-abort")) {
    return { name: `given up: ${abortOf(name)}`, at, state: "failed" };
  }
  const mark = MARKS[name];
  if (mark === undefined) return null;
  if (name === "+selected-slave") {
    const place = payload.split(" ")[1];
    return { name: `${mark.name}: ${place}`, at, state: "done" };
  }
  return { name: mark.name, at, state: "done" };
}

function abortOf(name: string): string {
  return name.replace("-failover-abort-", "").replaceAll("-", " ").replaceAll("slave", "replica");
}

/** What has happened, what happens now, and what is to come. */
function open(done: readonly Step[], master: Master): Step[] {
  const { failover, downMs, objectivelyDownMs, quorum } = master;
  if (failover === null) {
    if (downMs === null || objectivelyDownMs !== null) {
      return [
        ...done,
        { name: "another Sentinel leads, or is to be elected", at: null, state: "now" },
      ];
    }
    const name = `${quorum.needed} Sentinels must agree`;
    return [...done, { name, at: null, state: "now" }];
  }
  const now: Step = { name: stepText(failover.step), at: null, state: "now" };
  const passed = done.map(({ name }) => name);
  const ahead = OF_LEADER.map(nameOf).filter((name) => !passed.some((one) => one.startsWith(name)));
  const to = failover.promoted === null ? "" : ` (${placeText(failover.promoted)})`;
  const named = { ...now, name: `${now.name}${to}` };
  return [...done, named, ...ahead.map((name): Step => ({ name, at: null, state: "open" }))];
}
