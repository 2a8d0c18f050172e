import { type Context, elapsed, newId } from "./context.ts";
import { elapsedAt, NEVER } from "./deadline.ts";
import { CONNECT_TIMEOUT_MS, MIN_PING_PERIOD_MS, RETURNING_DIAL_MS } from "./defaults.ts";
import { isDoubtful } from "./doubt.ts";
import { event } from "./event.ts";
import { MAX_SENTINEL_LINKS, MIN_LINKS_OF_MASTER } from "./limits.ts";
import type { Connection, InstanceLink, Opening, PendingRequest, Purpose } from "./link-state.ts";
import type { RoleOrder } from "./order-state.ts";
import { isAwaitedBack } from "./reigns.ts";
import { hostKey, requestResolve } from "./resolve.ts";
import type { ConnectionId, Instance, Millis, PeerSentinel, RedisInstance } from "./state.ts";
import { noteTrouble } from "./trouble.ts";

export function createLink(now: Millis): InstanceLink {
  return {
    owners: new Set(),
    command: null,
    pubsub: null,
    aside: null,
    pending: new Map(),
    pubsubActivityAt: null,
    lastValidPongAt: now,
    backAt: null,
    trouble: null,
    toldTroubles: new Set(),
    pingPendingSince: now,
    lastPingAt: null,
    lastPongAt: now,
    droppedAt: null,
    isOurs: null,
    makeRequest: null,
    opened: neverOpened(),
  };
}

export function neverOpened(): InstanceLink["opened"] {
  return { command: null, pubsub: null, aside: null };
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
 * until the server is back). A replica that ended its connections, and has refused none since, is shown
 * as there: whoever makes it follow another master ends them all (CLIENT KILL), those of clients too, which
 * then ask us at once and would leave it out for good [D-DISCONNECTED].
 */
export function showsDisconnected(instance: Instance): boolean {
  return connectionsOf(instance).some((purpose) => {
    const { [purpose]: connection, opened } = instance.link;
    return !connection?.up && !(instance.kind === "replica" && opened[purpose]?.wasDropped);
  });
}

/** Since when it has answered nothing that says alive; null while nothing is awaited of it. */
export function silentSince({ command, pingPendingSince, lastValidPongAt }: InstanceLink) {
  return pingPendingSince ?? (command === null ? lastValidPongAt : null);
}

/** Which connections a record needs. */
function connectionsOf({ kind }: Instance): readonly ("command" | "pubsub")[] {
  return kind === "sentinel" ? ["command"] : ["command", "pubsub"];
}

/**
 * A tenth of down-after, so that a hang is noticed soon after it begins [D-DEADLINES],
 * but never slower than upstream, nor more often in all than once per millisecond.
 */
export function pingPeriod({ state }: Context, { downAfterMs }: Instance): Millis {
  const slow = Math.min(downAfterMs, state.periods.pingPeriod);
  const fast = Math.max(MIN_PING_PERIOD_MS, downAfterMs / 10, state.connections.size);
  return Math.floor(Math.min(slow, fast));
}

/**
 * When it may be opened again; both may have been lost at once. One that was dropped right after it was
 * opened must not wait until its server counts as down; one that ends each time costs no more than one
 * attempt a second, as upstream [D-RECONNECT].
 */
export function openableAt(ctx: Context, instance: Instance, purpose: Purpose): Millis {
  const last = instance.link.opened[purpose];
  return last === null ? ctx.now : last.at + againAfterMs(ctx, instance, last);
}

/**
 * The wait begins with that between PINGs and doubles, to half of down-after at most while the server
 * counts as up. Of today's down-after, which may have been set since.
 */
function againAfterMs(ctx: Context, instance: Instance, { before }: Opening): Millis {
  if (isAwaitedBack(instance, ctx.now)) {
    return Math.max(RETURNING_DIAL_MS, ctx.state.connections.size);
  }
  const usual = ctx.state.periods.pingPeriod;
  const least = pingPeriod(ctx, instance);
  const most = instance.sdown ? usual : Math.min(usual, Math.floor(instance.downAfterMs / 2));
  return Math.max(least, Math.min(least * 2 ** before, most));
}

export function noteOpening({ state, now }: Context, { link }: Instance, purpose: Purpose): void {
  const last = link.opened[purpose];
  const isFirst = last === null || now - last.at >= 2 * state.periods.pingPeriod;
  const wasDropped = last?.wasDropped ?? false;
  link.opened[purpose] = { at: now, before: isFirst ? 0 : last.before + 1, wasDropped };
}

/**
 * Whether it may have connections at all: made-up replicas and Sentinels of one master, each at a port
 * that listens, must not take the descriptors of the others. Those known longest come first.
 */
