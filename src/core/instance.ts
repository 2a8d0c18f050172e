import { makeAddress, replicaName, sameAddress } from "./address.ts";
import type { HostPort, MasterConfig } from "./config.ts";
import type { Context } from "./context.ts";
import { closeLink, createLink, leaveLink, shareLink } from "./link.ts";
import { requestResolve } from "./resolve.ts";
import type {
  Address,
  Instance,
  InstanceLink,
  Master,
  Millis,
  PeerSentinel,
  Replica,
  Role,
  RunId,
} from "./state.ts";
import { lowerAscii } from "./text.ts";

/** What every record starts with. Its clocks run from now: an unreachable newcomer gets SDOWN. */
function newInstance(now: Millis, address: Address, link: InstanceLink, downAfterMs: Millis) {
  return {
    dueAt: null,
    address,
    link,
    downAfterMs,
    sdown: false,
    sdownSince: null,
    lastHelloSentAt: now,
    helloRequest: null,
    scriptKillSent: false,
  };
}

function newServer(now: Millis, role: Role) {
  return {
    runId: null,
    infoAt: null,
    infoText: null,
    infoRequest: null,
    runIdSince: now,
    roleReported: role,
    roleReportedSince: now,
    upstreamHost: null,
    upstreamPort: 0,
    upstreamLinkUp: false,
    upstreamChangedAt: now,
    masterLinkDownMs: 0,
    priority: 100,
    replOffset: 0n,
    announced: true,
  };
}

/** Makes a master record and the replicas and Sentinels that its configuration knows. */
export function createMaster(ctx: Context, config: MasterConfig): Master | null {
  requestResolve(ctx, config.host);
  const address = makeAddress(ctx, config.host, config.port);
  if (!address) return null;
  const link = createLink(ctx.now);
  const master: Master = {
    kind: "master",
    ...newInstance(ctx.now, address, link, config.downAfterMs),
    ...newServer(ctx.now, "master"),
    name: config.name,
    quorum: config.quorum,
    parallelSyncs: config.parallelSyncs,
    failoverTimeoutMs: config.failoverTimeoutMs,
    rebootDownAfterMs: config.rebootDownAfterMs,
    authPass: config.authPass,
    authUser: config.authUser,
    notificationScript: config.notificationScript,
    clientReconfigScript: config.clientReconfigScript,
    renamedCommands: new Map(config.renamedCommands.map((one) => [lowerAscii(one[0]), one])),
    replicas: new Map(),
    sentinels: new Map(),
    isWatchedClosely: false,
    odown: false,
    odownSince: null,
    rebootSince: null,
    configEpoch: config.configEpoch,
    configUnsaved: false,
    leader: null,
    leaderEpoch: config.leaderEpoch,
    failover: null,
    attemptAt: null,
    retryAt: null,
    lostElections: 0,
    delayLoggedFor: null,
  };
  link.owners.add(master);
  ctx.state.agenda.plan(master, ctx.now);
  ctx.state.masters.set(master.name, master);
  for (const replica of config.replicas) createKnownReplica(ctx, master, replica);
  for (const peer of config.sentinels) createKnownSentinel(ctx, master, peer);
  return master;
}

function createKnownReplica(ctx: Context, master: Master, { host, port }: HostPort): void {
  requestResolve(ctx, host);
  const address = makeAddress(ctx, host, port);
  if (address && !sameAddress(address, master.address)) createReplica(ctx, master, address);
}

function createKnownSentinel(
  ctx: Context,
  master: Master,
  { host, port, runId }: HostPort & { runId: RunId },
): void {
  requestResolve(ctx, host);
  const address = makeAddress(ctx, host, port);
  if (address) createSentinel(ctx, master, runId, address);
}

/** Null if the master already knows a replica at that address. */
export function createReplica(ctx: Context, master: Master, address: Address): Replica | null {
  const name = replicaName(ctx.state.settings, address);
  if (master.replicas.has(name) || findReplica(master, address)) return null;
  const link = createLink(ctx.now);
  const replica: Replica = {
    kind: "replica",
    ...newInstance(ctx.now, address, link, master.downAfterMs),
    ...newServer(ctx.now, "slave"),
    name,
    master,
    reconf: "none",
    reconfSentAt: null,
    repairedAt: null,
  };
  link.owners.add(replica);
  ctx.state.agenda.plan(replica, ctx.now);
  master.replicas.set(name, replica);
  return replica;
}

