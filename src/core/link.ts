import { type Context, elapsed, newId } from "./context.ts";
import {
  AWAITED_INFO_PERIOD_MS,
  CONNECT_TIMEOUT_MS,
  FAST_INFO_PERIOD_MS,
  HELLO_CHANNEL,
  MAX_PENDING_COMMANDS,
} from "./defaults.ts";
import { event, masterOf } from "./event.ts";
import { formatHello } from "./hello-message.ts";
import type { Reply } from "./reply.ts";
import { hostKey, requestResolve } from "./resolve.ts";
import type {
  Connection,
  Instance,
  InstanceLink,
  Millis,
  PeerSentinel,
  PendingRequest,
  RedisInstance,
  RequestId,
} from "./state.ts";

export function createLink(now: Millis): InstanceLink {
  return {
    owners: new Set(),
    command: null,
    pubsub: null,
    pending: new Map(),
    pubsubActivityAt: null,
    lastValidPongAt: now,
    pingPendingSince: now,
    lastPingAt: null,
    lastPongAt: now,
    lastReconnectAt: null,
  };
}

/** A required connection is missing; one being opened counts as there. */
export function isDisconnected(instance: Instance): boolean {
  const { command, pubsub } = instance.link;
  return command === null || (instance.kind !== "sentinel" && pubsub === null);
}

/** Opens what is missing, at most once per ping-period (sentinelReconnectInstance). */
export function reconnect(ctx: Context, instance: Instance): void {
  const { link, address } = instance;
  if (!isDisconnected(instance) || address.port === 0) return;
  if (link.lastReconnectAt !== null && !elapsedPeriod(ctx, link.lastReconnectAt)) return;
  link.lastReconnectAt = ctx.now;
  requestResolve(ctx, address.host);
  if (address.ip === null) return;
  if (!link.command) {
    link.command = open(ctx, instance, "command", address.ip);
    link.pending.clear();
    link.pingPendingSince ??= ctx.now;
  }
  if (!link.pubsub && instance.kind !== "sentinel") {
    link.pubsub = open(ctx, instance, "pubsub", address.ip);
  }
}

function elapsedPeriod(ctx: Context, since: Millis): boolean {
  return ctx.now - since >= ctx.state.periods.pingPeriod;
}

function open(
  ctx: Context,
  instance: Instance,
  purpose: "command" | "pubsub",
  ip: string,
): Connection {
  const id = newId(ctx);
  const { host, port } = instance.address;
  ctx.state.connections.set(id, { link: instance.link, purpose });
  ctx.effects.push({ type: "connect", connection: id, purpose, host, ip, port });
  return { id, openedAt: ctx.now, up: false, localIp: null, subscribeRequest: null };
}

function close(ctx: Context, connection: Connection | null): void {
  if (!connection) return;
  ctx.state.connections.delete(connection.id);
  ctx.effects.push({ type: "disconnect", connection: connection.id });
}

export function closeCommand(ctx: Context, link: InstanceLink): void {
  close(ctx, link.command);
  link.command = null;
  link.pending.clear();
}

export function closePubsub(ctx: Context, link: InstanceLink): void {
  close(ctx, link.pubsub);
  link.pubsub = null;
}

export function closeLink(ctx: Context, link: InstanceLink): void {
  closeCommand(ctx, link);
  closePubsub(ctx, link);
}

/** A removed record leaves its link; the last one closes it. Its unanswered commands are void. */
export function leaveLink(ctx: Context, instance: Instance): void {
  const { link } = instance;
  link.owners.delete(instance);
  for (const [id, request] of link.pending) {
    if (request.owner === instance) link.pending.delete(id);
  }
  if (link.owners.size === 0) closeLink(ctx, link);
  instance.link = createLink(ctx.now);
}

/**
 * Gives a record the live link of the record that watched the same server before. A PING under way
 * counts for the new one; other answers were questions of the old one.
 */
export function inheritLink(ctx: Context, heir: Instance, link: InstanceLink): void {
  leaveLink(ctx, heir);
  heir.link = link;
  link.owners.clear();
  link.owners.add(heir);
  for (const [id, { kind }] of link.pending) {
    link.pending.set(id, { kind: kind === "ping" ? "ping" : "ignored", owner: heir });
  }
}

/** Gives a record the link that its Sentinel already has. */
export function shareLink(ctx: Context, peer: PeerSentinel, link: InstanceLink): void {
  leaveLink(ctx, peer);
  peer.link = link;
  link.owners.add(peer);
}

/** The connection failed or was closed by the other side. */
export function connectionLost(ctx: Context, id: number, reason: string): void {
  const found = ctx.state.connections.get(id);
  if (!found) return;
  ctx.state.connections.delete(id);
  const { link, purpose } = found;
  link[purpose] = null;
  if (purpose === "command") link.pending.clear();
  const [owner] = link.owners;
  const name = purpose === "command" ? "-cmd-link-reconnection" : "-pubsub-link-reconnection";
  if (owner) event(ctx, "debug", name, owner, ` #${reason}`);
}

