import {
  type Attempt,
  type Opinion,
  REPLICA_FOR_MS,
  type Situation,
} from "../explain/situation.ts";
import type { MasterView, PeerView, Place, SentinelView } from "./types.ts";

/** What this Sentinel knows of one master, to be explained. `last`: how its last failover ended. */
export function situationOf(
  sentinel: SentinelView,
  master: MasterView,
  last: string | null,
): Situation {
  const { quorum, replicas, pause } = master;
  return {
    master: shown(master),
    downAfterMs: master.settings.downAfterMs,
    answeredMs: master.answeredMs,
    trouble: master.downReason,
    isReplica: master.role === "slave" && master.roleMs > REPLICA_FOR_MS,
    isObjectivelyDown: master.objectivelyDownMs !== null,
    sentinels: [ownOpinion(sentinel, master), ...master.sentinels.map((one) => opinionOf(one))],
    quorum: {
      ...{ needed: quorum.needed, majority: quorum.majority, usable: quorum.usable },
      lacks: quorum.dispute === null ? [] : [quorum.dispute],
    },
    replicas: replicas.map((replica) => ({
      who: shown(replica),
      unfit: unfitWithWhy(replica),
      isNext: replica.isNext,
      lagBytes: replica.lagBytes,
    })),
    failover: attemptOf(sentinel, master),
    pause,
    nextAttemptMs: master.nextAttemptMs,
    lacksReplica: master.lacksReplica,
    votedFor: votedFor(sentinel, master),
    standingTrouble: sentinel.standingTrouble,
    last,
  };
}

/** A refused password shows nowhere else. */
function unfitWithWhy({ unfitReason, downMs, trouble }: MasterView["replicas"][number]) {
  const isTold = unfitReason !== null && downMs !== null && trouble !== null;
  return isTold ? `${unfitReason} (${trouble})` : unfitReason;
}

/** Our vote, while it bars us from standing and has led to no configuration. */
function votedFor({ runId }: SentinelView, master: MasterView): Situation["votedFor"] {
  const { vote, configEpoch, nextAttemptMs, settings } = master;
  const { leader, epoch } = vote;
  if (leader === null || leader === runId || epoch <= configEpoch || nextAttemptMs <= 0)
    return null;
  const mostMs = 2 * settings.failoverTimeoutMs;
  return { leader: nameOf(master, leader), epoch, leftMs: nextAttemptMs, mostMs };
}

const OURSELVES = "this Sentinel";

function ownOpinion({ tilt, save }: SentinelView, { downMs }: MasterView): Opinion {
  return {
    who: OURSELVES,
    sees: downMs === null ? "up" : "down",
    sinceMs: downMs,
    ...{ silentMs: null, error: null },
    isTilt: tilt.forMs !== null,
    cannotVote: save.failedMs === null ? null : "its last save failed",
  };
}

/** It is asked only while the master is down for us, and an answer is good for some seconds. */
const ANSWER_LIFE_MS = 5_000;

function opinionOf(peer: PeerView): Opinion {
  const { says, downMs, answeredMs, refusal } = peer;
  const isFresh = says !== null && says.ms <= ANSWER_LIFE_MS;
  return {
    who: shown(peer),
    sees: isFresh ? (says.isDown ? "down" : "up") : "unknown",
    sinceMs: null,
    silentMs: downMs === null ? null : answeredMs,
    error: null,
    isTilt: false,
    cannotVote: refusal === null ? null : `it refuses our questions: ${refusal}`,
  };
}

function attemptOf({ runId }: SentinelView, master: MasterView): Attempt | null {
  const { failover, vote, sentinels } = master;
  if (failover === null) return null;
  const { step, stepMs, epoch, settles, isWaitingForReplica } = failover;
  const votes = [vote, ...sentinels.map((peer) => peer.vote)].filter(
    (one) => one.leader === runId && one.epoch === epoch,
  );
  return {
    ...{ step, stepMs, epoch, settles, isWaitingForReplica },
    votes: votes.length,
    isPlanned: failover.isCoordinated,
    promoted: failover.promoted === null ? null : shown(failover.promoted),
    by: OURSELVES,
  };
}

function nameOf({ sentinels }: MasterView, runId: string): string {
  const found = sentinels.find((peer) => peer.runId === runId);
  return found ? `Sentinel ${shown(found)}` : `Sentinel ${runId}`;
}

function shown({ host, port }: Place): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
