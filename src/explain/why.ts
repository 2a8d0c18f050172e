import { sizeText } from "../base/sizes.ts";
import { attemptCause } from "./attempt.ts";
import { isSilent } from "./silence.ts";
import type { Chance, Code, Explanation, Opinion, Situation } from "./situation.ts";
import { span } from "./span.ts";

/** A cause without what is told beside it. */
export interface Cause {
  readonly verdict: Explanation["verdict"];
  readonly code: Code;
  readonly text: string;
  readonly todo: readonly string[];
}

/**
 * Why a master is not failed over, or what would happen now: the one cause that comes first, in the order in which a
 * Sentinel asks. It says no more than is known: of a C Sentinel that is less than of ours.
 */
export function why(situation: Situation): Explanation {
  const { failover, sentinels } = situation;
  const cause = failover ? attemptCause(situation, failover) : quietCause(situation);
  return { ...cause, facts: sentinels.map(opinionLine), next: nextLines(situation) };
}

/** No failover goes on. */
function quietCause(situation: Situation): Cause {
  const { master, answeredMs, downAfterMs } = situation;
  const blocker = isDown(situation) ? downBlocker(situation) : lastingBlocker(situation);
  if (blocker) return { ...blocker, text: `${stateIn(situation, blocker)}${blocker.text}` };
  if (isDown(situation)) return dueCause(situation);
  if (isSilent(answeredMs, downAfterMs)) {
    const text = `${master} has not answered for ${span(answeredMs)}, and is down at ${span(downAfterMs)}`;
    return ready("SILENT", text);
  }
  const next = situation.replicas.find(({ isNext }) => isNext);
  const heir = next ? `${next.who} would take over` : "a replica would take over";
  return ready("UP", `${master} is up; if it died, ${heir} after ${span(downAfterMs)}`);
}

/** How the master is, if the cause does not say it itself. */
function stateIn(situation: Situation, { code }: Cause): string {
  const { master } = situation;
  if (!isDown(situation)) return `${master} is up; `;
  return code === "S_DOWN_NO_QUORUM" ? "" : `${master} is down; `;
}

function ready(code: Code, text: string): Cause {
  return { verdict: "ready", code, text, todo: [] };
}

function blocked(code: Code, text: string, todo: readonly string[] = []): Cause {
  return { verdict: "blocked", code, text, todo };
}

/** The master is down: what keeps it from being failed over at this moment. */
function downBlocker(situation: Situation): Cause | null {
  return (
    ownBlocker(situation) ??
    noQuorum(situation) ??
    electionBlocker(situation) ??
    votedForAnother(situation) ??
    nextAttempt(situation) ??
    replicaBlocker(situation)
  );
}

/** It is up: what would keep it from being failed over. */
function lastingBlocker(situation: Situation): Cause | null {
  return (
    ownBlocker(situation) ??
    quorumTooGreat(situation) ??
    electionBlocker(situation) ??
    replicaBlocker(situation)
  );
}

/** What holds this Sentinel alone back; the others may act. */
function ownBlocker({ sentinels, pause, standingTrouble }: Situation): Cause | null {
  const [own] = sentinels;
  if (own?.isTilt) {
    const text = `${own.who} is in TILT: it stood still or its clock jumped, and it only watches for a while`;
    return blocked("TILT", text, [
      "see what stops the process or its machine; TILT ends by itself",
    ]);
  }
  if (pause !== null) {
    const reason = pause.reason === "" ? "" : `: ${pause.reason}`;
    const text = `automatic failover is paused for ${span(pause.leftMs)} more${reason}`;
    const force = `SENTINEL FAILOVER on ${actorOf(sentinels)} works meanwhile`;
    return blocked("PAUSED", text, [`SENTINEL RESUME ends the pause; ${force}`]);
  }
  if (own?.cannotVote != null) {
    const text = `${own.who} cannot write its file, so it neither votes nor stands: ${own.cannotVote}`;
    return blocked("CANNOT_SAVE", text, ["make its file and folder writable, and free space"]);
  }
  if (standingTrouble === null) return null;
  return blocked("CANNOT_STAND", `it may stand in no election: ${standingTrouble}`);
}

