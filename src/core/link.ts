import { type Context, elapsed, newId } from "./context.ts";
import { CONNECT_TIMEOUT_MS } from "./defaults.ts";
import { event } from "./event.ts";
import { hostKey, requestResolve } from "./resolve.ts";
import type { Connection, Instance, InstanceLink, Millis, PeerSentinel } from "./state.ts";

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
    openedAt: { command: null, pubsub: null },
  };
}

/** A required connection is missing; one being opened counts as there. */
export function isDisconnected(instance: Instance): boolean {
  const { command, pubsub } = instance.link;
  return command === null || (instance.kind !== "sentinel" && pubsub === null);
}

/**
 * As clients are shown it: until all its connections are up. Upstream counts one being opened as
 * there, but opens it in a tick, by the end of which a dead server has refused it; ours are opened at
 * once. A client that sees a dead server without this flag connects to it and waits (node-redis:
 * until the server is back).
 */
export function showsDisconnected({ kind, link }: Instance): boolean {
  return !link.command?.up || (kind !== "sentinel" && !link.pubsub?.up);
}

/** Since when it has answered nothing that says alive; null while nothing is awaited of it. */
export function silentSince({ command, pingPendingSince, lastValidPongAt }: InstanceLink) {
  return pingPendingSince ?? (command === null ? lastValidPongAt : null);
}

type Purpose = "command" | "pubsub";

/** Which connections a record needs. */
function connectionsOf({ kind }: Instance): readonly Purpose[] {
  return kind === "sentinel" ? ["command"] : ["command", "pubsub"];
}

/** Each is opened at most once per ping-period; both may have been lost at once. */
function openableAt(ctx: Context, link: InstanceLink, purpose: Purpose): Millis {
  const at = link.openedAt[purpose];
  return at === null ? ctx.now : at + ctx.state.periods.pingPeriod;
}

/** When something that is missing may be opened; infinite: nothing is missing. */
export function reopenAt(ctx: Context, instance: Instance): Millis {
  let at = Number.POSITIVE_INFINITY;
  for (const purpose of connectionsOf(instance)) {
    if (!instance.link[purpose]) at = Math.min(at, openableAt(ctx, instance.link, purpose));
  }
  return at;
}

/** Opens what is missing and due (sentinelReconnectInstance). */
export function reconnect(ctx: Context, instance: Instance): void {
  const { link, address } = instance;
  if (address.port === 0 || reopenAt(ctx, instance) > ctx.now) return;
  requestResolve(ctx, address.host);
  for (const purpose of connectionsOf(instance)) {
    if (link[purpose] || openableAt(ctx, link, purpose) > ctx.now) continue;
    link.openedAt[purpose] = ctx.now;
    if (address.ip !== null) link[purpose] = open(ctx, instance, purpose, address.ip);
  }
}

function open(ctx: Context, instance: Instance, purpose: Purpose, ip: string): Connection {
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
  commandLost(ctx, link);
}

/** The silence begins here and ends with a valid answer only, not with the next attempt to connect. */
function commandLost(ctx: Context, link: InstanceLink): void {
  link.command = null;
  link.pending.clear();
  link.pingPendingSince ??= ctx.now;
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
  if (purpose === "command") commandLost(ctx, link);
  else link.pubsub = null;
  const [owner] = link.owners;
  const name = purpose === "command" ? "-cmd-link-reconnection" : "-pubsub-link-reconnection";
  if (owner) event(ctx, "debug", name, owner, ` #${reason}`);
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
  instance.link.openedAt = { command: null, pubsub: null };
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
  if (isFirst) link.openedAt = { command: null, pubsub: null };
  reconnect(ctx, instance);
  return true;
}
