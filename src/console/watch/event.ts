import { explainEvent, type Names } from "../../explain/event.ts";
import { partsOf } from "../../explain/payload.ts";
import type { QuorumPicture } from "../../quorum/picture.ts";
import { isSame, nameOf, type Place } from "../../quorum/place.ts";

/** What a Sentinel published; byte strings. */
export interface Heard {
  readonly at: Date;
  readonly from: Place;
  readonly name: string;
  readonly payload: string;
  /** Null: it is about no master. */
  readonly master: string | null;
}

/** Null: it is no event. */
export function heardEvent(from: Place, name: string, payload: string, at: Date): Heard | null {
  // Hellos, and keys of a client library.
  if (!/^[+-]/.test(name)) return null;
  return { at, from, name, payload, master: masterOf(name, payload) };
}

function masterOf(name: string, payload: string): string | null {
  if (name === "+switch-master") return payload.split(" ").slice(0, -4).join(" ");
  return partsOf(payload, "instance")?.master ?? null;
}

/** In words; null: no event of this name is known. */
export function wordsOf({ name, payload }: Heard, picture: QuorumPicture): string | null {
  return explainEvent(name, payload, namesIn(picture));
}

/** Sentinels by their addresses, which say more than ids. */
function namesIn({ masters }: QuorumPicture): Names {
  const sentinels = masters.flatMap((master) => master.sentinels);
  return {
    // Of one master alone its name need not be said in each line.
    server: (host, port) => (masters.length === 1 ? nameOf({ host, port: Number(port) }) : null),
    sentinel: (runId) => {
      const known = sentinels.find(({ id }) => id === runId);
      return known === undefined ? null : `Sentinel ${nameOf(known)}`;
    },
  };
}

/** The same said by several Sentinels within a moment is one line. */
export interface Line {
  readonly heard: Heard;
  readonly by: readonly Place[];
}

const MOMENT_MS = 1_000;

export function withLine(lines: readonly Line[], heard: Heard, most: number): readonly Line[] {
  const at = lines.findIndex((line) => isAgain(line.heard, heard));
  const known = lines[at];
  if (known === undefined) return [...lines, { heard, by: [heard.from] }].slice(-most);
  if (known.by.some((place) => isSame(place, heard.from))) return lines;
  return lines.with(at, { ...known, by: [...known.by, heard.from] });
}

function isAgain(one: Heard, other: Heard): boolean {
  const isSoon = other.at.getTime() - one.at.getTime() < MOMENT_MS;
  return isSoon && one.name === other.name && one.payload === other.payload;
}
