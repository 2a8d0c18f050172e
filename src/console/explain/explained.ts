import { CODES, type Code, type Explanation } from "../../explain/situation.ts";
import type { Answer } from "../../quorum/answer.ts";
import type { MasterPicture } from "../../quorum/picture.ts";
import { isSame, nameOf, type Place } from "../../quorum/place.ts";
import { isList } from "../../quorum/rows.ts";
import { explanationOf } from "../../quorum/situation.ts";
import { NoAnswer, Refusal } from "../connect/errors.ts";
import type { SharedClients } from "../connect/shared.ts";

export interface Explained {
  readonly picture: MasterPicture;
  readonly explanation: Explanation;
  /** The Sentinel of ours that has told it; null: it is worked out of what all of them answer. */
  readonly by: Place | null;
}

/** Of these, one Sentinel says nothing about the others. */
const OF_ONE: readonly Code[] = ["TILT", "PAUSED", "CANNOT_SAVE", "CANNOT_STAND"];

/**
 * Ours know more than they show: when they tried last, how that ended, for whom they voted. What each Sentinel says of
 * the master is in any case what it has told us itself.
 */
export async function explained(
  clients: SharedClients,
  picture: MasterPicture,
): Promise<Explained> {
  const own = explanationOf(picture);
  const inferred = { picture, explanation: own, by: null };
  // Whoever stands for election knows less of the others than they have told us.
  const isStanding = picture.witnesses.some(({ sight }) => sight.failoverState !== null);
  if (own.verdict === "blocked" && isStanding) return inferred;
  const witness = whoKnows(picture, own);
  if (witness === undefined) return inferred;
  const { place } = witness.asked;
  const told = await ask(clients, place, picture.name);
  const isOfOne = told !== null && OF_ONE.includes(told.code) && !OF_ONE.includes(own.code);
  if (told === null || isOfOne) return inferred;
  const { facts } = own;
  // What can be done about one cause is known better by who has heard all of them.
  const todo = told.code === own.code ? own.todo : named(told, place).todo;
  return { picture, explanation: { ...named(told, place), facts, todo }, by: place };
}

/**
 * The one that makes the failover; if none goes on, one that may. What one that is cut off, or has an older
 * configuration, would do is not what happens.
 */
function whoKnows(picture: MasterPicture, { verdict }: Explanation) {
  const all = picture.witnesses.filter(({ program }) => program.isOurs);
  if (verdict === "busy") return all.find(({ sight }) => sight.failoverState !== null);
  const lost = picture.sentinels.filter((one) => one.isDownForMost).map(({ id }) => id);
  const ours = all.filter(({ id, sight }) => {
    const isNewest = sight.configEpoch === picture.witness.sight.configEpoch;
    return isNewest && isSame(sight, picture.place) && !lost.includes(id);
  });
  const isFree = (one: (typeof ours)[number]) => !one.isTilt && one.sight.pause === null;
  return (
    ours.find((one) => isFree(one) && one.sight.objectivelyDownMs !== null) ??
    ours.find(isFree) ??
    ours[0]
  );
}

async function ask(
  clients: SharedClients,
  place: Place,
  name: string,
): Promise<Explanation | null> {
  try {
    return explanationIn(await clients.call(place, ["SENTINEL", "EXPLAIN", name]));
  } catch (error) {
    // An older one of ours, or one that may not be asked that.
    if (error instanceof Refusal || error instanceof NoAnswer) return null;
    throw error;
  }
}

/** Names and values in turns; null: it is none. */
function explanationIn(answer: Answer): Explanation | null {
  if (!isList(answer)) return null;
  const fields = new Map<unknown, Answer>();
  for (let at = 0; at + 1 < answer.length; at += 2) fields.set(answer[at], answer[at + 1] ?? null);
  const verdict = VERDICTS.find((one) => one === fields.get("verdict"));
  const code = CODES.find((one) => one === fields.get("code"));
  const text = fields.get("text");
  if (verdict === undefined || code === undefined || typeof text !== "string") return null;
  const list = (name: string) => {
    const lines = fields.get(name);
    return isList(lines) ? lines.map(String) : [];
  };
  return { verdict, code, text, facts: list("facts"), next: list("next"), todo: list("todo") };
}

const VERDICTS = ["blocked", "busy", "ready"] as const;

/** To us it is one of several. */
function named(told: Explanation, place: Place): Explanation {
  const toUs = (line: string) => line.replaceAll("this Sentinel", nameOf(place));
  const { text, next, todo } = told;
  return { ...told, text: toUs(text), next: next.map(toUs), todo: todo.map(toUs) };
}