function mayConnect({ state }: Context, { kind, rank }: Instance): boolean {
  if (kind === "master") return true;
  const share = Math.floor(state.settings.maxLinks / Math.max(1, state.masters.size));
  const most = Math.max(MIN_LINKS_OF_MASTER, share);
  // A replica takes two: half of them for either kind.
  return kind === "replica" ? rank < most / 4 : rank < Math.min(MAX_SENTINEL_LINKS, most / 2);
}

/** When something that is missing may be opened; never, if nothing is missing, or may be. */
export function reopenAt(ctx: Context, instance: Instance): Millis {
  let at = NEVER;
  if (instance.address.port === 0 || !isDisconnected(instance)) return at;
  if (!mayConnect(ctx, instance)) return at;
  for (const purpose of connectionsOf(instance)) {
    if (!instance.link[purpose]) at = Math.min(at, openableAt(ctx, instance, purpose));
  }
  return at;
}

/** Opens what is missing and due (sentinelReconnectInstance). */
export function reconnect(ctx: Context, instance: Instance): void {
  const { link, address } = instance;
  if (reopenAt(ctx, instance) > ctx.now) return;
  requestResolve(ctx, address.host);
  for (const purpose of connectionsOf(instance)) {
    if (link[purpose] || openableAt(ctx, instance, purpose) > ctx.now) continue;
    noteOpening(ctx, instance, purpose);
    if (address.ip !== null) link[purpose] = open(ctx, instance, purpose, address.ip);
  }
}

/** Gives up the command connection, whatever its state, and opens a new one at once. */
export function redial(ctx: Context, instance: Instance): void {
  closeCommand(ctx, instance.link);
  instance.link.opened.command = null;
  reconnect(ctx, instance);
}

export function open(ctx: Context, instance: Instance, purpose: Purpose, ip: string): Connection {
  const id = newId<ConnectionId>(ctx);
  const { host, port } = instance.address;
  ctx.state.connections.set(id, { link: instance.link, purpose });
  const kind = purpose === "pubsub" ? purpose : "command";
  ctx.effects.push({ type: "connect", connection: id, purpose: kind, host, ip, port });
  const openedAt = ctx.now;
  return { id, openedAt, up: false, answered: false, localIp: null, subscribeRequest: null };
}

function close(ctx: Context, connection: Connection | null): void {
  if (!connection) return;
  ctx.state.connections.delete(connection.id);
  ctx.effects.push({ type: "disconnect", connection: connection.id });
}

function closeCommand(ctx: Context, link: InstanceLink): void {
  const { command } = link;
  close(ctx, command);
  noteDrop(link, "command", false);
  commandLost(ctx, link, command?.id);
}

function noteDrop({ opened }: InstanceLink, purpose: Purpose, wasDropped: boolean): void {
  const last = opened[purpose];
  if (last) last.wasDropped = wasDropped;
}

export function closeAside(ctx: Context, link: InstanceLink): void {
  const { aside } = link;
  close(ctx, aside);
  link.aside = null;
  forgetPending(link, aside?.id);
}

/** The silence begins here and ends with a valid answer only, not with the next attempt to connect. */
function commandLost(ctx: Context, link: InstanceLink, id: ConnectionId | undefined): void {
  link.command = null;
  forgetPending(link, id);
  link.pingPendingSince ??= ctx.now;
  // One that was being opened to take its place is opened as itself again.
  if (link.aside?.up === false) closeAside(ctx, link);
}

/** What was asked on a connection that is gone is not answered any more. */
function forgetPending({ pending }: InstanceLink, id: ConnectionId | undefined): void {
  for (const [request, { connection }] of pending) if (connection === id) pending.delete(request);
}

function closePubsub(ctx: Context, link: InstanceLink): void {
  close(ctx, link.pubsub);
  noteDrop(link, "pubsub", false);
  link.pubsub = null;
}

