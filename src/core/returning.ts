import type { Context } from "./context.ts";
import { usualAttemptAt } from "./failover/start.ts";
import { sendInfo } from "./periodic.ts";
import { beganEmpty } from "./reborn.ts";
import { reignAt } from "./reigns.ts";
import type { Failover, Master, PeerSentinel, RedisInstance, Replica } from "./state.ts";

/** So long a hello tells what its Sentinel believes: two periods of it, and a little. */
const AGREEMENT_MS = 5_000;
/** A replica connects once a second, and a Sentinel says hello each two. */
const OTHERS_SHOW_MS = 3_000;

/**
 * A replica that says it is a master need not be left alone for a newer configuration: it is the master of an
 * older one, never told, and nobody can have promoted it since. Enough Sentinels name the present master, and either
 * its data still has the name of that time, which every promotion changes, or all Sentinels there are agree, so that
 * none can have forced a failover where we could not see it [D-RETURNING].
 */
export function isReturning(ctx: Context, replica: Replica): boolean {
  const { master } = replica;
  const reign = reignAt(master, replica.address);
  if (reign === null || isPresentMaster(replica, master) || mayBeLed(ctx, master)) return false;
  const all = master.sentinels.size + 1;
  const isNamed = keepsName(reign.replid, replica);
  if (!isNamed && mayBeOthers(ctx, replica)) return false;
  return countAgreeing(ctx, master) >= (isNamed ? Math.floor(all / 2) + 1 : all);
}

/**
 * Its data has a name that ours never had: it was started anew, or its address belongs to others by now. Their replicas
 * connect, and their Sentinels are heard, within some seconds of its start [D-LINEAGE]. One that began with nothing has
 * nothing that could be destroyed.
 */
function mayBeOthers(ctx: Context, replica: Replica): boolean {
  const { history, runIdSince } = replica;
  if (history === null || ctx.state.settings.guards.lineage !== "enforce") return false;
  return ctx.now < runIdSince + OTHERS_SHOW_MS && !beganEmpty(replica);
}

/** One more Sentinel names the present master: an old one that is back may have waited for that. */
export function askReturned(ctx: Context, { replicas }: Master): void {
  for (const replica of replicas.values()) {
    if (replica.roleReported === "master") sendInfo(ctx, replica);
  }
}

/**
 * Not long ago we voted after the present configuration, or heard of an epoch after it that nothing accounts for.
 * Whoever was elected then may make the old master the present one again. It is a master already, so its data keeps
 * its name.
 */
function mayBeLed(ctx: Context, master: Master): boolean {
  const { epochRaisedAt } = ctx.state;
  const hasVoted = master.leaderEpoch > master.configEpoch && ctx.now < usualAttemptAt(master);
  if (hasVoted || epochRaisedAt === null) return hasVoted;
  const isLate = ctx.now >= epochRaisedAt + 2 * master.settings.failoverTimeoutMs;
  return !isLate && isUnaccounted(ctx, master);
}

/** The present epoch is later than this name's, and no other name was voted for in it, or has a master of it. */
function isUnaccounted(
  { state: { currentEpoch, masters } }: Context,
  { configEpoch }: Master,
): boolean {
  if (currentEpoch <= configEpoch) return false;
  for (const one of masters.values()) {
    if (one.configEpoch === currentEpoch || one.leaderEpoch === currentEpoch) return false;
  }
  return true;
}

/**
 * A name server took both for one address, and it is the present master that answers here, perhaps restarted since
 * [D-NAMES]. No old master goes on from what the present one holds.
 */
function isPresentMaster(one: RedisInstance, present: RedisInstance | null): boolean {
  const name = present?.history?.id;
  const isContinued = name !== undefined && keepsName(name, one);
  return isContinued || (one.runId !== null && one.runId === present?.runId);
}

/** By the hellos of the last seconds; ourselves included. */
function countAgreeing(ctx: Context, { sentinels }: Master): number {
  let count = 1;
  for (const peer of sentinels.values()) if (hasAgreed(ctx, peer)) count++;
  return count;
}

/** It named the present master under our config epoch a moment ago. */
export function hasAgreed({ now }: Context, { agreed, master }: PeerSentinel): boolean {
  return agreed?.configEpoch === master.configEpoch && now - agreed.at <= AGREEMENT_MS;
}

/** It went on as the master that it was; a restart from its file makes the old name the parent of a new one. */
function keepsName(replid: string | null, { history }: RedisInstance): boolean {
  return replid !== null && (history?.id === replid || history?.parent?.id === replid);
}

/**
 * The old master answers while we, elected to replace it, still point its replicas at the new one. Those who voted for
 * us are the majority that names it. It is asked what it is, and told once that is known [D-RETURNING].
 */
export function isOldMasterBack(
  ctx: Context,
  master: Master,
  { stepSince, promoted }: Failover,
): boolean {
  const reign = reignAt(master, master.address);
  if (reign === null || master.sdown || !master.link.command?.up) return false;
  const isHeard = master.infoAt !== null && master.infoAt > stepSince;
  if (!isHeard) sendInfo(ctx, master);
  if (!isHeard || isPresentMaster(master, promoted)) return false;
  return master.roleReported === "master" && keepsName(reign.replid, master);
}
