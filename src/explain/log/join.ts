import type { VoteRecord } from "../../base/journal-entry.ts";
import type { LogEntry, LogFailover, LogNote } from "./entry.ts";
import type { EpochMs } from "./line-time.ts";
import type { Instants, NoteSighting, Sighting, Source } from "./sighting.ts";

/** What Sentinels see of one failover is so near in time, skew of their clocks included. */
const NEAR_MS = 60_000;
/** The same of what they all say at once. */
const NOTE_NEAR_MS = 10_000;
/** Neighbours in time that are compared with a sighting. */
const MOST_COMPARED = 200;

/** The sightings of one failover: that of its leader first, if its log is there. */
interface Group {
  readonly first: Sighting;
  readonly others: Sighting[];
}

interface NoteGroup {
  readonly first: NoteSighting;
  told: NoteSighting;
  readonly sources: Source[];
}

/** One entry for each failover and incident, whoever saw it; oldest first. */
export function join(seen: readonly (Sighting | NoteSighting)[]): readonly LogEntry[] {
  const sightings = seen.filter((one) => one.type === "sighting");
  const notes = seen.filter((one) => one.type === "note");
  const watchers = watchersOf(seen);
  const failovers = groupsOf(sightings).map((group) => failover(group, watchers));
  const all: LogEntry[] = [...failovers, ...noteGroupsOf(notes).map(note)];
  return all.sort((one, other) => one.at - other.at);
}

/** Whose logs know of a master, by its name: others may be of another group with the same epochs. */
type Watchers = ReadonlyMap<string | null, ReadonlySet<Source>>;

function watchersOf(seen: readonly (Sighting | NoteSighting)[]): Watchers {
  const watchers = new Map<string | null, Set<Source>>();
  for (const { name, source } of seen) {
    const known = watchers.get(name) ?? new Set();
    watchers.set(name, known.add(source));
  }
  return watchers;
}

function groupsOf(sightings: readonly Sighting[]): readonly Group[] {
  const inTime = [...sightings].sort(byMoment);
  const groups = inTime
    .filter(({ isOwn }) => isOwn)
    .map((first) => ({ first, others: [] }) as Group);
  for (const sighting of inTime.filter(({ isOwn }) => !isOwn)) {
    const group = nearestOf(groups, sighting);
    if (group !== null) group.others.push(sighting);
    else insert(groups, { first: sighting, others: [] });
  }
  return groups;
}

/** When there was a new master: the end of a failover that waits for replicas can be minutes later. */
function momentOf({ at, endedMs }: Sighting): EpochMs {
  return at.promoted ?? at.switched ?? endedMs;
}

function byMoment(one: Sighting, other: Sighting): number {
  return momentOf(one) - momentOf(other);
}

/** The failover that a Sentinel followed: of this master, to the same new one. */
function nearestOf(groups: readonly Group[], sighting: Sighting): Group | null {
  const moment = momentOf(sighting);
  const at = firstFrom(groups, moment - NEAR_MS);
  const distance = ({ first }: Group) => Math.abs(momentOf(first) - moment);
  let best: Group | null = null;
  for (const group of groups.slice(at, at + MOST_COMPARED)) {
    if (momentOf(group.first) > moment + NEAR_MS) break;
    if (!isOne(group.first, sighting)) continue;
    if (best === null || distance(group) < distance(best)) best = group;
  }
  return best;
}

/** Whether a Sentinel followed what is seen there. */
function isOne(there: Sighting, followed: Sighting): boolean {
  const { name, source, epoch, leader, to } = followed;
  if (there.name !== name || there.source === source) return false;
  if (there.isOwn && there.at.promoted === null) return false;
  if (leader !== null && there.leader !== null && leader !== there.leader) return false;
  // Who leads for two masters at once has an epoch for each, and a vote names no master.
  const isSameLeader = leader !== null && leader === there.leader;
  const isOtherEpoch = epoch !== null && there.epoch !== null && epoch !== there.epoch;
  if (isOtherEpoch && !isSameLeader) return false;
  // One may say a name and the other an address.
  return there.to?.port === to?.port && (there.to?.host === to?.host || epoch !== null);
}

