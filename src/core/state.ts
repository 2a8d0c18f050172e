import type { Reply } from "../base/reply.ts";
import type { Agenda } from "./agenda.ts";
import type { Brand } from "./brand.ts";
import type { PauseCall } from "./commands/pause-reach.ts";
import type { Table } from "./commands/tables.ts";
import type { Periods } from "./defaults.ts";
import type { LogThreshold } from "./effect.ts";
import type { AwaitingKeep, Kept } from "./extra.ts";
import type { DryRun } from "./failover/coordinated/dry-run.ts";
import type { Coordinated } from "./failover/coordinated/plan.ts";
import type { Guards } from "./guards.ts";
import type { Branch, History, Inherited } from "./history.ts";
import type { ClientId, Input } from "./input.ts";
import type { Leaving } from "./leaving.ts";
import type { Strangeness } from "./lineage-guard.ts";
import type { InstanceLink, Purpose } from "./link-state.ts";
import type { MasterSettings } from "./master-settings.ts";
import type { RoleOrder } from "./order-state.ts";
import type { Reborn } from "./reborn.ts";
import type { Refusals } from "./refused.ts";
import type { Reign } from "./reigns.ts";
import type { PassedOver } from "./replica-room.ts";
import type { Told } from "./told.ts";
import type { Twin } from "./twin.ts";

/** Monotonic milliseconds, whole. A span or a point in time; points compare only with points. */
export type Millis = number;
/** Unsigned 64 bit in the file; we accept up to 2^63-1, the largest a reply can carry. */
export type Epoch = bigint;
/** 40 characters: a Sentinel's id or a server's `run_id`. */
export type RunId = string;
/** One connection attempt; never reused, so that late news of a closed one is recognised. */
export type ConnectionId = Brand<number, "connection">;
/** One command sent; unique over all connections. */
export type RequestId = Brand<number, "request">;
/** One script to run, over all its attempts. */
export type ScriptJobId = Brand<number, "script job">;

/** `host` as configured or announced; `ip` what it resolved to, null while it never did. */
export interface Address {
  readonly host: string;
  readonly ip: string | null;
  readonly port: number;
}

export interface SentinelState {
  readonly myId: RunId;
  /** One for all masters; only rises [I3]. It last did at `epochRaisedAt`; null: not since the start. */
  currentEpoch: Epoch;
  epochRaisedAt: Millis | null;
  /** `host,port` that our hellos have announced: with another one, our id is a twin's (twin.ts). */
  readonly announced: Set<string>;
  twin: Twin | null;
  twinToldAt: Millis | null;
  /** When we last said that somebody names an epoch that is not believed. */
  epochComplaintAt: Millis | null;
  /** The highest `currentEpoch` known to be on disk: what a hello may say. */
  savedEpoch: Epoch;
  /** By name, in the order of the file and of MONITOR. */
  readonly masters: Map<string, Master>;
  readonly settings: Settings;
  readonly periods: Periods;
  readonly agenda: Agenda;
  /** Start of the TILT period; null outside. */
  tiltSince: Millis | null;
  /** How often TILT was entered, for INFO. */
  tiltCount: number;
  previousTickAt: Millis | null;
  /** Since when the file is being written; null: it is not. */
  savingSince: Millis | null;
  /** How long the last save took. */
  lastSaveMs: Millis;
  /** How long slow saves took since the last tick: what happened in them is heard before the next. */
  slowSavesMs: Millis;
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
  /** Votes given in this step or since a save failed: nobody has heard of them. */
  untoldVotes: UntoldVote[];
  /** Answers to give once the save of this step ended: the first if it succeeded. */
  awaitingSave: AwaitingSave[];
  /** For each `keep` that is not answered yet, who waits for it; null: nobody. */
  awaitingKeep: (AwaitingKeep | null)[];
  pauseCalls: PauseCall[];
  /** What SENTINEL CONFIG SET asked of the process since the start, as the file has it or is to have it next. */
  live: ReadonlyMap<string, string>;
  /** The same as it is on disk, and in effect. */
  liveInUse: ReadonlyMap<string, string>;
  /** Replies that are made over several steps, the eldest first. */
  tables: Table[];
  /** Questions what a failover would do, which wait for INFO. */
  dryRuns: DryRun[];
  readonly hosts: Map<string, ResolvedHost>;
  /** Inputs that cannot be judged before a host name is resolved; stepped again then. */
  parked: { readonly host: string; readonly input: Input }[];
  /** Open connections and those being opened, to find whose news it is. */
  readonly connections: Map<ConnectionId, ConnectionOwner>;
  nextId: number;
}

