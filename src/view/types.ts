import type { MasterSettings } from "../core/master-settings.ts";
import type { Epoch, FailoverStep, Millis, Role, RunId } from "../core/state.ts";

/**
 * What a Sentinel knows, for who shows it: plain values of this moment that nobody changes. A time is an
 * age, in milliseconds before the moment of the view (`...Ms`), since the clock of the core means nothing
 * elsewhere; null: it is not so, or never was. Texts are byte strings. No secret is in it.
 */
export interface SentinelView {
  /** Our own id. */
  readonly runId: RunId;
  readonly versions: Versions;
  readonly currentEpoch: Epoch;
  readonly tilt: TiltView;
  readonly save: SaveView;
  readonly settings: SettingsView;
  readonly scripts: { readonly running: number; readonly waiting: number };
  /** Of SENTINEL SIMULATE-FAILURE: 1 after the election, 2 after the promotion, 3 both. */
  readonly simulatedFailures: number;
  /** Why it may stand in no election, in the operator's words. */
  readonly standingTrouble: string | null;
  /** Names, in the order of the file. */
  readonly masters: readonly string[];
}

/** Of this program: the Redis whose behaviour it has, and its own. */
export interface Versions {
  readonly redis: string;
  readonly own: string;
}

/** A receiver of webhooks, which the process knows and the state does not. */
export interface WebhookView {
  readonly name: string;
  /** Events that it has not taken yet. */
  readonly waiting: number;
  /** For how long it has taken nothing, once that is a minute; null: it takes them. */
  readonly deadMs: Millis | null;
  /** Why; null as above. */
  readonly trouble: string | null;
}

export interface TiltView {
  /** How long TILT lasts by now. */
  readonly forMs: Millis | null;
  /** How often it was entered. */
  readonly count: number;
}

export interface SaveView {
  /** How long ago the last save failed; null: the last one succeeded. While it is not null, no vote is given. */
  readonly failedMs: Millis | null;
  /** How long the last save took. */
  readonly tookMs: Millis;
  /** Something of this view may not be on disk yet. */
  readonly isOwed: boolean;
}

export interface SettingsView {
  readonly denyScriptsReconfig: boolean;
  readonly resolveHostnames: boolean;
  readonly announceHostnames: boolean;
  readonly announceIp: string | null;
  /** 0: the port that we listen on. */
  readonly announcePort: number;
  readonly sentinelUser: string | null;
  readonly hasSentinelPass: boolean;
}

/** A host as SENTINEL shows it: an address or, with announce-hostnames, a name; empty: not resolved yet. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** What is known of every process. */
export interface InstanceView extends Place {
  /** As the field `flags` of SENTINEL MASTER has them. */
  readonly flags: readonly string[];
  /** How long it is down for this Sentinel. */
  readonly downMs: Millis | null;
  /** Its last PING reply that says alive; before the first, the start of the watch. */
  readonly answeredMs: Millis;
  /** Why the connection to it does not work, since it did last. */
  readonly trouble: string | null;
}

/** What INFO told of a server. */
export interface ServerView extends InstanceView {
  /** `run_id`; null before the first INFO. */
  readonly runId: RunId | null;
  /** `redis_version`, or `valkey 8.1.0`; null: it told none. */
  readonly version: string | null;
  readonly infoMs: Millis | null;
  readonly role: Role | null;
  /** For how long it has been reporting that role. */
  readonly roleMs: Millis;
  /** Bytes of the replication stream that it has; of a master, that it has made. */
  readonly offset: bigint;
  /** The name of its data, `master_replid`; null: it tells none. */
  readonly history: string | null;
  readonly isLoading: boolean;
}

