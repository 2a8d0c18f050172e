import type { Told } from "./answer.ts";
import type { LastFailover } from "./last-failover.ts";
import type { Place } from "./place.ts";

// What one Sentinel tells when it is asked; ours, Redis' or Valkey's. Text is byte strings.

/** A Sentinel that was asked, and what came of it. */
export interface Asked {
  readonly place: Place;
  /** False: other Sentinels named it. */
  readonly isNamed: boolean;
  readonly told: Told<SentinelSight>;
}

export interface SentinelSight {
  /** Null: before 6.2 they do not tell. */
  readonly id: string | null;
  /** What tells its process from others, whatever id they say. */
  readonly process: string;
  readonly program: Program;
  readonly isTilt: boolean;
  /** It cannot write its file, and so gives no votes; null: it can, or does not say. */
  readonly saveTrouble: string | null;
  /** Receivers of its webhooks that take nothing, and why; null: none, or it does not say. */
  readonly hookTrouble: string | null;
  /** Its clock minus ours, to some hundred milliseconds; null: before 7.0 it does not tell. */
  readonly skewMs: number | null;
  /** How long its certificate is still good for; null: it showed none. */
  readonly certificateLeftMs: number | null;
  readonly masters: readonly MasterSight[];
}

export interface Program {
  readonly isOurs: boolean;
  /** `redis 7.0.15`, `valkey 8.1.0`, `redis-sentinel-ts 0.1.0`. */
  readonly text: string;
}

interface InstanceSight extends Place {
  readonly runId: string;
  readonly flags: readonly string[];
  /** How long it has been down for this Sentinel; null: it is not. */
  readonly downMs: number | null;
  /** Since it last answered PING as it should. */
  readonly answeredMs: number;
  /** Since it last answered PING at all. */
  readonly repliedMs: number;
}

export interface ServerSight extends InstanceSight {
  readonly role: string;
  readonly roleMs: number;
  /** Null: there was none. */
  readonly infoMs: number | null;
  /** The INFO that the Sentinel keeps of it. */
  readonly info: CachedInfo | null;
}

export interface CachedInfo {
  readonly ageMs: number;
  readonly text: string;
}

export interface MasterSight extends ServerSight {
  readonly name: string;
  readonly configEpoch: bigint;
  readonly objectivelyDownMs: number | null;
  readonly failoverState: string | null;
  readonly quorum: number;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
  readonly parallelSyncs: number;
  readonly replicas: readonly ReplicaSight[];
  readonly sentinels: readonly PeerSight[];
  /** Whether an election could be held. */
  readonly quorumCheck: Told<string>;
  /** Ours: until when no failover is made; null: it is not paused, or it is not ours. */
  readonly pause: PauseSight | null;
  /** Ours: by its journal; null: none, or it is not ours. */
  readonly lastFailover: LastFailover | null;
  /** Questions about this master that it refused, and how. */
  readonly refused: readonly string[];
}

export interface PauseSight {
  readonly leftMs: number;
  readonly reason: string;
}

export interface ReplicaSight extends ServerSight {
  readonly linkStatus: string;
  readonly linkDownMs: number;
  readonly follows: Place;
  readonly priority: number;
  readonly offset: bigint;
  readonly isAnnounced: boolean;
}

export interface PeerSight extends InstanceSight {
  readonly helloMs: number;
  readonly votedLeader: string | null;
  readonly votedEpoch: bigint;
  readonly downAfterMs: number;
}
