/** An IPv4 address in digits; a C Sentinel without resolve-hostnames knows no other. */
export interface CAddress {
  readonly ip: string;
  readonly port: number;
}

/** One connection; who carries it knows more of it under its number. */
export interface CConnection {
  readonly id: number;
}

/** Two connections to one server, or one to a Sentinel [LINK-KINDS]. Times in ms. */
export interface CLink {
  /** A required connection is missing; one that is only being opened is not. */
  disconnected: boolean;
  command: CConnection | null;
  subscription: CConnection | null;
  commandOpenedAt: number;
  subscriptionOpenedAt: number;
  subscriptionHeardAt: number;
  /** By number of the request: what was asked over the command connection and is not answered. */
  readonly pending: Map<number, CQuestion>;
  lastValidPongAt: number;
  /** 0: no PING is unanswered. */
  pingPendingSince: number;
  lastPingAt: number;
  lastPongAt: number;
  lastReconnectAt: number;
}

/** A command whose reply is looked at, or `other`. */
export type CQuestion = "ping" | "info" | "hello" | "down" | "other";

/** What masters, replicas and other Sentinels have in common. */
interface CRecord {
  address: CAddress;
  runId: string | null;
  link: CLink;
  sdown: boolean;
  /** 0: never. Not cleared when it is up again. */
  sdownSince: number;
  lastHelloSentAt: number;
  infoAt: number;
  roleReported: "master" | "slave";
  roleReportedSince: number;
}

export interface CReplica extends CRecord {
  readonly kind: "replica";
  readonly master: CMaster;
  upstreamHost: string | null;
  upstreamPort: number;
  upstreamLinkUp: boolean;
  upstreamChangedAt: number;
  masterLinkDownMs: number;
  priority: number;
  offset: number;
  reconf: "none" | "sent" | "inprog" | "done";
  reconfSentAt: number;
}

export interface CPeer extends CRecord {
  readonly kind: "peer";
  readonly master: CMaster;
  readonly id: string;
  /** It said that our master is down. */
  masterDown: boolean;
  lastDownReplyAt: number;
  /** The vote that it last told. */
  leader: string | null;
  leaderEpoch: bigint;
}

export type CStep =
  | "none"
  | "wait_start"
  | "select_slave"
  | "send_slaveof_noone"
  | "wait_promotion"
  | "reconf_slaves"
  | "update_config";

export interface CMaster extends CRecord {
  readonly kind: "master";
  readonly name: string;
  readonly quorum: number;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
  readonly parallelSyncs: number;
  /** By `ip:port`. */
  readonly replicas: Map<string, CReplica>;
  /** By id. */
  readonly peers: Map<string, CPeer>;
  configEpoch: bigint;
  /** Our own vote. Of the last one a file keeps the epoch only. */
  leader: string | null;
  leaderEpoch: bigint;
  odown: boolean;
  odownSince: number;
  step: CStep;
  isForced: boolean;
  failoverEpoch: bigint;
  stepChangedAt: number;
  attemptAt: number;
  promoted: CReplica | null;
}

export type CInstance = CMaster | CReplica | CPeer;

export interface CMasterOptions {
  readonly name: string;
  readonly address: CAddress;
  readonly quorum: number;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
  readonly parallelSyncs: number;
}

export function createMaster(options: CMasterOptions, now: number): CMaster {
  return {
    ...createRecord(options.address, now),
    ...options,
    kind: "master",
    replicas: new Map(),
    peers: new Map(),
    configEpoch: 0n,
    leader: null,
    leaderEpoch: 0n,
    odown: false,
    odownSince: 0,
    step: "none",
    isForced: false,
    failoverEpoch: 0n,
    stepChangedAt: 0,
    attemptAt: 0,
    promoted: null,
  };
}

/** Adds a replica; null if one with this address is known. */
export function addReplica(master: CMaster, address: CAddress, now: number): CReplica | null {
  const key = textOf(address);
  if (master.replicas.has(key)) return null;
  const replica: CReplica = {
    ...createRecord(address, now),
    roleReported: "slave",
    kind: "replica",
    master,
    upstreamHost: null,
    upstreamPort: 0,
    upstreamLinkUp: false,
    upstreamChangedAt: now,
    masterLinkDownMs: 0,
    priority: 100,
    offset: 0,
    reconf: "none",
    reconfSentAt: 0,
  };
  master.replicas.set(key, replica);
  return replica;
}

export function addPeer(master: CMaster, id: string, address: CAddress, now: number): CPeer {
  const peer: CPeer = {
    ...createRecord(address, now),
    kind: "peer",
    runId: id,
    master,
    id,
    masterDown: false,
    lastDownReplyAt: now,
    leader: null,
    leaderEpoch: 0n,
  };
  master.peers.set(id, peer);
  return peer;
}

function createRecord(address: CAddress, now: number): CRecord {
  return {
    address,
    runId: null,
    link: createLink(now),
    sdown: false,
    sdownSince: 0,
    lastHelloSentAt: now,
    infoAt: 0,
    roleReported: "master",
    roleReportedSince: now,
  };
}

/** Its PING counts as pending from the start: one that never answers is down after down-after. */
function createLink(now: number): CLink {
  return {
    disconnected: true,
    command: null,
    subscription: null,
    commandOpenedAt: 0,
    subscriptionOpenedAt: 0,
    subscriptionHeardAt: 0,
    pending: new Map(),
    lastValidPongAt: now,
    pingPendingSince: now,
    lastPingAt: 0,
    lastPongAt: now,
    lastReconnectAt: 0,
  };
}

/** The master as others are told of it: the promoted replica once its promotion was seen. */
export function currentAddress({ step, promoted, address }: CMaster): CAddress {
  return (step === "reconf_slaves" || step === "update_config") && promoted
    ? promoted.address
    : address;
}

export function textOf({ ip, port }: CAddress): string {
  return `${ip}:${port}`;
}

export function isSame(a: CAddress, b: CAddress): boolean {
  return a.ip === b.ip && a.port === b.port;
}

export function instancesOf(master: CMaster): CInstance[] {
  return [master, ...master.replicas.values(), ...master.peers.values()];
}
