import { makeAddress, sameAddress, shownHost } from "./address.ts";
import { type Context, elapsed, log } from "./context.ts";
import { UNREACHED_AFTER_MS } from "./defaults.ts";
import { votesNeeded } from "./election.ts";
import { findReplica } from "./records.ts";
import { isKnownHost } from "./resolve.ts";
import type { Address, Master, PeerSentinel, SentinelState } from "./state.ts";

/** What goes on being wrong is told again after this. */
const TELL_AGAIN_MS = 3_600_000;
/** The others have so long to answer before we say that too few are left. */
const TOO_FEW_AFTER_MS = 3_000;
/** So many are named in one line. */
const MAX_NAMED = 3;

/** Says in the log what an operator must know and no event tells; each of it once [D-TOLD]. */
export function complainAbout(ctx: Context, master: Master): void {
  tellTooFew(ctx, master);
  tellForeignMaster(ctx, master);
  tellUnreached(ctx, master);
}

/** The master is down, and no election can be won: too few Sentinels are there. */
function tellTooFew(ctx: Context, master: Master): void {
  const { sdown, sdownSince, told } = master;
  if (!sdown || told.tooFewFor === sdownSince || !elapsed(ctx, sdownSince, TOO_FEW_AFTER_MS))
    return;
  const there = 1 + [...master.sentinels.values()].filter(isThere).length;
  const needed = votesNeeded(master);
  if (there >= needed) return;
  told.tooFewFor = sdownSince;
  const all = master.sentinels.size + 1;
  const who = `${there} of ${all} Sentinels of ${master.name} answer, ourselves included`;
  const majority = Math.floor(all / 2) + 1;
  log(
    ctx,
    "warning",
    `No failover: ${who}; quorum ${master.settings.quorum}, majority ${majority}`,
  );
}

function isThere({ sdown, link, refusal }: PeerSentinel): boolean {
  return !sdown && link.command?.up === true && refusal === null;
}

/** Somebody made our master a replica of a server that is none of ours. */
function tellForeignMaster(ctx: Context, master: Master): void {
  const { roleReported, upstreamHost, upstreamPort, told } = master;
  if (roleReported !== "slave" || upstreamHost === null) {
    told.foreignUpstream = null;
    return;
  }
  const upstream = `${upstreamHost}:${upstreamPort}`;
  if (told.foreignUpstream === upstream || !isKnownHost(ctx, upstreamHost)) return;
  told.foreignUpstream = upstream;
  const address = makeAddress(ctx, upstreamHost, upstreamPort);
  if (address && findReplica(master, address)) return;
  const other = address && namedMaster(ctx.state, address);
  const whose = other ? `the master of ${other.name}` : "none of its servers";
  const what = `The master of ${master.name}, ${show(ctx.state, master.address)}, is a replica of`;
  log(ctx, "warning", `${what} ${upstream}, ${whose}`);
}

function namedMaster({ masters }: SentinelState, address: Address): Master | undefined {
  return [...masters.values()].find((one) => sameAddress(one.address, address));
}

/**
 * Sentinels that never answered at the address that they announce, or as another one. They count all
 * the same: others may reach them, and count on their votes. So the majority may be out of reach.
 */
function tellUnreached(ctx: Context, master: Master): void {
  if (!elapsed(ctx, master.told.unreachedAt, TELL_AGAIN_MS)) return;
  const isLong = ({ heardAt }: PeerSentinel) => elapsed(ctx, heardAt, UNREACHED_AFTER_MS);
  const unreached = unreachedOf(master).filter(isLong);
  if (unreached.length === 0) return;
  master.told.unreachedAt = ctx.now;
  const named = unreached.slice(0, MAX_NAMED).map(({ address }) => show(ctx.state, address));
  const more = unreached.length > MAX_NAMED ? ", ..." : "";
  const who = `${unreached.length} of ${master.sentinels.size} other Sentinels of ${master.name}`;
  const what = `${who} never answered as such at the address that they announce: ${named.join(", ")}${more}`;
  const advice = `If they are not yours, SENTINEL RESET ${master.name} forgets them`;
  log(ctx, "warning", `${what}. An election needs ${votesNeeded(master)} votes. ${advice}`);
}

/** Known by their hellos alone, in this life of ours. */
export function unreachedOf(master: Master): PeerSentinel[] {
  const unreached: PeerSentinel[] = [];
  for (const peer of master.sentinels.values()) {
    const { identity, heardAt } = peer;
    const isUnreached = identity === "unknown" || identity === "other";
    if (heardAt !== null && isUnreached) unreached.push(peer);
  }
  return unreached;
}

/**
 * A Sentinel elsewhere names a master at a loopback address, which is its own machine and not ours; true
 * if it must not be believed for that [D-LOOPBACK]. Its operator and ours are told.
 */
export function isLoopbackOfAnother(ctx: Context, peer: PeerSentinel, named: Address): boolean {
  const { master } = peer;
  const isElsewhere = !isLoopback(peer.address);
  if (isElsewhere && isLoopback(master.address))
    tellLoopback(ctx, master, "We name", master.address);
  if (!isElsewhere || !isLoopback(named) || isLoopback(master.address)) return false;
  tellLoopback(
    ctx,
    master,
    `Sentinel ${peer.runId} at ${show(ctx.state, peer.address)} names`,
    named,
  );
  return true;
}

function tellLoopback(ctx: Context, master: Master, who: string, address: Address): void {
  if (!elapsed(ctx, master.told.loopbackAt, TELL_AGAIN_MS)) return;
  master.told.loopbackAt = ctx.now;
  const what = `${show(ctx.state, address)} the master of ${master.name}`;
  const why = "which means another server to each Sentinel that runs on another machine";
  log(ctx, "warning", `${who} ${what}, ${why}. Monitor an address that all of them reach`);
}

function isLoopback({ ip }: Address): boolean {
  return ip !== null && (ip.startsWith("127.") || ip === "::1");
}

function show({ settings }: SentinelState, address: Address): string {
  return `${shownHost(settings, address) || address.host}:${address.port}`;
}

/** What is said to a Sentinel, and the field that keeps its refusal. */
type Said = "refusal" | "helloRefusal";
const RIGHTS: Readonly<Record<Said, string>> = {
  refusal: "SENTINEL is-master-down-by-addr",
  helloRefusal: "PUBLISH to __sentinel__:hello",
};

/**
 * A Sentinel answers a question or a hello with an error, mostly for want of a right. Nothing else would
 * tell, and one that answers no question is as good as down. Null: it took it.
 */
export function noteRefusal(
  ctx: Context,
  peer: PeerSentinel,
  said: Said,
  reason: string | null,
): void {
  const isNew = reason !== null && reason !== peer[said];
  peer[said] = reason;
  if (!isNew) return;
  const who = `Sentinel ${peer.runId} at ${show(ctx.state, peer.address)}`;
  const advice = `Its ACL must allow us ${RIGHTS[said]}, or we must authenticate (sentinel-pass)`;
  log(ctx, "warning", `${who} refuses what we say about ${peer.master.name}: ${reason}. ${advice}`);
}
