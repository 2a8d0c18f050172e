import type { Answer, Told } from "../../quorum/answer.ts";
import type { MasterPicture } from "../../quorum/picture.ts";
import { isSame, nameOf, type Place } from "../../quorum/place.ts";
import { isList, type Row, rowsOf } from "../../quorum/rows.ts";
import { ACTED } from "../command.ts";
import type { Events } from "./events.ts";
import type { Panel } from "./panel.ts";
import { type Deadline, sleep } from "./time.ts";

/** How an action ended: the status of the process, and a sentence. */
export interface Outcome {
  readonly status: number;
  readonly text: string;
}

export const done = (text: string): Outcome => ({ status: ACTED.done, text });
export const refused = (text: string): Outcome => ({ status: ACTED.refused, text });
export const aborted = (text: string): Outcome => ({ status: ACTED.aborted, text });
export const unknown = (text: string): Outcome => ({ status: ACTED.unknown, text });

/** Between two rounds of questions. */
const LOOK_AGAIN_MS = 100;

interface Wait {
  readonly panel: Panel;
  readonly picture: MasterPicture;
  readonly deadline: Deadline;
  readonly events: Events | null;
  readonly interrupted: AbortSignal;
  /** Who was checked, and is to become the master; else anybody may. */
  readonly target?: Place;
  /** Where no majority answers, all that do suffice: nobody else was asked for the failover either. */
  readonly isPlain?: boolean;
}

/** Where Sentinels of this master can be asked: those that answered, and those that they name. */
export function sentinelsOf({ sentinels }: MasterPicture): readonly Place[] {
  return sentinels.filter(({ host, port }) => host !== "" && port > 0);
}

/** Until most Sentinels name another master, and the old one follows it or is down. */
export async function awaitSwitch(wait: Wait): Promise<Outcome> {
  const { picture, deadline, events, interrupted, target } = wait;
  const old = picture.place;
  let state = `no majority names another master than ${nameOf(old)}`;
  for (;;) {
    const named = await namedByMost(wait);
    if (named !== null && !isSame(named, old)) {
      const fate = await fateOf(wait, named);
      if (fate !== null) {
        if (target !== undefined && !isSame(named, target)) {
          return unknown(
            `${nameOf(named)} became the master, not ${nameOf(target)}: some writes may be lost`,
          );
        }
        return done(
          `${picture.name}: the master is ${nameOf(named)}, and ${nameOf(old)} ${FATES[fate]}`,
        );
      }
      state = `the master is ${nameOf(named)}, and ${nameOf(old)} does not follow it yet`;
    } else if (events?.abort) {
      return aborted(
        `given up (${events.abort}), and ${nameOf(old)} stays the master; the log of the Sentinel says why`,
      );
    }
    if (deadline.isOver) return unknown(`not done in time: ${state}`);
    if (interrupted.aborted)
      return unknown(`it goes on without us, and cannot be called back: ${state}`);
    await sleep(LOOK_AGAIN_MS, interrupted);
  }
}

/** Whether a majority names another master by now. */
export async function isSwitched(wait: Wait): Promise<boolean> {
  const named = await namedByMost(wait);
  return named !== null && !isSame(named, wait.picture.place);
}

/** The address that a majority of the Sentinels known names; null: none has one. */
async function namedByMost({ panel, picture, isPlain }: Wait): Promise<Place | null> {
  const places = sentinelsOf(picture);
  const words = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", picture.name];
  const counts = new Map<string, { place: Place; count: number }>();
  for (const place of (await panel.askAll(places, words)).map(addressOf)) {
    if (place === null) continue;
    const key = nameOf(place);
    counts.set(key, { place, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const majority = Math.floor(Math.max(places.length, picture.known) / 2) + 1;
  const answered = [...counts.values()].reduce((sum, { count }) => sum + count, 0);
  const needed = isPlain === true ? Math.min(majority, answered) : majority;
  return [...counts.values()].find(({ count }) => count >= needed)?.place ?? null;
}

function addressOf(told: Told<Answer>): Place | null {
  if (!told.ok || !isList(told.value)) return null;
  const [host, port] = told.value;
  return typeof host === "string" ? { host, port: Number(port) } : null;
}

const FATES = {
  follows: "follows it",
  down: "is down: it is told to follow when it is back",
} as const;

/** What became of the old master, by what any Sentinel says of it as a replica; null: nothing yet. */
async function fateOf({ panel, picture }: Wait, master: Place): Promise<keyof typeof FATES | null> {
  const answers = await panel.askAll(sentinelsOf(picture), ["SENTINEL", "REPLICAS", picture.name]);
  const rows = answers.flatMap((told) => (told.ok ? rowsOf(told.value) : []));
  const all = rows.filter((row) => isSame(placeIn(row, "ip", "port"), picture.place));
  const isFollowing = all.some((row) => {
    const follows = placeIn(row, "master-host", "master-port");
    return !isDown(row) && row.text("role-reported") === "slave" && isSame(follows, master);
  });
  if (isFollowing) return "follows";
  return all.some(isDown) ? "down" : null;
}

function isDown(row: Row): boolean {
  return row.text("flags").split(",").includes("s_down");
}

function placeIn(row: Row, host: string, port: string): Place {
  return { host: row.text(host), port: Number(row.text(port)) };
}