interface ConnectionOwner {
  readonly link: InstanceLink;
  readonly purpose: Purpose;
}

export interface UntoldVote {
  readonly master: Master;
  readonly candidate: RunId;
  readonly epoch: Epoch;
  /** Who asked for it was told that there is none; it is given once it is asked for again. */
  isRefused: boolean;
}

interface AwaitingSave {
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
  /** Connections to servers and Sentinels that this process has descriptors for. */
  maxLinks: number;
  guards: Guards;
}

export type Instance = Master | Replica | PeerSentinel;
export type RedisInstance = Master | Replica;
export type Role = "master" | "slave";

interface InstanceBase {
  /** When the agenda has it looked at next; null while it is being looked at. */
  dueAt: Millis | null;
  /** How many of its kind its master knew before it. */
  readonly rank: number;
  address: Address;
  runId: RunId | null;
  link: InstanceLink;
  /** That of its master; how long it may be silent. */
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
  /** `slave_repl_offset`; of a server in the role of a master `master_repl_offset`. */
  replOffset: bigint;
  /** Null: it tells none. */
  history: History | null;
  isLoading: boolean;
  /** Keys in all its databases; null: it does not say. */
  keys: number | null;
  /** A full sync replaces what it holds. */
  isSyncing: boolean;
  /** It hands its role over by its own FAILOVER command (`master_failover_state`). */
  isHandingOver: boolean;
  /** When that began, or ended, last. */
  handingOverSince: Millis;
  /** It has told that state: it knows FAILOVER, and CLIENT PAUSE of writes alone (Redis 6.2). */
  knowsHandingOver: boolean;
  /** `replica_announced` */
  announced: boolean;
  /** What it was last told to be, and what came of it. */
  order: RoleOrder | null;
}

export interface Master extends ServerBase, Kept, PassedOver {
  readonly kind: "master";
  readonly name: string;
  settings: MasterSettings;
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
  /** Names of the data of our master, present one first, and the server of which they were learnt. */
  lineage: Branch[];
  lineageOf: Address | null;
  /** Since it was connected to last; null: none (refused.ts). */
  refusals: Refusals | null;
  /** It said that it ends (leaving.ts). */
  leaving: Leaving | null;
  /** It restarted, and what it holds is compared with what it held (reborn.ts). */
  reborn: Reborn | null;
  /** The masters before this one that were not seen as replicas since, the last one first. */
  reigns: Reign[];
  /** When it was last known to live in the role of a master, by whomever; null: not in this life. */
  lastAliveAt: Millis | null;
  configEpoch: Epoch;
  /** The configuration (address, epoch) changed and is not on disk yet: no hello speaks of it. */
  configUnsaved: boolean;
  /** Until then no C Sentinel hears of the new address (tell.ts); null or past: it may. */
  tellOthersAt: Millis | null;
  /** Our vote: in this epoch, for this Sentinel (null after a restart: the epoch alone is kept). */
  leader: RunId | null;
  leaderEpoch: Epoch;
  failover: Failover | null;
  /** Base of the retry delay: our last attempt, or our last vote for another. */
  attemptAt: Millis | null;
  /** We voted for somebody whom no hello has named, and stand no sooner. */
  strangerUntil: Millis | null;
  /** An epoch was lost for sure: the time of the next attempt in place of the retry delay. */
  retryAt: Millis | null;
  /** The epoch of an attempt that ended since the master was back, while votes were still out. */
  abandonedEpoch: Epoch | null;
  /** Our last attempt found nobody fit, and nobody else may lead in its epoch: it may be repeated. */
  lackedReplicaAt: Millis | null;
  /** Epochs lost in a row; the prompt retries are bounded. */
  lostElections: number;
  readonly told: Told;
  /** When a disagreement was last told, and when we may stand to settle it again. */
  disagreementToldAt: Millis | null;
  settleAt: Millis | null;
  /** The `attemptAt` for which the delay was logged. */
  delayLoggedFor: Millis | null;
}