export function closeLink(ctx: Context, link: InstanceLink): void {
  closeCommand(ctx, link);
  closeAside(ctx, link);
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
 * Gives a record the live link of the record that watched the same server before, and the order to change its role
 * whose answer is awaited there: what it refuses is said. A PING under way counts for the new one; other answers were
 * questions of the old one.
 */
export function inheritLink(
  ctx: Context,
  heir: RedisInstance,
  link: InstanceLink,
  order: RoleOrder | null,
): void {
  leaveLink(ctx, heir);
  heir.link = link;
  heir.order = order;
  link.owners.clear();
  link.owners.add(heir);
  for (const [id, { kind, connection }] of link.pending) {
    link.pending.set(id, { kind: inherited(kind), owner: heir, connection });
  }
}

/** Commands of a role order (role-order.ts). */
const OF_AN_ORDER: ReadonlySet<PendingRequest["kind"]> = new Set([
  "multi",
  "slaveof",
  "rewrite",
  "kill",
  "unpause",
  "abort",
  "exec",
] as const);

function inherited(kind: PendingRequest["kind"]): PendingRequest["kind"] {
  if (kind === "ping" || OF_AN_ORDER.has(kind)) return kind;
  return kind === "hello" || kind === "old-hello" ? "old-hello" : "ignored";
}

/** Gives a record the link that its Sentinel already has. */
export function shareLink(ctx: Context, peer: PeerSentinel, link: InstanceLink): void {
  leaveLink(ctx, peer);
  peer.link = link;
  link.owners.add(peer);
}

/** Its connection was lost in a save: its answer with it, and it could not be asked again until now. */
function excuseDropped({ state, now }: Context, link: InstanceLink): void {
  if (link.pingPendingSince === null) return;
  link.pingPendingSince = Math.min(now, link.pingPendingSince + state.slowSavesMs);
}

/** The connection failed or was closed by the other side. */
export function connectionLost(ctx: Context, id: ConnectionId, reason: string): void {
  const found = ctx.state.connections.get(id);
  if (!found) return;
  ctx.state.connections.delete(id);
  const { link, purpose } = found;
  noteDrop(link, purpose, link[purpose]?.answered === true);
  if (purpose === "command") {
    if (link.command?.up) {
      link.droppedAt = ctx.now;
      excuseDropped(ctx, link);
    }
    commandLost(ctx, link, id);
  } else link[purpose] = null;
  if (purpose === "aside") return forgetPending(link, id);
  noteTrouble(ctx, link, reason);
  const [owner] = link.owners;
  const name = purpose === "command" ? "-cmd-link-reconnection" : "-pubsub-link-reconnection";
  if (owner) event(ctx, "debug", name, owner, ` #${reason}`);
}

/** Replaces connections that are silent for too long [LINK-STALE]. */
export function closeStale(ctx: Context, instance: Instance): void {
  const { link } = instance;
  const { minLinkReconnectPeriod, publishPeriod } = ctx.state.periods;
  const { command, pubsub, aside } = link;
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
  if (aside && elapsed(ctx, link.opened.aside?.at ?? null, minLinkReconnectPeriod))
    closeAside(ctx, link);
}

/** When an attempt to connect that nobody answers is given up [D-RECONNECT]. */
export function givenUpAt(connection: Connection | null): Millis {
  if (!connection || connection.up) return NEVER;
  return elapsedAt(connection.openedAt, CONNECT_TIMEOUT_MS);
}

/** Gives up attempts to connect that nobody answers, also in TILT. */
export function closeUnanswered(ctx: Context, { link }: Instance): void {
  const isHung = (connection: Connection | null) => ctx.now >= givenUpAt(connection);
  if (isHung(link.command)) {
    closeCommand(ctx, link);
    noteTrouble(ctx, link, `no connection within ${CONNECT_TIMEOUT_MS} ms`);
  }
  if (isHung(link.pubsub)) closePubsub(ctx, link);
  if (isHung(link.aside)) closeAside(ctx, link);
}

/** Another address for the same record: the connections to the old one are of no use. */
export function moveInstance(ctx: Context, instance: Instance, address: Instance["address"]): void {
  instance.address = address;
  instance.link.opened = neverOpened();
  closeLink(ctx, instance.link);
}

/**
 * A name that now resolves elsewhere moves an instance that bears it and cannot be reached, or is not what it
 * should be where it was reached [D-NAMES].
 */
export function applyResolvedAddress(ctx: Context, instance: Instance, host: string): boolean {
  const { address, link } = instance;
  const ip = ctx.state.hosts.get(host)?.ip ?? null;
  if (hostKey(address.host) !== host || ip === null || address.ip === ip) return false;
  if (link.command?.up) {
    if (instance.kind === "sentinel" || !isDoubtful(ctx, instance)) return false;
    forgetAnother(instance);
  }
  const isFirst = address.ip === null;
  if (instance.kind === "master" || (instance.kind === "replica" && link.command?.up)) {
    forgetRole(ctx, instance);
  }
  instance.address = { ...address, ip };
  closeLink(ctx, link);
  if (isFirst) link.opened = neverOpened();
  reconnect(ctx, instance);
  return true;
}

/** Whoever was there may have been another server, and its role no answer about this one [I13]. */
function forgetRole({ now }: Context, server: RedisInstance): void {
  server.roleReported = server.kind === "master" ? "master" : "slave";
  server.roleReportedSince = now;
  server.upstreamHost = null;
  server.upstreamLinkUp = false;
}

/** What was heard was heard of another server. */
function forgetAnother(server: RedisInstance): void {
  server.infoAt = null;
  server.history = null;
  if (server.kind !== "master") return;
  server.lineage.length = 0;
  server.lineageOf = null;
}