/** The first group of that moment or later. */
function firstFrom(groups: readonly Group[], fromMs: EpochMs): number {
  let [low, high] = [0, groups.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const group = groups[middle];
    if (group !== undefined && momentOf(group.first) < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert(groups: Group[], group: Group): void {
  groups.splice(firstFrom(groups, momentOf(group.first)), 0, group);
}

function failover({ first, others }: Group, watchers: Watchers): LogFailover {
  const { name, kind, result, ending, attempt, from, to, quorum, beganMs, endedMs, at } = first;
  const known = [first, ...others];
  const isCut = result === "restarted" || result === "unfinished";
  const isDone = isCut && others.length > 0;
  const epoch = known.find((one) => one.epoch !== null)?.epoch ?? null;
  const leader = known.find((one) => one.leader !== null)?.leader ?? null;
  return {
    type: "failover",
    at: endedMs,
    name,
    kind,
    result: isDone ? "done" : result,
    reason: null,
    ending: isDone ? "others saw its end, the log of its leader ends before" : ending,
    by: null,
    attempt,
    epoch,
    leader,
    from,
    to,
    tookMs: Math.max(0, endedMs - beganMs),
    phases: phasesOf(at, beganMs),
    votes: votesOf(first, epoch, watchers.get(name)),
    quorum: quorum ?? known.find((one) => one.quorum !== null)?.quorum ?? null,
    candidates: first.candidates,
    lacked: null,
    seenBy: namesOf(known.map(({ source }) => source)),
  };
}

function phasesOf(at: Instants, beganMs: EpochMs): LogFailover["phases"] {
  const since = (atMs: EpochMs | null) => (atMs === null ? null : Math.max(0, atMs - beganMs));
  return {
    sdown: since(at.sdown),
    odown: since(at.odown),
    tried: since(at.tried),
    elected: since(at.elected),
    selected: since(at.selected),
    promoted: since(at.promoted),
    followed: since(at.followed),
    switched: since(at.switched),
  };
}

/** What the leader heard, and what the logs of the voters say. */
function votesOf(
  { votes }: Sighting,
  epoch: string | null,
  sources: ReadonlySet<Source> | undefined,
): readonly VoteRecord[] {
  const all = new Map(votes);
  for (const source of sources ?? []) {
    const leader = epoch === null ? undefined : source.votes.get(epoch);
    if (leader !== undefined) all.set(nameOf(source), leader);
  }
  return [...all].map(([sentinel, leader]) => ({ sentinel, leader })).sort(bySentinel);
}

function bySentinel(one: VoteRecord, other: VoteRecord): number {
  return one.sentinel < other.sentinel ? -1 : 1;
}

function nameOf({ runId, label }: Source): string {
  return runId ?? label;
}

function namesOf(sources: readonly Source[]): readonly string[] {
  return [...new Set(sources.map(nameOf))].sort();
}

function noteGroupsOf(notes: readonly NoteSighting[]): readonly NoteGroup[] {
  const groups: NoteGroup[] = [];
  const last = new Map<string, NoteGroup>();
  for (const seen of [...notes].sort((one, other) => one.endedMs - other.endedMs)) {
    const key = JSON.stringify([seen.kind, seen.name, seen.result, seen.subject]);
    const group = last.get(key);
    const isShared = seen.name !== null && group !== undefined && isNear(group, seen);
    if (isShared) {
      group.sources.push(seen.source);
      if (seen.weight > group.told.weight) group.told = seen;
      continue;
    }
    const begun = { first: seen, told: seen, sources: [seen.source] };
    groups.push(begun);
    last.set(key, begun);
  }
  return groups;
}

/** Another Sentinel said the same at about the same time. */
function isNear({ first, sources }: NoteGroup, seen: NoteSighting): boolean {
  return seen.endedMs - first.endedMs <= NOTE_NEAR_MS && !sources.includes(seen.source);
}

function note({ told, sources }: NoteGroup): LogNote {
  const { name, kind, result, text, lastedMs, by, endedMs } = told;
  return {
    type: "note",
    at: endedMs,
    name,
    kind,
    result,
    text,
    lastedMs,
    by,
    seenBy: namesOf(sources),
  };
}
