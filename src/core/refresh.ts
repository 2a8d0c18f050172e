import { isPort, makeAddress, namesAddress, sameAddress } from "./address.ts";
import { type Context, elapsed, saveSoon } from "./context.ts";
import { isDoubtful, isMisnamed, isUpstreamDoubtful, isWhereAnotherIs } from "./doubt.ts";
import { event } from "./event.ts";
import { promotionObserved } from "./failover/await-promotion.ts";
import { generationOf, type History, keepHistory, noteLineage } from "./history.ts";
import { type InfoReport, parseInfo } from "./info.ts";
import { createReplica } from "./instance.ts";
import { noteLeaving } from "./leaving.ts";
import { MAX_NEW_REPLICAS } from "./limits.ts";
import { isForeign, noteName, noteStrangeReplicas, tellStrange } from "./lineage-guard.ts";
import { reconnect } from "./link.ts";
import { followOtherName } from "./namesakes.ts";
import { leaveToOtherName } from "./other-names.ts";
import { mayNotBeTold } from "./pause.ts";
import { selfMadeMasterWaitMs, sendInfo } from "./periodic.ts";
import { askWitnesses, noteRebirth } from "./reborn.ts";
import { forgetReign } from "./reigns.ts";
import { type AddressSet, hasRoomForReplica, keptInfo, replicaAddresses } from "./replica-room.ts";
import { isKnownHost, requestResolve } from "./resolve.ts";
import { isReturning } from "./returning.ts";
import { replicateFrom } from "./role-order.ts";
import type { Address, Instance, Master, Millis, RedisInstance, Replica } from "./state.ts";
import { detached } from "./text.ts";
import { isReplicaBuried } from "./tombstones.ts";

/** Applies an INFO text: what the server is now, and what must be done about it [INFO-REPLICAS] [INFO-ROLE]. */
export function applyInfo(ctx: Context, server: RedisInstance, text: string): void {
  const report = parseInfo(text);
  server.infoText = keptInfo(ctx, text);
  noteRunId(ctx, server, report);
  if (server.kind === "master") discoverReplicas(ctx, server, report);
  noteReplication(ctx, server, report);
  server.infoAt = ctx.now;
  if (server.kind === "master") noteLeaving(ctx, server, report.shutdownInMs);
  noteRole(ctx, server, report);
  noteHistory(ctx, server, report);
  if (isDoubtful(ctx, server)) requestResolve(ctx, server.address.host);
  const { upstreamHost } = server;
  if (upstreamHost !== null && isUpstreamDoubtful(ctx, server)) requestResolve(ctx, upstreamHost);
  if (server.kind === "master") askWitnesses(ctx, server);
  else {
    noteStrangeReplicas(ctx, server, report);
    tellStrange(ctx, server);
  }
  if (report.role === "slave" && server.kind === "replica") {
    forgetReign(server.master, server.address);
  }
  if (ctx.state.tiltSince !== null || server.kind === "master") return;
  // It may have lost a master that refuses connections.
  if (server.master.refusals) ctx.state.agenda.plan(server.master, ctx.now + 1);
  if (server.roleReported === "master") actOnSelfMadeMaster(ctx, server);
  if (server.roleReported === "slave") actOnReplica(ctx, server);
}

function noteRunId(ctx: Context, server: RedisInstance, { runId }: InfoReport): void {
  if (runId === null || runId === server.runId) return;
  const isReboot = server.runId !== null;
  server.runId = detached(runId);
  server.runIdSince = ctx.now;
  if (isReboot && server.kind === "master") noteRebirth(ctx, server);
  forgetData(server);
  if (!isReboot) return;
  event(ctx, "notice", "+reboot", server);
  if (server.kind === "master" && server.settings.rebootDownAfterMs !== 0)
    server.rebootSince = ctx.now;
}

/** What it held before it started says nothing of what it holds now [INFO-REBOOT]. */
function forgetData(server: RedisInstance): void {
  server.replOffset = 0n;
  server.history = null;
  forgetSync(server);
}

function forgetSync(server: RedisInstance): void {
  if (server.kind === "master") return;
  server.hasHeldOurs = false;
  server.syncedName = null;
}

