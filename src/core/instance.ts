import { makeAddress, replicaName, sameAddress } from "./address.ts";
import type { HostPort, MasterConfig } from "./config.ts";
import type { Context } from "./context.ts";
import { type Extra, extraOf, NO_EXTRA } from "./extra.ts";
import { closeLink, createLink, leaveLink, neverOpened, shareLink } from "./link.ts";
import type { InstanceLink } from "./link-state.ts";
import { AddressSet } from "./replica-room.ts";
import { requestResolve } from "./resolve.ts";
import type { Address, Master, Millis, PeerSentinel, Replica, Role, RunId } from "./state.ts";
import { nothingTold } from "./told.ts";

/** What every record starts with. Its clocks run from now: an unreachable newcomer gets SDOWN. */
function newInstance(now: Millis, address: Address, link: InstanceLink, downAfterMs: Millis) {
  return {
    dueAt: null,
    rank: 0,
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
    history: null,
    isLoading: false,
    isSyncing: false,
    keys: null,
    announced: true,
    order: null,
    isHandingOver: false,
    handingOverSince: now,
    knowsHandingOver: false,
  };
}

/** Makes a master record and the replicas and Sentinels that its configuration knows. */
export function createMaster(
  ctx: Context,
  config: MasterConfig,
  extra: Extra = NO_EXTRA,
): Master | null {
  requestResolve(ctx, config.host);
  const address = makeAddress(ctx, config.host, config.port);
  if (!address) return null;
  const link = createLink(ctx.now);
  const master: Master = {
    kind: "master",
    ...newInstance(ctx.now, address, link, config.settings.downAfterMs),
    ...newServer(ctx.now, "master"),
    name: config.name,
    settings: config.settings,
    replicas: new Map(),
    sentinels: new Map(),
    isWatchedClosely: false,
    isCrowded: false,
    unplaced: [],
    odown: false,
    odownSince: null,
    rebootSince: null,
    lineage: [],
    lineageOf: null,
    ...extraOf(extra, config.name),
    reigns: [],
    reborn: null,
    refusals: null,
    leaving: null,
    lastAliveAt: null,
    configEpoch: config.configEpoch,
    configUnsaved: false,
    tellOthersAt: null,
    leader: null,
    leaderEpoch: config.leaderEpoch,
    failover: null,
    attemptAt: null,
    strangerUntil: null,
    retryAt: null,
    abandonedEpoch: null,
    lackedReplicaAt: null,
    lostElections: 0,
    told: nothingTold(),
    disagreementToldAt: null,
    settleAt: null,
    delayLoggedFor: null,
  };
  link.owners.add(master);
  ctx.state.agenda.plan(master, ctx.now);
  ctx.state.masters.set(master.name, master);
  const known = new AddressSet();
  for (const replica of config.replicas) createKnownReplica(ctx, master, replica, known);
  for (const peer of config.sentinels) createKnownSentinel(ctx, master, peer);
  return master;
}

