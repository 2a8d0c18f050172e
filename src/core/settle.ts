import { namesAddress, sameAddress, shownHost } from "./address.ts";
import { type Context, elapsed, log, save } from "./context.ts";
import { DISAGREEMENT_PATIENCE_MS, SETTLE_RETRY_MS, SETTLE_STAGGER_MS } from "./defaults.ts";
import { event } from "./event.ts";
import { standingTrouble, standToSettle } from "./failover/start.ts";
import type { HelloMessage } from "./hello-message.ts";
import { endFailover } from "./instance.ts";
import { isPaused } from "./pause.ts";
import { currentAddress, dissentOf, findReplica } from "./records.ts";
import type { Address, Failover, Master, Millis, PeerSentinel, RedisInstance } from "./state.ts";
import { reconfigScript, switchMaster } from "./switch-master.ts";
import { makeHellosUrgent } from "./urgent-hellos.ts";

/** A disagreement that lasts is told again after this. */
const WARN_AGAIN_MS = 60_000;

/**
 * A hello whose configuration is neither newer nor older than ours: whether it names the same master.
 * Upstream never changes its mind then. It happens after two forced failovers in a partition, which
 * took one epoch, and where the files of Sentinels began with different masters.
 */
export function noteDissent(
  ctx: Context,
  peer: PeerSentinel,
  { configEpoch, masterHost, masterPort }: HelloMessage,
  named: Address | null,
): void {
  const { master } = peer;
  const agrees = namesAddress(ctx, currentAddress(master), masterHost, masterPort);
  if (configEpoch !== master.configEpoch || agrees || !named?.ip) {
    peer.dissent = null;
    return;
  }
  const { dissent } = peer;
  const isSame = dissent?.configEpoch === configEpoch && sameAddress(dissent.address, named);
  if (!isSame) peer.dissent = { address: named, configEpoch, since: ctx.now };
}

/** One who named another master for so long that a newer configuration would have arrived. */
function dissenter({ state, now }: Context, master: Master): PeerSentinel | null {
  const freshMs = 3 * state.periods.publishPeriod;
  for (const peer of master.sentinels.values()) {
    const dissent = dissentOf(peer);
    const isLasting = dissent !== null && now - dissent.since >= DISAGREEMENT_PATIENCE_MS;
    if (isLasting && now - peer.lastHelloAt < freshMs) return peer;
  }
  return null;
}

/** The sentence about a disagreement, with both addresses; null if there is none. */
export function disagreement(ctx: Context, master: Master): string | null {
  const peer = dissenter(ctx, master);
  if (!peer?.dissent) return null;
  const show = (one: Address) => `${shownHost(ctx.state.settings, one)}:${one.port}`;
  const theirs = `Sentinel ${peer.runId} names ${show(peer.dissent.address)} the master of ${master.name}`;
  const ours = `we name ${show(currentAddress(master))}`;
  return `${theirs} and ${ours}, both in config epoch ${master.configEpoch}`;
}

/**
 * Settles a disagreement where the servers' own roles allow it. If ours follows the one that they
 * name, they are right, and we join them. If ours is a master, and theirs one of its servers, we stand
 * for a new epoch, in which ours is the master: nobody else can name one in it [D-SETTLE]. If neither is one,
 * all of us take the lesser address, and agree that it is down.
 */
export function settleIfDue(ctx: Context, master: Master): void {
  if (master.failover) return;
  const peer = dissenter(ctx, master);
  if (!peer?.dissent) return;
  warn(ctx, master);
  const theirs = peer.dissent.address;
  const isTheirs = followsFor(ctx, master, theirs) || isLeftToTheirs(ctx, master, theirs);
  if (isTheirs) return join(ctx, master, peer, theirs);
  if (isPaused(ctx, master)) return;
  if (master.sdown || !isMasterNow(ctx, master) || !findReplica(master, theirs)) return;
  if (ctx.now >= turnAt(ctx, master) && standingTrouble(ctx) === null) standToSettle(ctx, master);
}

function warn(ctx: Context, master: Master): void {
  if (!elapsed(ctx, master.disagreementToldAt, WARN_AGAIN_MS)) return;
  master.disagreementToldAt = ctx.now;
  log(ctx, "warning", `${disagreement(ctx, master)}`);
}

/** The server that we name is a replica, in sync, of the one that they name. */
function followsFor(ctx: Context, master: Master, theirs: Address): boolean {
  const { roleReported, upstreamHost, upstreamPort, upstreamLinkUp } = master;
  if (roleReported !== "slave" || !upstreamLinkUp || upstreamHost === null) return false;
  const other = findReplica(master, theirs);
  const isMaster = other === undefined || other.roleReported === "master";
  return isMaster && isFresh(ctx, master) && namesAddress(ctx, theirs, upstreamHost, upstreamPort);
}

/**
 * Each side made the other's master a replica. Nobody could be elected for ever, since votes are about an address:
 * those who name the greater one join the others.
 */
function isLeftToTheirs(ctx: Context, master: Master, theirs: Address): boolean {
  const other = findReplica(master, theirs);
  const isReplica = (one: RedisInstance) => one.roleReported === "slave" && isFresh(ctx, one);
  if (!other || !isReplica(other) || !isReplica(master)) return false;
  return compareAddresses(theirs, currentAddress(master)) < 0;
}

function compareAddresses(a: Address, b: Address): number {
  const [one, two] = [a.ip ?? a.host, b.ip ?? b.host];
  if (one !== two) return one < two ? -1 : 1;
  return a.port - b.port;
}

function isMasterNow(ctx: Context, master: Master): boolean {
  return master.roleReported === "master" && isFresh(ctx, master);
}

function isFresh({ state, now }: Context, { infoAt }: RedisInstance): boolean {
  return infoAt !== null && now - infoAt < 2 * state.periods.infoPeriod;
}

function join(ctx: Context, master: Master, peer: PeerSentinel, address: Address): void {
  event(ctx, "warning", "+config-update-from", peer);
  const old = master.address;
  switchMaster(ctx, master, address);
  reconfigScript(ctx, master, "observer", old, address);
}

/** One after the other, as candidates do. */
function turnAt(ctx: Context, master: Master): Millis {
  let since = ctx.now;
  let before = 0;
  for (const peer of master.sentinels.values()) {
    since = Math.min(since, dissentOf(peer)?.since ?? since);
    if (peer.runId < ctx.state.myId && !peer.sdown) before++;
  }
  const at = since + DISAGREEMENT_PATIENCE_MS + before * SETTLE_STAGGER_MS;
  return Math.max(at, master.settleAt ?? at);
}

/** Whether what we stand for is still so; if not, it ends without a word to anybody. */
export function isWorthSettling(ctx: Context, master: Master): boolean {
  return !master.sdown && isMasterNow(ctx, master) && dissenter(ctx, master) !== null;
}

export function giveUpSettling(ctx: Context, master: Master): false {
  endFailover(master);
  master.settleAt = ctx.now + SETTLE_RETRY_MS + ctx.random.below(SETTLE_RETRY_MS);
  return false;
}

/** Elected: this epoch is ours alone, and names the master that is one. */
export function settle(ctx: Context, master: Master, { epoch }: Failover): false {
  endFailover(master);
  master.configEpoch = epoch;
  master.configUnsaved = true;
  save(ctx);
  event(ctx, "warning", "+config-settled", master, ` ${epoch}`);
  makeHellosUrgent(master);
  return false;
}
