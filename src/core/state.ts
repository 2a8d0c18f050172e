import type { Agenda } from "./agenda.ts";
import type { Periods } from "./defaults.ts";
import type { LogThreshold } from "./effect.ts";
import type { ClientId, Input } from "./input.ts";
import type { Reply } from "./reply.ts";

/** Monotonic milliseconds, whole. A span or a point in time; points compare only with points. */
export type Millis = number;
/** Unsigned 64 bit in the file; we accept up to 2^63-1, the largest a reply can carry. */
export type Epoch = bigint;
/** 40 characters: a Sentinel's id or a server's `run_id`. */
export type RunId = string;
/** One connection attempt; never reused, so that late news of a closed one is recognised. */
export type ConnectionId = number;
/** One command sent; unique over all connections. */
export type RequestId = number;
export type ScriptJobId = number;

/** `host` as configured or announced; `ip` what it resolved to, null while it never did. */
export interface Address {
  readonly host: string;
  readonly ip: string | null;
  readonly port: number;
}

export interface SentinelState {
  readonly myId: RunId;
  /** One for all masters; only rises (I3). */
  currentEpoch: Epoch;
  /** The highest `currentEpoch` known to be on disk: what a hello may say. */
  savedEpoch: Epoch;
  /** By name, in the order of the file and of MONITOR. */
  readonly masters: Map<string, Master>;
  readonly settings: Settings;
  readonly periods: Periods;
  readonly agenda: Agenda;
  /** Start of the TILT period; null outside. */
  tiltSince: Millis | null;
  previousTickAt: Millis | null;
  simulateFailure: { afterElection: boolean; afterPromotion: boolean };
  /** When we last voted for another Sentinel, about whatever master; null: not in this life. */
  votedForOtherAt: Millis | null;
  /** The records of each Sentinel under all masters, by id; they share one link. */
  readonly peers: Map<RunId, Set<PeerSentinel>>;
  /** Oldest first. */
  readonly scripts: ScriptJob[];
  /** True from a change of what is durable until `saved`. Nothing that depends on it leaves. */
  unsaved: boolean;
  /** From a step that asks for a save until its outcome: nothing that a step wants is done. */
  isHeld: boolean;
  /** Links on which a PING was sent in this step, or since `isHeld`: it has not left yet. */
  unsentPings: InstanceLink[];
  /** Something was found that nothing depends on: it is saved then at the latest. */
  lazySaveAt: Millis | null;
  /** When the last save failed; null after a success. */
  saveFailedAt: Millis | null;
  /** Answers to give once the save of this step ended: the first if it succeeded. */
  awaitingSave: AwaitingSave[];
  readonly hosts: Map<string, ResolvedHost>;
  /** Inputs that cannot be judged before a host name is resolved; stepped again then. */
  parked: { readonly host: string; readonly input: Input }[];
  /** Open connections and those being opened, to find whose news it is. */
  readonly connections: Map<ConnectionId, ConnectionOwner>;
  nextId: number;
}

export interface ConnectionOwner {
  readonly link: InstanceLink;
  readonly purpose: "command" | "pubsub";
}

export interface AwaitingSave {
  readonly client: ClientId;
  readonly ifSaved: Reply;
  readonly ifFailed: Reply;
}

export interface ResolvedHost {
  /** The last address found; kept when a later look-up fails. */
  ip: string | null;
  /** When the last answer came; null before the first. */
  answeredAt: Millis | null;
  inFlight: boolean;
}

export interface Settings {
  denyScriptsReconfig: boolean;
  resolveHostnames: boolean;
  announceHostnames: boolean;
  announceIp: string | null;
  announcePort: number;
  sentinelUser: string | null;
  sentinelPass: string | null;
  /** Our own `requirepass`: authenticates us to other Sentinels when there is no sentinel-pass. */
  requirepass: string | null;
  /** What hellos announce: tls-port if tls-replication, else port. */
  listeningPort: number;
  logThreshold: LogThreshold;
}

export type Instance = Master | Replica | PeerSentinel;
export type RedisInstance = Master | Replica;
export type Role = "master" | "slave";

interface InstanceBase {
  /** When the agenda has it looked at next; null while it is being looked at. */
  dueAt: Millis | null;
  address: Address;
  runId: RunId | null;
  link: InstanceLink;
  downAfterMs: Millis;
  sdown: boolean;
  /** Start of the most recent SDOWN; stays when it ends. */
  sdownSince: Millis | null;
  /** When our last PUBLISH through this instance was accepted; null: due at once. */
  lastHelloSentAt: Millis | null;
  /** The PUBLISH not answered yet, if `link.pending` still holds it. */
  helloRequest: RequestId | null;
  /** SCRIPT KILL was sent in this down period. */
  scriptKillSent: boolean;
}

/** What INFO tells of a server. */
interface ServerBase extends InstanceBase {
  /** Last INFO reply; null before the first. */
  infoAt: Millis | null;
  infoText: string | null;
  /** The INFO not answered yet, if `link.pending` still holds it. */
  infoRequest: RequestId | null;
  /** Last role seen in INFO, the configured kind before; null: INFO named none. */
  roleReported: Role | null;
  roleReportedSince: Millis;
  /** When its run id was first seen, or found to be another one. */
  runIdSince: Millis;
  /** Master's host, port and link state as a server in the role of a replica reports them. */
  upstreamHost: string | null;
  upstreamPort: number;
  upstreamLinkUp: boolean;
  upstreamChangedAt: Millis;
  /** From master_link_down_since_seconds; 0 when linked, -1000 when it never was. */
  masterLinkDownMs: Millis;
  priority: number;
  replOffset: bigint;
  /** `replica_announced` */
  announced: boolean;
}