function quorumTooGreat(situation: Situation): Cause | null {
  const { sentinels, quorum, trouble } = situation;
  const known = sentinels.length;
  if (quorum.needed <= known) return null;
  const [only] = sentinels;
  if (known === 1 && only?.sees === "down") {
    // Who never heard the master knows no other, though they may all be there: less of a quorum would mend nothing.
    const why = trouble === null ? "" : ` (${trouble})`;
    const text = `the quorum is ${quorum.needed}, and ${only.who} knows no other Sentinel: they find each other through the master, which it cannot ask${why}`;
    return blocked("QUORUM_ABOVE_SENTINELS", text, MEND_THE_WAY);
  }
  const there = known === 1 ? "there is only 1 Sentinel" : `there are only ${known} Sentinels`;
  const text = `the quorum is ${quorum.needed}, and ${there}`;
  const less = "start more Sentinels, or SENTINEL SET quorum to less, on each of them";
  return blocked("QUORUM_ABOVE_SENTINELS", text, [less]);
}

const MEND_THE_WAY = [
  "mend what keeps it from asking the master, on each Sentinel: its password is SENTINEL SET auth-pass",
  "if the master is dead and this is the only Sentinel: start the master again",
] as const;

function noQuorum(situation: Situation): Cause | null {
  const { master, sentinels, quorum, isObjectivelyDown, trouble } = situation;
  const down = countDown(sentinels);
  if (isObjectivelyDown || down >= quorum.needed) return null;
  const tooGreat = quorumTooGreat(situation);
  if (tooGreat) return tooGreat;
  const seen = `${master} is down for ${down} of ${sentinels.length} Sentinels, ${quorum.needed} are needed`;
  const text = trouble === null ? seen : `${seen} (${trouble})`;
  const unheard = sentinels.filter(({ sees }) => sees === "unknown").map(({ who }) => who);
  const mend = unheard.length === 0 ? [] : [`bring ${unheard.join(", ")} back`];
  const force = `if it is dead for its clients, too: SENTINEL FAILOVER on ${actorOf(sentinels)}`;
  const tilted = sentinels.filter(({ isTilt }) => isTilt).map(({ who }) => who);
  const wait =
    tilted.length === 0 ? [] : [`${tilted.join(", ")} stood still, and judges again after 30 s`];
  return blocked("S_DOWN_NO_QUORUM", text, [...mend, ...wait, force]);
}

function electionBlocker(situation: Situation): Cause | null {
  const { sentinels, quorum } = situation;
  const needed = Math.max(quorum.majority, quorum.needed);
  if (quorum.usable < needed) {
    const text = `${quorum.usable} of ${sentinels.length} Sentinels can vote, ${needed} are needed to elect a leader`;
    const away = sentinels.filter(isAway).map(({ who }) => who);
    const mend = away.length === 0 ? [] : [`bring ${away.join(", ")} back`];
    const then = isDown(situation) ? whileDown(sentinels) : WHILE_UP;
    return blocked("NO_MAJORITY", text, [...mend, ...then]);
  }
  const [dispute] = quorum.lacks;
  return dispute === undefined ? null : blocked("DISAGREEMENT", dispute, SETTLE);
}

const SETTLE = [
  "one that is cut off from the others must hear them again: then they agree by themselves",
  "where a wrong master was given from the beginning: SENTINEL REMOVE it there, and MONITOR the right one",
] as const;

const WHILE_UP = [
  "those that are gone for good still count: SENTINEL FORGET, or RESET on C ones",
] as const;

/** RESET would take the last hope away: only a master that lives names the replicas again [RESET-FORGETS]. */
function whileDown(sentinels: readonly Opinion[]): readonly string[] {
  return [
    `SENTINEL FAILOVER on ${actorOf(sentinels)} needs no vote`,
    "no SENTINEL RESET before a master is up: it forgets the replicas",
  ];
}

/** Who can be told to fail over: one that answers and that nothing of its own holds back. */
function actorOf(sentinels: readonly Opinion[]): string {
  const able = sentinels.find(
    ({ sees, silentMs, isTilt, cannotVote }) =>
      sees !== "unknown" && silentMs === null && !isTilt && cannotVote === null,
  );
  return (able ?? sentinels[0])?.who ?? "a Sentinel";
}

function isAway({ silentMs, error, cannotVote }: Opinion): boolean {
  return silentMs !== null || error !== null || cannotVote !== null;
}

