import type { Attempt, Explanation, Opinion, Situation } from "../explain/situation.ts";
import { why } from "../explain/why.ts";
import { answersWithErrors, saysItIsReplica } from "./fitness.ts";
import type { MasterPicture, SentinelPicture } from "./picture.ts";
import { isSame, nameOf } from "./place.ts";
import type { MasterSight } from "./sight.ts";

/**
 * What all Sentinels together tell of one master, to be explained. It is looked at with the eyes of one that may act,
 * if enough of them may; else with those of one that may not.
 */
export function situationOf(picture: MasterPicture): Situation {
  const { witness, known, majority, replicas } = picture;
  const { sight } = witness;
  const sentinels = inOrder(picture);
  const [first] = sentinels;
  const heard = picture.sentinels.flatMap((one) => one.sight ?? []);
  return {
    master: nameOf(sight),
    downAfterMs: sight.downAfterMs,
    answeredMs: heard.reduce((least, one) => Math.min(least, one.answeredMs), sight.answeredMs),
    trouble: troubleOf(sight),
    isReplica: saysItIsReplica(sight),
    isObjectivelyDown: heard.some(({ objectivelyDownMs }) => objectivelyDownMs !== null),
    sentinels: sentinels.map(opinionOf),
    quorum: {
      ...{ needed: sight.quorum, majority },
      usable: known - sentinels.filter(isUseless).length,
      lacks: disputeOf(heard),
    },
    replicas: replicas.map((replica) => ({
      who: nameOf(replica),
      ...{ unfit: replica.unfit, isNext: replica.isNext, lagBytes: replica.lagBytes },
    })),
    failover: attemptOf(picture),
    pause: first?.sight?.pause ?? null,
    // A Sentinel tells neither when it tried last nor how that ended; ours do, by SENTINEL EXPLAIN.
    nextAttemptMs: null,
    lacksReplica: false,
    votedFor: first === undefined ? null : votedFor(picture, first),
    standingTrouble: null,
    last: null,
  };
}

export function explanationOf(picture: MasterPicture): Explanation {
  const situation = situationOf(picture);
  return ofElection(situation) ?? why(situation);
}

/** An election that cannot be won is no progress: what keeps it is the cause. Null: there is none such. */
function ofElection(situation: Situation): Explanation | null {
  const { failover, quorum } = situation;
  const isLost = quorum.usable < Math.max(quorum.majority, quorum.needed);
  if (failover?.step !== "wait_start" || failover.settles || !isLost) return null;
  return why({ ...situation, failover: null });
}

/** Those that may act first, if they are enough to elect one of them. */
function inOrder({ sentinels, majority, witness }: MasterPicture): readonly SentinelPicture[] {
  const free = sentinels.filter(mayAct);
  const bound = sentinels.filter((one) => one.sight !== null && !mayAct(one));
  const rest = sentinels.filter(({ sight }) => sight === null);
  const isEnough = free.length >= Math.max(majority, witness.sight.quorum) || bound.length === 0;
  return isEnough ? [...free, ...bound, ...rest] : [...bound, ...free, ...rest];
}

function mayAct({ sight, isTilt, saveTrouble }: SentinelPicture): boolean {
  return sight !== null && !isTilt && saveTrouble === null && sight.pause === null;
}

function isUseless({ isDownForMost, saveTrouble, sight }: SentinelPicture): boolean {
  return isDownForMost || saveTrouble !== null || (sight?.pause ?? null) !== null;
}

function opinionOf(one: SentinelPicture): Opinion {
  const { sight, downMs, isDownForMost, error, isTilt, saveTrouble } = one;
  const paused = sight?.pause ? "an operator has paused it" : null;
  return {
    who: nameOf(one),
    sees: sight === null ? "unknown" : sight.downMs === null ? "up" : "down",
    sinceMs: sight?.downMs ?? null,
    ...{
      silentMs: isDownForMost ? downMs : null,
      error,
      isTilt,
      cannotVote: saveTrouble === null ? paused : "its last save failed",
    },
  };
}

function troubleOf(sight: MasterSight): string | null {
  const { downMs, role, flags } = sight;
  if (downMs === null) return null;
  if (answersWithErrors(sight)) {
    return "it answers PING with errors: a wrong auth-pass, or a script that runs for long";
  }
  if (role === "slave") return "it says that it is a replica";
  return flags.includes("disconnected") ? "it cannot be connected to" : "no answer to PING";
}

/** Two masters under one config epoch. */
function disputeOf(heard: readonly MasterSight[]): string[] {
  for (const [at, one] of heard.entries()) {
    const other = heard
      .slice(at + 1)
      .find((each) => each.configEpoch === one.configEpoch && !isSame(each, one));
    if (other) {
      return [
        `in config epoch ${one.configEpoch} Sentinels name ${nameOf(one)} and ${nameOf(other)}`,
      ];
    }
  }
  return [];
}

function attemptOf({ sentinels }: MasterPicture): Attempt | null {
  for (const one of sentinels) {
    const step = one.sight?.failoverState ?? null;
    if (one.sight === null || step === null) continue;
    const { flags, replicas } = one.sight;
    const promoted = replicas.find((replica) => replica.flags.includes("promoted"));
    return {
      ...{ step, stepMs: null, epoch: null, votes: null },
      isPlanned: flags.includes("coordinated_failover"),
      ...{ settles: false, isWaitingForReplica: false },
      promoted: promoted ? nameOf(promoted) : null,
      by: nameOf(one),
    };
  }
  return null;
}

/** Its last vote, as the others heard it, if that has led to nothing yet. */
function votedFor({ sentinels }: MasterPicture, { id }: SentinelPicture): Situation["votedFor"] {
  for (const { sight } of sentinels) {
    const peer = sight?.sentinels.find(({ runId }) => runId === id);
    if (!sight || !peer || peer.votedLeader === null || peer.votedLeader === id) continue;
    if (peer.votedEpoch <= sight.configEpoch) continue;
    const leader = sentinels.find((one) => one.id === peer.votedLeader);
    const shown = leader ? nameOf(leader) : peer.votedLeader;
    const mostMs = 2 * sight.failoverTimeoutMs;
    return { leader: `Sentinel ${shown}`, epoch: peer.votedEpoch, leftMs: null, mostMs };
  }
  return null;
}