/** Any reply on a subscription shows that it lives; a refused SUBSCRIBE makes it useless. */
export function hearPubsubReply(
  ctx: Context,
  link: InstanceLink,
  request: RequestId,
  reply: Reply,
): void {
  link.pubsubActivityAt = ctx.now;
  const { pubsub } = link;
  if (!pubsub || reply.type !== "error" || pubsub.subscribeRequest !== request) return;
  ctx.effects.push({ type: "disconnect", connection: pubsub.id });
  connectionLost(ctx, pubsub.id, reply.text);
}

/** Established: authenticate, name ourselves, and ask or subscribe at once. */
export function connectionUp(ctx: Context, id: number, localIp: string): void {
  const found = ctx.state.connections.get(id);
  const [owner] = found?.link.owners ?? [];
  const connection = found?.link[found.purpose];
  if (!found || !owner || !connection) return;
  connection.up = true;
  connection.localIp = localIp;
  greet(ctx, owner, connection, found.purpose === "command" ? "cmd" : "pubsub");
  if (found.purpose === "pubsub") {
    connection.subscribeRequest = write(ctx, owner, connection, ["SUBSCRIBE", HELLO_CHANNEL]);
    return;
  }
  sendPing(ctx, owner);
  for (const one of found.link.owners) sendDue(ctx, one);
}

function greet(ctx: Context, owner: Instance, connection: Connection, suffix: string): void {
  const credentials = credentialsFor(ctx, owner);
  if (credentials) write(ctx, owner, connection, ["AUTH", ...credentials]);
  const name = `sentinel-${ctx.state.myId.slice(0, 8)}-${suffix}`;
  write(ctx, owner, connection, ["CLIENT", "SETNAME", name]);
}

/** The words after AUTH, or null (sentinelSendAuthIfNeeded). */
function credentialsFor(ctx: Context, instance: Instance): string[] | null {
  const { sentinelUser, sentinelPass, requirepass } = ctx.state.settings;
  if (instance.kind === "sentinel") {
    if (sentinelPass) return sentinelUser ? [sentinelUser, sentinelPass] : [sentinelPass];
    return requirepass ? [requirepass] : null;
  }
  const { authUser, authPass } = masterOf(instance);
  if (!authPass) return null;
  return authUser ? [authUser, authPass] : [authPass];
}

/** Puts one command on a connection under the name that the server knows it by. */
function write(
  ctx: Context,
  owner: Instance,
  connection: Connection,
  [name = "", ...rest]: readonly string[],
): RequestId {
  const request = newId(ctx);
  const [, renamed] = masterOf(owner).renamedCommands.get(name.toLowerCase()) ?? [name, name];
  ctx.effects.push({
    type: "send",
    connection: connection.id,
    request,
    args: [renamed, ...rest],
    subscribes: name === "SUBSCRIBE",
  });
  return request;
}

/** Sends on the command connection; null while it is not established. */
export function send(
  ctx: Context,
  owner: Instance,
  kind: PendingRequest["kind"],
  words: readonly string[],
): RequestId | null {
  const { command, pending } = owner.link;
  if (!command?.up) return null;
  const request = write(ctx, owner, command, words);
  pending.set(request, { kind, owner });
  return request;
}

/** PING, INFO and hello, each when its period says so (sentinelSendPeriodicCommands). */
export function sendDue(ctx: Context, instance: Instance): void {
  const { link } = instance;
  if (!link.command?.up || link.pending.size >= MAX_PENDING_COMMANDS * link.owners.size) return;
  if (instance.kind !== "sentinel" && elapsed(ctx, instance.infoAt, infoPeriod(ctx, instance))) {
    sendInfo(ctx, instance);
  }
  const period = Math.min(instance.downAfterMs, ctx.state.periods.pingPeriod);
  if (elapsed(ctx, link.lastPongAt, period) && elapsed(ctx, link.lastPingAt, period / 2)) {
    sendPing(ctx, instance);
  }
  if (elapsed(ctx, instance.lastHelloSentAt, ctx.state.periods.publishPeriod)) {
    sendHello(ctx, instance);
  }
}

function sendPing(ctx: Context, instance: Instance): void {
  const { link } = instance;
  if (send(ctx, instance, "ping", ["PING"]) === null) return;
  link.pingPendingSince ??= ctx.now;
  link.lastPingAt = ctx.now;
}

/** Asks for INFO unless an answer is already on its way. */
export function sendInfo(ctx: Context, server: RedisInstance): void {
  if (isPending(server, server.infoRequest)) return;
  server.infoRequest = send(ctx, server, "info", ["INFO"]);
}

export function isPending(instance: Instance, request: RequestId | null): boolean {
  return request !== null && instance.link.pending.has(request);
}