export interface MasterView extends ServerView {
  readonly name: string;
  /** Where clients are sent: in a failover, the promoted replica before the address changes. */
  readonly clientsGoTo: Place;
  readonly configEpoch: Epoch;
  /** How long enough Sentinels have agreed that it is down. */
  readonly objectivelyDownMs: Millis | null;
  /** Why this Sentinel takes it for down; else its last error. Null: nothing is known. */
  readonly downReason: string | null;
  /** Until this Sentinel may stand for election, as far as the last attempt forbids it; 0: now. */
  readonly nextAttemptMs: Millis;
  /** The last attempt ended for want of a fit replica: there is another one as soon as there is one. */
  readonly lacksReplica: boolean;
  readonly failover: FailoverView | null;
  /** An operator's maintenance, in which this Sentinel does not fail it over. */
  readonly pause: { readonly leftMs: Millis; readonly reason: string } | null;
  /** Our vote. */
  readonly vote: VoteView;
  readonly quorum: QuorumView;
  readonly settings: MasterSettingsView;
  readonly replicas: readonly ReplicaView[];
  readonly sentinels: readonly PeerView[];
}

export interface FailoverView {
  readonly step: FailoverStep;
  readonly stepMs: Millis;
  readonly epoch: Epoch;
  /** Since it took that epoch. */
  readonly epochMs: Millis;
  /** Since it was elected; null: it is not. */
  readonly electedMs: Millis | null;
  /** By SENTINEL FAILOVER, without an election. */
  readonly isForced: boolean;
  /** A planned switch, with the help of the master. */
  readonly isCoordinated: boolean;
  /** No failover: it settles which master counts [D-SETTLE]. */
  readonly settles: boolean;
  /** Nobody was fit at the last look. */
  readonly isWaitingForReplica: boolean;
  /** The replica that was chosen. */
  readonly promoted: Place | null;
}

export interface VoteView {
  /** The Sentinel; null: none, or it was before a restart. */
  readonly leader: RunId | null;
  readonly epoch: Epoch;
}

export interface QuorumView {
  /** As configured. */
  readonly needed: number;
  /** Sentinels that are there and can vote, this one included. */
  readonly usable: number;
  /** How many of all that are known elect a leader. */
  readonly majority: number;
  /** What is in the way of an election, in the operator's words; empty: nothing. */
  readonly lacks: readonly string[];
  /** One of these: Sentinels name two masters. */
  readonly dispute: string | null;
}

/** All that is set of a master, but nothing secret: of the password only whether there is one. */
export type MasterSettingsView = Omit<MasterSettings, "authPass" | "renamedCommands"> & {
  readonly hasAuthPass: boolean;
};

export interface ReplicaView extends ServerView {
  /** Whom it says it follows. */
  readonly follows: Place | null;
  readonly isLinkUp: boolean;
  /** How long it has been without its master, by its last INFO; null: it has it, or never had it. */
  readonly linkDownMs: Millis | null;
  /** `replica-priority`; 0: never promoted. */
  readonly priority: number;
  /** Bytes that it lacks of the master's last known offset; null: the two do not compare. */
  readonly lagBytes: bigint | null;
  readonly isSyncing: boolean;
  /** Why it could not become the master at this moment, in the operator's words; null: it could. */
  readonly unfitReason: string | null;
  /** It is whom a failover would promote now. */
  readonly isNext: boolean;
}

/** What is known of the server at an address, for who asks of one at a time. */
export interface PlacedServer {
  /** Clients are sent to it. */
  readonly isMaster: boolean;
  readonly isDown: boolean;
  /** A replica that has its master, and all of its data. */
  readonly isInSync: boolean;
  /** Bytes that it lacks; null: not known. */
  readonly lagBytes: bigint | null;
}

export interface PeerView extends InstanceView {
  readonly runId: RunId;
  /** Its last hello; of one that the file names, at first the start. */
  readonly helloMs: Millis;
  /** The config epoch of its last hello, greater than ours if we cannot follow; null: none was heard yet. */
  readonly configEpoch: Epoch | null;
  /** What it answered about the master when it was asked last; null: it was not asked, or not since a reset. */
  readonly says: { readonly isDown: boolean; readonly ms: Millis } | null;
  /** The vote that it last reported. */
  readonly vote: VoteView;
  /** Another master that it names in our config epoch. */
  readonly names: (Place & { readonly forMs: Millis }) | null;
  /** The error that answered our last question. */
  readonly refusal: string | null;
  /** It is this program; null: not known. */
  readonly isOurs: boolean | null;
}