/** As SENTINEL MASTERS spells them [FAILOVER-STATES]. */
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
  /** When it was elected; choosing again does not begin anew. */
  selectingSince: Millis;
  epoch: Epoch;
  /** When it took that epoch. */
  epochSince: Millis;
  /** The last of its epochs in which we voted for ourselves; 0: none. */
  ownVoteEpoch: Epoch;
  /** SENTINEL FAILOVER: no majority is needed. */
  forced: boolean;
  /** With COORDINATED, a planned switch that has a majority; null: any other failover. */
  readonly coordinated: Coordinated | null;
  /** The replica that the operator named; null: we choose. */
  readonly target: Replica | null;
  /** No failover: an epoch in which the master stays and a disagreement ends (settle.ts). */
  settles: boolean;
  promoted: Replica | null;
  /** When the candidates were asked for a last INFO before the selection. */
  infoRequestedAt: Millis | null;
  /** When somebody was found fit after a time in which nobody was. */
  foundAt: Millis | null;
  /** No replica was fit at the last look; the failover waits for one. */
  isWaitingForReplica: boolean;
  /** Replicas that refused the promotion or were lost in it, and when. */
  readonly failed: Map<Replica, Millis>;
  /** One that was asked for: the old master, which still runs, was told to follow the new one. */
  isOldMasterTold: boolean;
}

export interface Replica extends ServerBase, Inherited {
  readonly kind: "replica";
  readonly name: string;
  readonly master: Master;
  /** Where the running failover of its master has brought it. */
  reconf: "none" | "sent" | "inprog" | "done";
  reconfSentAt: Millis | null;
  readonly strangeness: Strangeness;
  /** The name of another master that this server is, as far as that was noticed (other-names.ts). */
  leftTo: string | null;
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
  saidConfigEpoch: Epoch | null; // By its last hello; null: none was heard in this life.
  /** What it answered at its address when it was asked who it is (identity.ts). */
  identity: "unknown" | "confirmed" | "refused" | "other";
  /** Its hellos say an epoch too far ahead to be believed, since then without a break (epoch.ts). */
  epochClaim: { readonly epoch: Epoch; readonly since: Millis } | null;
  /** When it last said that a planned switch of this master is under way there (peer-view.ts). */
  plannedAt: Millis | null;
  /** When its first hello made it known; null: the file did. */
  heardAt: Millis | null;
  /** The error that answered our last question, or our last hello; null: it was taken, or not said yet. */
  refusal: string | null;
  helloRefusal: string | null;
  /** It names this master in our config epoch, by all its hellos since then (settle.ts). */
  dissent: Dissent | null;
  /** Its last hello named our master in this config epoch, then; null: it did not. */
  agreed: { readonly configEpoch: Epoch; readonly at: Millis } | null;
  /** The vote it last reported. */
  leader: RunId | null;
  leaderEpoch: Epoch;
  asked: Question | null;
}

/** Another master that a Sentinel names, under the config epoch that we know ours by. */
export interface Dissent {
  readonly address: Address;
  readonly configEpoch: Epoch;
  readonly since: Millis;
}

/** Our last is-master-down-by-addr to a Sentinel. */
interface Question {
  readonly request: RequestId;
  readonly at: Millis;
  /** How long after it one that disagreed is asked again. */
  againAfterMs: Millis;
  /** A vote was asked for in it; null: none was. */
  readonly epoch: Epoch | null;
  /** Its answer told how that Sentinel voted, or that it did not. */
  isVoteTold: boolean;
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