function votedForAnother(situation: Situation): Cause | null {
  const { votedFor, sentinels } = situation;
  if (votedFor === null) return null;
  const { leader, epoch, leftMs, mostMs } = votedFor;
  const left = leftMs === null ? `up to ${span(mostMs)}` : `${span(leftMs)} more`;
  const text = `${sentinels[0]?.who} voted for ${leader} in epoch ${epoch}, and leaves the failover to it for ${left}`;
  // Whoever leads waits for a replica, too.
  const unfit = replicaBlocker(situation)?.todo ?? [];
  return blocked("VOTED_FOR_ANOTHER", text, [...unfit, `ask ${leader} why it does not finish`]);
}

function replicaBlocker({ replicas, isReplica }: Situation): Cause | null {
  if (replicas.length === 0 && isReplica) {
    const text = "it says that it is a replica itself, and has none that could take over";
    return blocked("MASTER_IS_REPLICA", text, [
      "SENTINEL REMOVE it on each Sentinel, and MONITOR its master; or REPLICAOF NO ONE on it, if it is to be the master",
    ]);
  }
  if (replicas.length === 0) {
    return blocked("NO_REPLICA", "no replica is known that could take over", ["add a replica"]);
  }
  if (replicas.some(({ unfit }) => unfit === null)) return null;
  const reasons = replicas.map(({ who, unfit }) => `${who}: ${unfit}`).slice(0, SHOWN_REPLICAS);
  const text = `no replica could be promoted: ${reasons.join("; ")}`;
  return blocked("NO_FIT_REPLICA", text, ["mend what keeps one of the replicas from being fit"]);
}

/** In one sentence. */
const SHOWN_REPLICAS = 4;

function nextAttempt(situation: Situation): Cause | null {
  const { nextAttemptMs, lacksReplica, last, sentinels } = situation;
  if (nextAttemptMs === null || nextAttemptMs <= 0 || lacksReplica) return null;
  const ended = last === null ? "" : `; the last one: ${last}`;
  const text = `${sentinels[0]?.who} may try again in ${span(nextAttemptMs)}${ended}`;
  return blocked("NEXT_ATTEMPT_LATER", text, [
    `SENTINEL FAILOVER on ${actorOf(sentinels)} does not wait`,
  ]);
}

function dueCause({ master, nextAttemptMs }: Situation): Cause {
  // What a C Sentinel waits for is not told.
  const when = nextAttemptMs === null ? "unless the last attempt is too recent" : "at any moment";
  return ready("DUE", `${master} is down, and is failed over ${when}`);
}

/** For anybody. */
function isDown({ sentinels, isObjectivelyDown }: Situation): boolean {
  return isObjectivelyDown || countDown(sentinels) > 0;
}

function countDown(sentinels: readonly Opinion[]): number {
  return sentinels.filter(({ sees }) => sees === "down").length;
}

function opinionLine({ who, sees, sinceMs, silentMs, error, isTilt, cannotVote }: Opinion): string {
  const age = sinceMs === null ? "" : ` ${sees === "down" ? "since" : "as of"} ${span(sinceMs)}`;
  const said = sees === "unknown" ? "says nothing of the master" : `sees the master ${sees}${age}`;
  const rest = [
    silentMs === null ? null : `not heard for ${span(silentMs)}`,
    error,
    isTilt ? "in TILT" : null,
    cannotVote === null ? null : `gives no votes: ${cannotVote}`,
  ].filter((one) => one !== null);
  return `${who}: ${[said, ...rest].join(", ")}`;
}

function nextLines({ sentinels, quorum, nextAttemptMs, replicas, last }: Situation): string[] {
  const needed = Math.max(quorum.majority, quorum.needed);
  const votes = `${quorum.usable} of ${sentinels.length} Sentinels can vote, ${needed} elect a leader`;
  const next =
    nextAttemptMs === null
      ? []
      : [`next attempt: ${nextAttemptMs <= 0 ? "allowed now" : `in ${span(nextAttemptMs)}`}`];
  const ended = last === null ? [] : [`last failover: ${last}`];
  return [votes, ...next, ...replicas.slice(0, MOST_REPLICAS).map(chanceLine), ...ended];
}

/** Of a master with many. */
const MOST_REPLICAS = 16;

function chanceLine({ who, unfit, isNext, lagBytes }: Chance): string {
  const lag = lagBytes === null ? "" : `, lag ${sizeText(lagBytes)}`;
  if (unfit !== null) return `replica ${who}: no, ${unfit}${lag}`;
  return `replica ${who}: ${isNext ? "next in line" : "fit"}${lag}`;
}
