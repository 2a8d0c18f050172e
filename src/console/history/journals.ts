import type { JournalEntry } from "../../base/journal-entry.ts";
import type { Answer } from "../../quorum/answer.ts";
import type { MasterPicture } from "../../quorum/picture.ts";
import { nameOf } from "../../quorum/place.ts";
import { isList } from "../../quorum/rows.ts";
import type { Access } from "../connect/access.ts";
import { NoAnswer, Refusal } from "../connect/errors.ts";
import { SharedClients } from "../connect/shared.ts";
import { entryIn } from "./journal-entry.ts";

/** An entry, and the Sentinels that have it: their ids, or where they are. */
type SeenEntry = JournalEntry & { readonly seenBy: readonly string[] };

interface Journals {
  /** The oldest first. */
  readonly entries: readonly SeenEntry[];
  /** Sentinels that have told nothing, and why. */
  readonly silent: readonly string[];
  /** How many have. */
  readonly heard: number;
}

/** As many as a Sentinel keeps. */
const MOST_ENTRIES = 1_000;
/** What Sentinels write down of one failover, or of one order that each of them got, is so near in time. */
const NEAR_MS = 60_000;

/** What each Sentinel has written down of these masters, put together. `sinceMs`: in milliseconds since 1970. */
export async function readJournals(
  access: Access,
  masters: readonly MasterPicture[],
  sinceMs: number,
): Promise<Journals> {
  const asked = masters.flatMap(({ name, witnesses }) =>
    witnesses.map((witness) => ({ name, witness })),
  );
  const clients = new SharedClients(access);
  const silent = new Set<string>();
  const heard = new Set<string>();
  const found = await Promise.all(
    asked.map(async ({ name, witness: { asked: at, program, id } }) => {
      const who = nameOf(at.place);
      if (!program.isOurs) silent.add(`${who} is ${program.text}, which keeps no journal`);
      if (!program.isOurs) return [];
      const words = [
        "SENTINEL",
        "JOURNAL",
        name,
        "COUNT",
        `${MOST_ENTRIES}`,
        "SINCE",
        `${sinceMs}`,
      ];
      const told = await ask(clients, at.place, words);
      if (typeof told === "string") silent.add(`${who}: ${told}`);
      else heard.add(who);
      return typeof told === "string"
        ? []
        : told.map((entry) => ({ ...entry, seenBy: [id ?? who] }));
    }),
  );
  await clients.close();
  return { entries: merged(found.flat()), silent: [...silent], heard: heard.size };
}

/** Its entries; or why there are none. */
async function ask(
  clients: SharedClients,
  place: MasterPicture["place"],
  words: readonly string[],
): Promise<readonly JournalEntry[] | string> {
  try {
    return entriesIn(await clients.call(place, words));
  } catch (error) {
    if (error instanceof Refusal || error instanceof NoAnswer) return error.message;
    throw error;
  }
}

function entriesIn(answer: Answer): JournalEntry[] {
  return (isList(answer) ? answer : []).flatMap((line) => entryIn(line) ?? []);
}

/** One entry of what several have: that of who led a failover, or of who wrote it down first. */
function merged(all: readonly SeenEntry[]): SeenEntry[] {
  const kept: SeenEntry[] = [];
  const byKey = new Map<string, number[]>();
  const leadersFirst = [...all].sort(
    (a, b) => Number(isFollowed(a)) - Number(isFollowed(b)) || a.at - b.at,
  );
  for (const entry of leadersFirst) {
    const key = keyOf(entry);
    const alike = byKey.get(key) ?? [];
    const found = alike.find((at) => isOne(kept[at], entry));
    const known = found === undefined ? undefined : kept[found];
    if (found !== undefined && known) {
      kept[found] = { ...known, seenBy: [...new Set([...known.seenBy, ...entry.seenBy])] };
    } else {
      byKey.set(key, [...alike, kept.length]);
      kept.push(entry);
    }
  }
  return kept.sort((a, b) => a.at - b.at);
}

function isFollowed(entry: JournalEntry): boolean {
  return entry.type === "failover" && entry.kind === "followed";
}

function keyOf(entry: JournalEntry): string {
  if (entry.type === "failover") return JSON.stringify([entry.name, entry.epoch]);
  return JSON.stringify([entry.name, entry.kind, entry.result, entry.text]);
}

function isOne(known: SeenEntry | undefined, entry: SeenEntry): boolean {
  if (!known || Math.abs(known.at - entry.at) > NEAR_MS) return false;
  if (known.seenBy.some((one) => entry.seenBy.includes(one))) {
    // All masters of a Sentinel have the entries that are of none.
    return entry.name === null && known.id === entry.id;
  }
  if (entry.name === null) return false;
  if (entry.type === "note") return true;
  return isFollowed(entry) && known.type === "failover" && known.result === "done";
}