function discoverReplicas(ctx: Context, master: Master, { replicas }: InfoReport): void {
  let known: AddressSet | null = null;
  let added = 0;
  master.unplaced = [];
  for (const { host, port } of replicas) {
    // Nearly all that it names are known under that name.
    if (master.replicas.has(`${host}:${port}`)) continue;
    known ??= replicaAddresses(master);
    const found = isPort(port) ? makeAddress(ctx, host, port) : null;
    if (!found) continue;
    if (known.has(found) || sameAddress(found, master.address)) {
      if (!isWhereAnotherIs(master, found)) continue;
      requestResolve(ctx, host);
      if (!sameAddress(found, master.address)) master.unplaced.push(detachedAddress(found));
      continue;
    }
    if (isReplicaBuried(ctx, master, found)) continue;
    const address = detachedAddress(found);
    if (address.ip === null) {
      requestResolve(ctx, host);
      continue;
    }
    if (!hasRoomForReplica(ctx, master)) return;
    if (added === MAX_NEW_REPLICAS) return sendInfo(ctx, master);
    const replica = createReplica(ctx, master, address, known);
    if (!replica) continue;
    event(ctx, "notice", "+slave", replica);
    saveSoon(ctx);
    reconnect(ctx, replica);
    added++;
  }
}

function detachedAddress({ host, ip, port }: Address): Address {
  return { host: detached(host), ip: ip === null ? null : detached(ip), port };
}

/** Fields that INFO left out keep their value, except the link's down time. */
function noteReplication(ctx: Context, server: RedisInstance, report: InfoReport): void {
  server.masterLinkDownMs = report.masterLinkDownMs;
  noteHandingOver(ctx, server, report);
  const host = report.masterHost ?? server.upstreamHost;
  const port = report.masterPort ?? server.upstreamPort;
  if (host !== server.upstreamHost || port !== server.upstreamPort) {
    server.upstreamHost = host === null ? null : detached(host);
    server.upstreamPort = port;
    server.upstreamChangedAt = ctx.now;
    forgetSync(server);
  }
  server.upstreamLinkUp = report.masterLinkUp ?? server.upstreamLinkUp;
  server.priority = report.priority ?? server.priority;
  server.isLoading = report.isLoading;
  server.isSyncing = report.isSyncing;
  server.keys = report.keys ?? server.keys;
  const offset = report.role === "master" ? report.history?.offset : report.replOffset;
  server.replOffset = offset ?? server.replOffset;
  server.announced = report.announced ?? server.announced;
}

function noteHandingOver(ctx: Context, server: RedisInstance, report: InfoReport): void {
  if (report.isHandingOver !== server.isHandingOver) server.handingOverSince = ctx.now;
  server.isHandingOver = report.isHandingOver;
  server.knowsHandingOver ||= report.knowsHandingOver;
}

function noteRole(ctx: Context, server: RedisInstance, { role }: InfoReport): void {
  if (role === server.roleReported) return;
  server.roleReported = role;
  server.roleReportedSince = ctx.now;
  if (role === null || isDemotedByUs(server)) return;
  if (role === "slave") server.upstreamChangedAt = ctx.now;
  const agrees = (role === "master") === (server.kind === "master");
  const name = agrees ? "+role-change" : "-role-change";
  event(ctx, "verbose", name, server, ` new reported role is ${role}`);
}

/**
 * The name of its data: of our master it says what an heir holds, of a replica whether it is one. A
 * master that says it is a replica tells of another's data.
 */
function noteHistory(ctx: Context, server: RedisInstance, report: InfoReport): void {
  server.history = keepHistory(server.history, report.history);
  const { history } = server;
  if (server.kind === "master") {
    if (server.roleReported !== "master") return;
    // What it holds may be none of its data.
    if (server.reborn !== null) return;
    server.lastAliveAt = ctx.now;
    if (history) learnLineage(ctx, server, history);
  } else if (history && server.roleReported === "slave") {
    const isOurs = generationOf(server.master.lineage, history) !== null;
    server.hasHeldOurs ||= isOurs;
    if (server.upstreamLinkUp) server.syncedName = history.id;
  }
}

function learnLineage(ctx: Context, master: Master, history: History): void {
  if (history.parent) noteName(ctx, master, history.parent.id);
  noteName(ctx, master, history.id);
  const { lineage, lineageOf, address } = master;
  const isSame = lineageOf !== null && sameAddress(lineageOf, address);
  noteLineage(lineage, history, isSame ? "restart" : "promotion");
  master.lineageOf = address;
}