function createKnownReplica(
  ctx: Context,
  master: Master,
  { host, port }: HostPort,
  known: AddressSet,
): void {
  requestResolve(ctx, host);
  const address = makeAddress(ctx, host, port);
  if (address && !sameAddress(address, master.address)) createReplica(ctx, master, address, known);
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

/** Null if the master already knows a replica at that address; `known` are those of all its replicas. */
export function createReplica(
  ctx: Context,
  master: Master,
  address: Address,
  known: AddressSet,
): Replica | null {
  const name = replicaName(ctx.state.settings, address);
  if (master.replicas.has(name) || known.has(address)) return null;
  known.add(address);
  const link = createLink(ctx.now);
  const replica: Replica = {
    kind: "replica",
    ...newInstance(ctx.now, address, link, master.downAfterMs),
    ...newServer(ctx.now, "slave"),
    rank: master.replicas.size,
    name,
    master,
    reconf: "none",
    reconfSentAt: null,
    hasHeldOurs: false,
    syncedName: null,
    strangeness: { serves: null, watchedBy: null, told: null },
    leftTo: null,
    repairedAt: null,
  };
  link.owners.add(replica);
  ctx.state.agenda.plan(replica, ctx.now);
  master.replicas.set(name, replica);
  return replica;
}

/** A record of a Sentinel that is in no table yet. */
export function newSentinel(
  ctx: Context,
  master: Master,
  runId: RunId,
  address: Address,
): PeerSentinel {
  const link = createLink(ctx.now);
  const peer: PeerSentinel = {
    kind: "sentinel",
    ...newInstance(ctx.now, address, link, master.downAfterMs),
    rank: master.sentinels.size,
    runId,
    master,
    masterDown: false,
    lastDownReplyAt: ctx.now,
    lastHelloAt: ctx.now,
    saidConfigEpoch: null,
    identity: "unknown",
    epochClaim: null,
    plannedAt: null,
    heardAt: null,
    refusal: null,
    helloRefusal: null,
    dissent: null,
    agreed: null,
    leader: null,
    leaderEpoch: 0n,
    asked: null,
  };
  link.owners.add(peer);
  return peer;
}

/** The new record shares the link that the same Sentinel has under another master [LINK-SHARED]. */
export function createSentinel(
  ctx: Context,
  master: Master,
  runId: RunId,
  address: Address,
): PeerSentinel {
  const peer = newSentinel(ctx, master, runId, address);
  master.sentinels.set(runId, peer);
  const [shared] = ctx.state.peers.get(runId) ?? [];
  if (shared) {
    shareLink(ctx, peer, shared.link);
    peer.identity = shared.identity;
  }
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
  // A vote that waits for its save goes with it: it will not be in the file.
  ctx.state.untoldVotes = ctx.state.untoldVotes.filter((one) => one.master !== master);
}

function dropReplicas(ctx: Context, master: Master): void {
  for (const replica of master.replicas.values()) leaveLink(ctx, replica);
  master.replicas.clear();
  master.isCrowded = false;
  master.unplaced = [];
}

export function removeReplica(ctx: Context, replica: Replica): void {
  leaveLink(ctx, replica);
  replica.master.replicas.delete(replica.name);
}

/** RESET, and part of a switch [RESET-FORGETS]: what was learnt is forgotten, what was configured stays. */
export function resetMaster(ctx: Context, master: Master, keepSentinels: boolean): void {
  dropReplicas(ctx, master);
  if (!keepSentinels) {
    for (const peer of [...master.sentinels.values()]) removeSentinel(ctx, peer);
    master.reigns = [];
  }
  closeLink(ctx, master.link);
  const { now } = ctx;
  Object.assign(master.link, {
    pingPendingSince: now,
    lastValidPongAt: now,
    backAt: null,
    lastPongAt: now,
    lastPingAt: null,
    opened: neverOpened(),
    trouble: null,
  });
  master.sdown = false;
  master.odown = false;
  master.isWatchedClosely = false;
  master.scriptKillSent = false;
  master.rebootSince = null;
  master.reborn = null;
  master.refusals = null;
  master.leaving = null;
  master.keys = null;
  master.runId = null;
  master.leader = null;
  master.upstreamHost = null;
  master.failover = null;
  master.attemptAt = null;
  master.strangerUntil = null;
  master.retryAt = null;
  master.abandonedEpoch = null;
  master.lackedReplicaAt = null;
  master.lostElections = 0;
  master.roleReported = "master";
  master.roleReportedSince = now;
}

/** Down evidence, votes and questions are about an address [D-EVIDENCE]; they end with it [I13]. */
export function forgetEvidence(master: Master): void {
  for (const peer of master.sentinels.values()) {
    peer.masterDown = false;
    peer.leader = null;
    peer.dissent = null;
    peer.agreed = null;
    for (const [id, { kind, owner }] of peer.link.pending) {
      if (kind.startsWith("ask") && owner === peer) peer.link.pending.delete(id);
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