export interface Master extends ServerBase {
  readonly kind: "master";
  readonly name: string;
  quorum: number;
  parallelSyncs: number;
  failoverTimeoutMs: Millis;
  rebootDownAfterMs: Millis;
  authPass: string | null;
  authUser: string | null;
  notificationScript: string | null;
  clientReconfigScript: string | null;
  /** By lower-case name: the name as configured and what the server calls it, in that order. */
  readonly renamedCommands: Map<string, readonly [from: string, to: string]>;
  /** By `ip:port`. */
  readonly replicas: Map<string, Replica>;
  /** By id. */
  readonly sentinels: Map<RunId, PeerSentinel>;
  /** It was planned as troubled (schedule.ts) and is looked at more often. */
  isWatchedClosely: boolean;
  odown: boolean;
  odownSince: Millis | null;
  /** A new run id was seen and the master-reboot rule watches it, since then. */
  rebootSince: Millis | null;
  configEpoch: Epoch;
  /** The configuration (address, epoch) changed and is not on disk yet: no hello speaks of it. */
  configUnsaved: boolean;
  /** Our vote: in this epoch, for this Sentinel (null after a restart: the epoch alone is kept). */
  leader: RunId | null;
  leaderEpoch: Epoch;
  failover: Failover | null;
  /** Base of the retry delay: our last attempt, or our last vote for another. */
  attemptAt: Millis | null;
  /** An epoch was lost for sure: the time of the next attempt in place of the retry delay. */
  retryAt: Millis | null;
  /** Epochs lost in a row; the prompt retries are bounded. */
  lostElections: number;
  /** The `attemptAt` for which the delay was logged. */
  delayLoggedFor: Millis | null;
}

/** As SENTINEL MASTERS spells them. */
export type FailoverStep =
  | "wait_start"
  | "select_slave"
  | "send_slaveof_noone"
  | "wait_promotion"
  | "reconf_slaves"
  | "update_config";

export interface Failover {
  step: FailoverStep;
  stepSince: Millis;
  epoch: Epoch;
  /** SENTINEL FAILOVER: no majority is needed. */
  forced: boolean;
  promoted: Replica | null;
  /** When the candidates were asked for a last INFO before the selection. */
  infoRequestedAt: Millis | null;
  /** No replica was fit at the last look; the failover waits for one. */
  isWaitingForReplica: boolean;
  /** A forced one: the old master, which still runs, was told to follow the new one. */
  isOldMasterTold: boolean;
}

export interface Replica extends ServerBase {
  readonly kind: "replica";
  readonly name: string;
  readonly master: Master;
  /** Where the running failover of its master has brought it. */
  reconf: "none" | "sent" | "inprog" | "done";
  reconfSentAt: Millis | null;
  /** When it was last put back in its place; a server that refuses is not told again at once. */
  repairedAt: Millis | null;
}

export interface PeerSentinel extends InstanceBase {
  readonly kind: "sentinel";
  runId: RunId;
  readonly master: Master;
  /** It told us that the master is down. */
  masterDown: boolean;
  lastDownReplyAt: Millis;
  lastHelloAt: Millis;
  /** The vote it last reported. */
  leader: RunId | null;
  leaderEpoch: Epoch;
  asked: Question | null;
}

/** Our last is-master-down-by-addr to a Sentinel. */
export interface Question {
  readonly request: RequestId;
  readonly at: Millis;
  /** How long after it one that disagreed is asked again. */
  againAfterMs: Millis;
  /** A vote was asked for in it; null: none was. */
  readonly epoch: Epoch | null;
  /** Its answer told how that Sentinel voted, or that it did not. */
  isVoteTold: boolean;
}

export interface Connection {
  readonly id: ConnectionId;
  readonly openedAt: Millis;
  up: boolean;
  /** Our end of it, once up. */
  localIp: string | null;
  /** The SUBSCRIBE sent on it, if it is a Pub/Sub connection. */
  subscribeRequest: RequestId | null;
}

/**
 * The connections to one process. Every Sentinel record with the same id under other masters
 * shares one link; servers have one each.
 */
export interface InstanceLink {
  readonly owners: Set<Instance>;
  command: Connection | null;
  pubsub: Connection | null;
  /** Commands sent on `command` and unanswered. */
  readonly pending: Map<RequestId, PendingRequest>;
  /** Last message or confirmation on the subscription. */
  pubsubActivityAt: Millis | null;
  /** Last PING reply that says alive (PONG, LOADING, MASTERDOWN). */
  lastValidPongAt: Millis;
  /** First PING without such a reply; null: none. Survives reconnects. */
  pingPendingSince: Millis | null;
  lastPingAt: Millis | null;
  /** Last PING reply of any kind. */
  lastPongAt: Millis;
  /** When each was last opened: their periods are their own, since both may be lost at once. */
  openedAt: { command: Millis | null; pubsub: Millis | null };
}

export interface PendingRequest {
  readonly kind: "ping" | "info" | "hello" | "ask" | "transaction" | "ignored";
  /** Whose question it is; replies for a removed owner are ignored. */
  readonly owner: Instance;
}

export interface ScriptJob {
  readonly id: ScriptJobId;
  readonly argv: readonly string[];
  /** Executions begun so far. */
  retryNum: number;
  /** Running since, or null; `startAt`: not before. */
  runningSince: Millis | null;
  startAt: Millis;
  /** 0 until known. */
  pid: number;
  killed: boolean;
}
