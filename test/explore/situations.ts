import { currentAddress } from "../../src/core/records.ts";
import type { FailoverStep } from "../../src/core/state.ts";
import type { LocalInput, Message, OwnLocal } from "./model.ts";

/**
 * What the exploration is there for. Each of these must be met within the small bounds, or they show less
 * than they say.
 */
export const SITUATIONS = [
  "a leader is elected",
  "an election is lost",
  "a vote cannot be saved",
  "a voter crashes before its vote is saved",
  "a voter crashes between its vote saved and told",
  "a voter that started again does not know for whom it voted",
  "a question for a vote comes while another vote waits for its save",
  "a leader crashes while its promotion is under way",
  "a leader crashes before its promotion is saved",
  "a leader crashes between its promotion saved and told",
  "a promotion fails, and another replica is chosen",
  "a hello names a new master",
  "a hello names a new master while an attempt of one's own is under way",
  "a hello comes between a promotion seen and saved",
  "a forced failover leaves an epoch that others have",
  "a disagreement is settled",
  "names for one server move together",
  "a C Sentinel leads",
  "a C Sentinel votes for one of ours",
  "a C Sentinel follows a hello of one of ours",
] as const;

export type Situation = (typeof SITUATIONS)[number];

interface Attempt {
  readonly step: FailoverStep;
  readonly epoch: bigint;
  readonly forced: boolean;
}

/** What has to be known of a Sentinel before its step. */
export interface Moment {
  readonly attempts: ReadonlyMap<string, Attempt>;
  /** By name of the master. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly isVoteUntold: boolean;
  readonly isPromotionHeld: boolean;
}

export function momentOf({ state, held }: OwnLocal): Moment {
  const attempts = new Map<string, Attempt>();
  const addresses = new Map<string, string>();
  for (const { name, failover, address } of state?.masters.values() ?? []) {
    addresses.set(name, `${address.ip}`);
    if (!failover) continue;
    const { step, epoch, forced } = failover;
    attempts.set(name, { step, epoch, forced });
  }
  const isPromotion = ({ type, ...rest }: { type: string; name?: string }) =>
    type === "event" && rest.name === "+promoted-slave";
  return {
    attempts,
    addresses,
    isVoteUntold: held !== null && (state?.untoldVotes.length ?? 0) > 0,
    isPromotionHeld: held?.some(isPromotion) === true,
  };
}

/** What one of ours told in its step. */
export interface Deeds {
  readonly events: readonly string[];
  readonly messages: readonly Message[];
}

export function situationsOf(
  before: Moment,
  input: LocalInput,
  local: OwnLocal,
  { events, messages }: Deeds,
): Situation[] {
  const met: Situation[] = [];
  const note = (isMet: boolean, situation: Situation) => {
    if (isMet) met.push(situation);
  };
  const told = (name: string) => isTold(events, name);
  note(told("+elected-leader"), "a leader is elected");
  note(told("-failover-abort-not-elected"), "an election is lost");
  note(told("+config-settled"), "a disagreement is settled");
  note(
    messages.some(isForgottenVote),
    "a voter that started again does not know for whom it voted",
  );
  const isQuestion = input.kind === "asked" && before.isVoteUntold;
  note(isQuestion, "a question for a vote comes while another vote waits for its save");
  return [...met, ...crashOf(before, input), ...changeOf(before, input, local)];
}

function isForgottenVote(message: Message): boolean {
  if (message.kind !== "answer" || message.reply.type !== "array") return false;
  const [, leader, epoch] = message.reply.items;
  const isNobody = leader?.type === "bulk" && leader.text === "*";
  return isNobody && epoch?.type === "integer" && epoch.value > 0;
}

function crashOf(
  { attempts, isVoteUntold, isPromotionHeld }: Moment,
  input: LocalInput,
): Situation[] {
  const met: Situation[] = [];
  const isSaved = input.kind === "save" && input.outcome === "crash";
  const isUnsaved = input.kind === "crash";
  const isFailed = input.kind === "save" && input.outcome === "fails";
  if (isVoteUntold && isFailed) met.push("a vote cannot be saved");
  if (isVoteUntold && isUnsaved) met.push("a voter crashes before its vote is saved");
  if (isVoteUntold && isSaved) met.push("a voter crashes between its vote saved and told");
  if (isPromotionHeld && isUnsaved) met.push("a leader crashes before its promotion is saved");
  if (isPromotionHeld && isSaved) met.push("a leader crashes between its promotion saved and told");
  const isUnderWay = [...attempts.values()].some(({ step }) => step === "wait_promotion");
  if (isUnderWay && (isSaved || isUnsaved)) {
    met.push("a leader crashes while its promotion is under way");
  }
  return met;
}

function changeOf(before: Moment, input: LocalInput, { state }: OwnLocal): Situation[] {
  const met: Situation[] = [];
  const moved: string[] = [];
  for (const master of state?.masters.values() ?? []) {
    const attempt = before.attempts.get(master.name);
    const address = before.addresses.get(master.name);
    if (address !== undefined && currentAddress(master).ip !== address) moved.push(master.name);
    const isLed = attempt?.step === "reconf_slaves" || attempt?.step === "update_config";
    const isHeard = input.kind === "told" && moved.includes(master.name) && !isLed;
    if (isHeard) met.push("a hello names a new master");
    if (isHeard && attempt)
      met.push("a hello names a new master while an attempt of one's own is under way");
    if (!attempt || !master.failover) continue;
    const { step, epoch, forced } = master.failover;
    if (forced && attempt.forced && epoch > attempt.epoch) {
      met.push("a forced failover leaves an epoch that others have");
    }
    if (attempt.step === "wait_promotion" && step === "select_slave") {
      met.push("a promotion fails, and another replica is chosen");
    }
  }
  const isSwitch = input.kind === "told" || input.kind === "obeyed" || input.kind === "time";
  if (isSwitch && moved.length > 1) met.push("names for one server move together");
  if (input.kind === "told" && before.isPromotionHeld) {
    met.push("a hello comes between a promotion seen and saved");
  }
  return met;
}

/** The same of a C Sentinel. */
export function situationsOfC(input: LocalInput, { events }: Deeds): Situation[] {
  const met: Situation[] = [];
  const told = (name: string) => isTold(events, name);
  if (told("+elected-leader")) met.push("a C Sentinel leads");
  if (told("+switch-master") && input.kind === "told") {
    met.push("a C Sentinel follows a hello of one of ours");
  }
  if (told("+vote-for-leader") && input.kind === "asked") {
    met.push("a C Sentinel votes for one of ours");
  }
  return met;
}

function isTold(events: readonly string[], name: string): boolean {
  return events.some((event) => event.startsWith(`${name} `));
}