/** The new record shares the link that the same Sentinel has under another master. */
export function createSentinel(
  ctx: Context,
  master: Master,
  runId: RunId,
  address: Address,
): PeerSentinel {
  const link = createLink(ctx.now);
  const peer: PeerSentinel = {
    kind: "sentinel",
    ...newInstance(ctx.now, address, link, master.downAfterMs),
    runId,
    master,
    masterDown: false,
    lastDownReplyAt: ctx.now,
    lastHelloAt: ctx.now,
    leader: null,
    leaderEpoch: 0n,
    asked: null,
  };
  link.owners.add(peer);
  master.sentinels.set(runId, peer);
  const [shared] = ctx.state.peers.get(runId) ?? [];
  if (shared) shareLink(ctx, peer, shared.link);
  ctx.state.peers.set(runId, (ctx.state.peers.get(runId) ?? new Set()).add(peer));
  ctx.state.agenda.plan(peer, ctx.now);
  return peer;
}

/** The records of this Sentinel under the other masters. */
export function sameSentinelElsewhere(ctx: Context, peer: PeerSentinel): PeerSentinel[] {
  return [...(ctx.state.peers.get(peer.runId) ?? [])].filter((other) => other !== peer);
}

export function removeSentinel(ctx: Context, peer: PeerSentinel): void {
  leaveLink(ctx, peer);
  peer.master.sentinels.delete(peer.runId);
  const records = ctx.state.peers.get(peer.runId);
  records?.delete(peer);
  if (records?.size === 0) ctx.state.peers.delete(peer.runId);
}

export function removeMaster(ctx: Context, master: Master): void {
  dropReplicas(ctx, master);
  for (const peer of [...master.sentinels.values()]) removeSentinel(ctx, peer);
  leaveLink(ctx, master);
  ctx.state.masters.delete(master.name);
}

function dropReplicas(ctx: Context, master: Master): void {
  for (const replica of master.replicas.values()) leaveLink(ctx, replica);
  master.replicas.clear();
}

export function findReplica(master: Master, address: Address): Replica | undefined {
  for (const replica of master.replicas.values()) {
    if (sameAddress(replica.address, address)) return replica;
  }
  return undefined;
}

/** Every record of a master: itself, its replicas, its Sentinels. */
export function instancesOf(master: Master): Instance[] {
  return [master, ...master.replicas.values(), ...master.sentinels.values()];
}

/**
 * Where the master is by now: the promoted replica once the promotion was observed
 * (sentinelGetCurrentMasterAddress). Hellos, get-master-addr and the file say this one.
 */
export function currentAddress(master: Master): Address {
  return promotedSinceReconf(master)?.address ?? master.address;
}

export function promotedSinceReconf(master: Master): Replica | null {
  const { failover } = master;
  if (failover?.step !== "reconf_slaves" && failover?.step !== "update_config") return null;
  return failover.promoted;
}

/** RESET, and part of a switch: what was learnt is forgotten, what was configured stays. */
export function resetMaster(ctx: Context, master: Master, keepSentinels: boolean): void {
  dropReplicas(ctx, master);
  if (!keepSentinels) for (const peer of [...master.sentinels.values()]) removeSentinel(ctx, peer);
  closeLink(ctx, master.link);
  const { now } = ctx;
  Object.assign(master.link, {
    pingPendingSince: now,
    lastValidPongAt: now,
    lastPongAt: now,
    lastPingAt: null,
    openedAt: { command: null, pubsub: null },
  });
  master.sdown = false;
  master.odown = false;
  master.isWatchedClosely = false;
  master.scriptKillSent = false;
  master.rebootSince = null;
  master.runId = null;
  master.leader = null;
  master.upstreamHost = null;
  master.failover = null;
  master.attemptAt = null;
  master.retryAt = null;
  master.lostElections = 0;
  master.roleReported = "master";
  master.roleReportedSince = now;
}

/** Down evidence, votes and questions are about an address; they end with it (I13). */
export function forgetEvidence(master: Master): void {
  for (const peer of master.sentinels.values()) {
    peer.masterDown = false;
    peer.leader = null;
    for (const [id, { kind, owner }] of peer.link.pending) {
      if (kind === "ask" && owner === peer) peer.link.pending.delete(id);
    }
    peer.asked = null;
  }
}

/** Stops a failover in any state; the replicas it had begun to reconfigure are watched as before. */
export function endFailover(master: Master): void {
  master.failover = null;
  for (const replica of master.replicas.values()) {
    replica.reconf = "none";
    replica.reconfSentAt = null;
  }
}