/**
 * How old the last INFO may get. One second when a failover is near or running, already from SDOWN
 * on, so that the selection sees fresh data; a tenth of it for the replicas it waits for.
 */
function infoPeriod(ctx: Context, server: RedisInstance): Millis {
  const slow = ctx.state.periods.infoPeriod;
  if (server.kind === "master") return slow;
  const { failover, sdown, odown } = server.master;
  const awaitsPromotion = failover?.step === "wait_promotion" && failover.promoted === server;
  const awaitsSync = server.reconf === "sent" || server.reconf === "inprog";
  if (awaitsPromotion || awaitsSync) return Math.min(AWAITED_INFO_PERIOD_MS, slow);
  const isUrgent = sdown || odown || failover !== null || server.masterLinkDownMs !== 0;
  return isUrgent ? Math.min(FAST_INFO_PERIOD_MS, slow) : slow;
}

/** Publishes our hello through an instance, unless what it would say is not on disk yet. */
function sendHello(ctx: Context, instance: Instance): void {
  const master = masterOf(instance);
  if (master.configUnsaved || isPending(instance, instance.helloRequest)) return;
  const hello = formatHello(ctx, instance);
  if (!hello) return;
  instance.helloRequest = send(ctx, instance, "hello", ["PUBLISH", HELLO_CHANNEL, hello]);
  // An urgent one stays due until it is answered, but is no longer urgent.
  instance.lastHelloSentAt ??= ctx.now - ctx.state.periods.publishPeriod - 1;
}

/** Accepted: the next one is due in a period. Refused: once more after a ping-period. */
export function hearHelloReply(ctx: Context, instance: Instance, accepted: boolean): void {
  const { publishPeriod, pingPeriod } = ctx.state.periods;
  if (instance.lastHelloSentAt === null) {
    sendDue(ctx, instance);
    return;
  }
  instance.lastHelloSentAt = accepted ? ctx.now : ctx.now - publishPeriod + pingPeriod;
}

/** What a server or a Sentinel answered to PING, if it shows that it is alive. */
export function hearPong(ctx: Context, instance: Instance, reply: Reply): void {
  const { link } = instance;
  const text = "text" in reply ? reply.text : "";
  link.lastPongAt = ctx.now;
  if (/^(PONG|LOADING|MASTERDOWN)/.test(text)) {
    link.lastValidPongAt = ctx.now;
    link.pingPendingSince = null;
    if (instance.kind === "master" && text.startsWith("PONG")) instance.rebootSince = null;
  } else if (text.startsWith("BUSY") && instance.sdown && !instance.scriptKillSent) {
    instance.scriptKillSent = send(ctx, instance, "ignored", ["SCRIPT", "KILL"]) !== null;
  }
}

/** Replaces connections that are silent for too long (not in TILT). */
export function closeStale(ctx: Context, instance: Instance): void {
  const { link } = instance;
  const { minLinkReconnectPeriod, publishPeriod } = ctx.state.periods;
  const { command, pubsub } = link;
  const half = Math.floor(instance.downAfterMs / 2);
  const isOld = (connection: Connection) =>
    elapsed(ctx, connection.openedAt, minLinkReconnectPeriod);
  const silent =
    link.pingPendingSince !== null &&
    elapsed(ctx, link.pingPendingSince, half) &&
    elapsed(ctx, link.lastPongAt, half);
  if (command && isOld(command) && silent) closeCommand(ctx, link);
  const deaf = elapsed(ctx, link.pubsubActivityAt, 3 * publishPeriod);
  if (pubsub && isOld(pubsub) && deaf) closePubsub(ctx, link);
}

/** Gives up attempts to connect that nobody answers, also in TILT. */
export function closeUnanswered(ctx: Context, { link }: Instance): void {
  const isHung = (connection: Connection | null) =>
    connection && !connection.up && elapsed(ctx, connection.openedAt, CONNECT_TIMEOUT_MS);
  if (isHung(link.command)) closeCommand(ctx, link);
  if (isHung(link.pubsub)) closePubsub(ctx, link);
}

/** Another address for the same record: the connections to the old one are of no use. */
export function moveInstance(ctx: Context, instance: Instance, address: Instance["address"]): void {
  instance.address = address;
  instance.link.lastReconnectAt = null;
  closeLink(ctx, instance.link);
}

/** A name that now resolves elsewhere moves an instance that bears it and cannot be reached. */
export function applyResolvedAddress(ctx: Context, instance: Instance, host: string): boolean {
  const { address, link } = instance;
  const ip = ctx.state.hosts.get(host)?.ip ?? null;
  if (hostKey(address.host) !== host || ip === null || address.ip === ip) return false;
  if (link.command?.up) return false;
  const isFirst = address.ip === null;
  instance.address = { ...address, ip };
  closeLink(ctx, link);
  if (isFirst) link.lastReconnectAt = null;
  reconnect(ctx, instance);
  return true;
}