/** The old master after a forced failover does what we told it; that is no news. */
function isDemotedByUs(server: RedisInstance): boolean {
  return server.kind === "master" && server.failover?.isOldMasterTold === true;
}

/** A replica that says it is a master: promoted by us, or to be put back in its place. */
function actOnSelfMadeMaster(ctx: Context, replica: Replica): void {
  const { master } = replica;
  if (master.failover?.promoted === replica) {
    if (master.failover.step === "wait_promotion") promotionObserved(ctx, master, master.failover);
    return;
  }
  if (isSane(ctx, master) && mustFollow(ctx, replica)) repair(ctx, replica, "+convert-to-slave");
}

/** An old master that returned is one at once; while it loads its data it takes no writes, and no orders either. */
function mustFollow(ctx: Context, replica: Replica): boolean {
  if (isReturning(ctx, replica)) return !replica.isLoading;
  const wait = selfMadeMasterWaitMs(ctx);
  return quietFor(ctx, replica, wait) && elapsed(ctx, replica.roleReportedSince, wait);
}

function actOnReplica(ctx: Context, replica: Replica): void {
  repairUpstream(ctx, replica);
  followReconfiguration(ctx, replica);
}

/**
 * It follows somebody else than the master for longer than a failover may take [REPAIR-UPSTREAM], or hangs in a
 * FAILOVER of its own for as long [COORD-STUCK].
 */
function repairUpstream(ctx: Context, replica: Replica): void {
  const { master, upstreamHost, upstreamPort } = replica;
  if (upstreamHost === null || replica.reconf !== "none") return;
  if (!isKnownHost(ctx, upstreamHost)) return requestResolve(ctx, upstreamHost);
  const wait = master.settings.failoverTimeoutMs;
  const isElsewhere = !namesAddress(ctx, master.address, upstreamHost, upstreamPort);
  const isWrong = isElsewhere && elapsed(ctx, replica.upstreamChangedAt, wait);
  const isStuck = replica.isHandingOver && elapsed(ctx, replica.handingOverSince, wait);
  if (!isWrong && !isStuck) return;
  if (!isSane(ctx, master) || !quietFor(ctx, replica, wait)) return;
  repair(ctx, replica, "+fix-slave-config");
}

/** Points a server at its master; one that refuses is told again after an INFO period [D-REFUSES-ROLE]. */
function repair(ctx: Context, replica: Replica, name: string): void {
  if (isMisnamed(replica) || mayNotBeTold(ctx, replica) || isForeign(ctx, replica)) return;
  if (followOtherName(ctx, replica) || leaveToOtherName(ctx, replica)) return;
  if (!elapsed(ctx, replica.repairedAt, ctx.state.periods.infoPeriod)) return;
  if (!replicateFrom(ctx, replica, replica.master)) return;
  replica.repairedAt = ctx.now;
  event(ctx, "notice", name, replica);
}

/** Progress of a replica that the running failover pointed at the promoted one. */
function followReconfiguration(ctx: Context, replica: Replica): void {
  const promoted = replica.master.failover?.promoted;
  if (!promoted || replica.upstreamHost === null) return;
  if (replica.reconf === "sent") {
    if (!namesAddress(ctx, promoted.address, replica.upstreamHost, replica.upstreamPort)) return;
    replica.reconf = "inprog";
    event(ctx, "notice", "+slave-reconf-inprog", replica);
  }
  if (replica.reconf === "inprog" && replica.upstreamLinkUp) {
    replica.reconf = "done";
    event(ctx, "notice", "+slave-reconf-done", replica);
  }
}

/**
 * The master looks healthy, so our configuration may be imposed (sentinelMasterLooksSane)
 * [REPAIR-SANE] [I10].
 */
function isSane(ctx: Context, master: Master): boolean {
  const freshMs = 2 * ctx.state.periods.infoPeriod;
  const isFresh = master.infoAt !== null && ctx.now - master.infoAt < freshMs;
  return master.roleReported === "master" && !master.sdown && !master.odown && isFresh;
}

/**
 * No down period of the replica began within the span: there was time for a newer configuration
 * to reach us (sentinelRedisInstanceNoDownFor).
 */
function quietFor(ctx: Context, instance: Instance, span: Millis): boolean {
  return elapsed(ctx, instance.sdownSince, span);
}
