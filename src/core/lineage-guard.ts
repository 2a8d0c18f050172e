import { makeAddress, namesAddress } from "./address.ts";
import type { Context } from "./context.ts";
import { event } from "./event.ts";
import type { Guards } from "./guards.ts";
import { claimOf } from "./heirs.ts";
import { readHello } from "./hello-message.ts";
import type { InfoReport } from "./info.ts";
import { replicaAddresses } from "./replica-room.ts";
import type { Master, Millis, Replica } from "./state.ts";
import { detached } from "./text.ts";

/** Names that are shown: a master gets a new one by a failover or a restart. */
const MAX_NAMES = 16;

/** A name of our master's data (`master_replid`). */
export interface KnownName {
  readonly id: string;
  /** When it was first heard, or adopted. */
  readonly at: Millis;
  /** An operator vouches for it. */
  readonly isAdopted: boolean;
}

/** What of a server at an address of ours shows that it belongs to others by now; null: nothing. */
export interface Strangeness {
  /** A replica that it names and we do not know. */
  serves: string | null;
  /** A Sentinel that is none of our peers, and says that this server is a master. */
  watchedBy: string | null;
  /** What it was said to be when that was told; null: it was not. */
  told: string | null;
}

/** Our master was heard under this name. */
export function noteName(ctx: Context, master: Master, id: string): void {
  if (master.names.some((known) => known.id === id)) return;
  remember(master, { id, at: ctx.now, isAdopted: false });
}

export function adoptName(ctx: Context, master: Master, id: string): void {
  master.names = master.names.filter((known) => known.id !== id);
  remember(master, { id, at: ctx.now, isAdopted: true });
}

function remember(master: Master, name: KnownName): void {
  master.names = [name, ...master.names].slice(0, MAX_NAMES);
}

export function isDataName(text: string): boolean {
  return /^[0-9a-fA-F]{40}$/.test(text);
}

/** What INFO of a server tells: whether replicas follow it that are none of ours [D-LINEAGE]. */
export function noteStrangeReplicas(
  ctx: Context,
  replica: Replica,
  { replicas, role }: InfoReport,
): void {
  const { strangeness } = replica;
  // Another process at this address: what was heard of the one before says nothing.
  if (replica.runIdSince === ctx.now) strangeness.watchedBy = null;
  strangeness.serves = null;
  if (role !== "master" || replicas.length === 0) return;
  const ours = replicaAddresses(replica.master);
  ours.add(replica.master.address);
  for (const { host, port } of replicas) {
    const address = makeAddress(ctx, host, port);
    if (!address || ours.has(address)) continue;
    strangeness.serves = `${detached(host)}:${port}`;
    return;
  }
}

/**
 * Whether a hello on the channel of a replica is another group's: nobody hears it then, or two groups of one name would
 * become one. It is, if replicas of others follow that server, or if a Sentinel that we do not know names it as a
 * master. Where INFO has not told yet who is there now, such a hello waits for its next time.
 */
export function isStrangeHello(ctx: Context, replica: Replica, text: string): boolean {
  const { names } = replica.master;
  if (modeOf(ctx) === "off" || names.length === 0) return false;
  const hello = readHello(text);
  const isUnknown = hello && hello.runId !== ctx.state.myId && !ctx.state.peers.has(hello.runId);
  if (!isUnknown || !namesAddress(ctx, replica.address, hello.masterHost, hello.masterPort)) {
    return isOthersMaster(ctx, replica);
  }
  if (!isHeardSinceConnected(replica)) return modeOf(ctx) === "enforce";
  if (hasKnownName(replica)) return false;
  replica.strangeness.watchedBy = hello.runId;
  tellStrange(ctx, replica);
  return isForeign(ctx, replica);
}

function isHeardSinceConnected({ link, infoAt }: Replica): boolean {
  return infoAt !== null && link.pubsub !== null && infoAt >= link.pubsub.openedAt;
}

/** The server behind a connection that was opened anew may be another one: INFO tells. */
export function mayHaveChanged(ctx: Context, replica: Replica): boolean {
  return modeOf(ctx) !== "off" && replica.infoAt !== null;
}

/**
 * A server at an address that was given to another group: nobody tells it whom to follow, which would destroy that
 * group's data, and it is never promoted [D-LINEAGE]. An unknown name alone is none, for a restart makes one. It takes
 * a second witness: a replica that we do not know, a Sentinel that is none of ours, or a foreign master that it has
 * followed since it was started.
 */
export function isForeign(ctx: Context, replica: Replica): boolean {
  return modeOf(ctx) === "enforce" && witness(ctx, replica) !== null;
}

/**
 * Its Sentinels would believe our hellos. One that is only watched by others may be one of ours, and those that watch
 * it learn from our hellos that it is.
 */
export function isOthersMaster(ctx: Context, replica: Replica): boolean {
  return replica.strangeness.serves !== null && isForeign(ctx, replica);
}

/** Once for each name of its data. */
export function tellStrange(ctx: Context, replica: Replica): void {
  if (modeOf(ctx) === "off") return;
  const found = witness(ctx, replica);
  const told = found === null ? null : (replica.history?.id ?? null);
  if (told === replica.strangeness.told) return;
  replica.strangeness.told = told;
  if (told === null) return;
  event(ctx, "warning", "+guard-lineage", replica, ` #foreign replid=${told} ${found}`);
}

function modeOf({ state }: Context): Guards["lineage"] {
  return state.settings.guards.lineage;
}

function witness(ctx: Context, replica: Replica): string | null {
  const { roleReported, strangeness, master, history } = replica;
  if (master.names.length === 0 || history === null || hasKnownName(replica)) return null;
  const { serves, watchedBy } = strangeness;
  if (roleReported === "slave") return strangeMaster(ctx, replica);
  if (serves !== null) return `serves ${serves}`;
  if (watchedBy === null || ctx.state.peers.has(watchedBy)) return null;
  return `is watched by Sentinel ${watchedBy}`;
}

/** Who was told to follow others while it ran is one of ours, and put right. */
function strangeMaster(ctx: Context, replica: Replica): string | null {
  const { upstreamHost, upstreamPort, upstreamChangedAt, runIdSince } = replica;
  const isSinceStart = upstreamChangedAt <= runIdSince;
  if (!isSinceStart || claimOf(ctx, replica).kind !== "foreign") return null;
  return `follows ${upstreamHost}:${upstreamPort}`;
}

function hasKnownName({ history, master: { names } }: Replica): boolean {
  if (history === null) return false;
  return names.some(({ id }) => id === history.id || id === history.parent?.id);
}
