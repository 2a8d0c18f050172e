/**
 * What is known of one master at one moment, by our own view or by what any Sentinels answer. Spans are milliseconds
 * until now; null: it is not so, or it is not known.
 */
export interface Situation {
  /** Where it is, as `host:port`. */
  readonly master: string;
  readonly downAfterMs: number;
  /** Since it last answered a PING of the first Sentinel. */
  readonly answeredMs: number;
  /** Why it counts as down, or the last error of the connection to it. */
  readonly trouble: string | null;
  /** It has said for a while that it is a replica itself. */
  readonly isReplica: boolean;
  /** Enough Sentinels have agreed by now that it is down. */
  readonly isObjectivelyDown: boolean;
  /** The Sentinel of which this is the view first. All that are known are here. */
  readonly sentinels: readonly Opinion[];
  readonly quorum: QuorumFacts;
  readonly replicas: readonly Chance[];
  readonly failover: Attempt | null;
  readonly pause: { readonly leftMs: number; readonly reason: string } | null;
  /** Until the first Sentinel may stand for election; 0: now. */
  readonly nextAttemptMs: number | null;
  /** Its last attempt ended for want of a fit replica, and it does not wait once there is one. */
  readonly lacksReplica: boolean;
  /** The Sentinel, as it is shown, that the first one voted for, in an epoch that has no configuration yet. */
  readonly votedFor: Vote | null;
  /** Why the first one may stand in no election at all. */
  readonly standingTrouble: string | null;
  /** How the last failover ended, in one sentence. */
  readonly last: string | null;
}

interface Vote {
  readonly leader: string;
  readonly epoch: bigint;
  /** So long it leaves the failover to that one; null: `mostMs` at most. */
  readonly leftMs: number | null;
  readonly mostMs: number;
}

/** One Sentinel, and what it says of the master. */
export interface Opinion {
  /** As it is shown: an address. */
  readonly who: string;
  readonly sees: "up" | "down" | "unknown";
  /** How long it has been down for it; of a peer's answer: how old that is. */
  readonly sinceMs: number | null;
  /** So long nothing was heard of the Sentinel itself, which counts as down. */
  readonly silentMs: number | null;
  /** It was not heard now, though it is not known to be down. */
  readonly error: string | null;
  readonly isTilt: boolean;
  /** It gives no votes: why. */
  readonly cannotVote: string | null;
}

interface QuorumFacts {
  /** Sentinels that must see it down. */
  readonly needed: number;
  /** Sentinels that elect a leader, of all that are known. */
  readonly majority: number;
  /** Sentinels that can vote. */
  readonly usable: number;
  /** What else is in the way of an election. */
  readonly lacks: readonly string[];
}

/** A replica, and whether it could be promoted. */
export interface Chance {
  readonly who: string;
  readonly unfit: string | null;
  readonly isNext: boolean;
  readonly lagBytes: bigint | null;
}

/** A failover that goes on. */
export interface Attempt {
  /** As SENTINEL MASTER shows it. */
  readonly step: string;
  readonly stepMs: number | null;
  readonly epoch: bigint | null;
  readonly votes: number | null;
  readonly isPlanned: boolean;
  readonly settles: boolean;
  readonly isWaitingForReplica: boolean;
  readonly promoted: string | null;
  /** The Sentinel that makes it. */
  readonly by: string;
}

/** Why nothing happens, or what happens, or what would happen. */
export interface Explanation {
  /** `blocked`: no failover though the master is down, or there would be none; `busy`: one goes on; else `ready`. */
  readonly verdict: "blocked" | "busy" | "ready";
  readonly code: Code;
  /** One sentence. */
  readonly text: string;
  /** What each Sentinel says, one line each. */
  readonly facts: readonly string[];
  /** What follows: majority, next attempt, replicas. */
  readonly next: readonly string[];
  /** What an operator can do. */
  readonly todo: readonly string[];
}

/** For so long it may be what a switch leaves behind. */
export const REPLICA_FOR_MS = 5_000;

export type Code = (typeof CODES)[number];

export const CODES = [
  "CANNOT_SAVE",
  "CANNOT_STAND",
  "DISAGREEMENT",
  "DUE",
  "ELECTION",
  "FOLLOWING",
  "HANDING_OVER",
  "MASTER_IS_REPLICA",
  "NEXT_ATTEMPT_LATER",
  "NO_FIT_REPLICA",
  "NO_MAJORITY",
  "NO_REPLICA",
  "PAUSED",
  "PROMOTING",
  "QUORUM_ABOVE_SENTINELS",
  "SELECTING",
  "SETTLING",
  "SILENT",
  "S_DOWN_NO_QUORUM",
  "TILT",
  "UP",
  "VOTED_FOR_ANOTHER",
] as const;
