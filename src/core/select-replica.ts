import { type Context, elapsed } from "./context.ts";
import { silentSince } from "./link.ts";
import type { Master, Millis, Replica } from "./state.ts";

/** The replica to promote, or null if none is fit (sentinelSelectSlave). */
export function selectReplica(ctx: Context, master: Master): Replica | null {
  const candidates = [...master.replicas.values()].filter((one) => !whyUnfit(ctx, one));
  candidates.sort(comparePromotion);
  return candidates.find(isPromotedAlready) ?? candidates[0] ?? null;
}

/** A server that would be fit if it were no stray master, for when nobody else is to be had. */
export function selectStray(ctx: Context, master: Master): Replica | null {
  const strays = [...master.replicas.values()].filter(isStray);
  const candidates = strays.filter((one) => !whyUnready(ctx, one));
  return candidates.sort(comparePromotion)[0] ?? null;
}

/**
 * Somebody made it a master since ours went down: a leader that could not finish, or the operator. It
 * may have taken writes, so it is the one to keep (algorithm.md 10.4, item 10), also if the old
 * master is back while a failover goes on. Not so a server that calls itself a master because it was
 * restarted: it may be empty.
 */
export function isPromotedAlready(replica: Replica): boolean {
  const { master, roleReported, roleReportedSince, runIdSince } = replica;
  const isDownCase = master.sdown || (master.failover !== null && !master.failover.forced);
  const isSinceDown = isDownCase && roleReportedSince >= (master.sdownSince ?? 0);
  return roleReported === "master" && isSinceDown && runIdSince < roleReportedSince;
}

/**
 * It calls itself a master and nobody made it one since ours went down: an old master that is back and
 * was not told yet, or a server restarted without its configuration. It lacks what ours has taken
 * since, or everything. Upstream does not look at the role.
 */
function isStray(replica: Replica): boolean {
  return replica.roleReported === "master" && !isPromotedAlready(replica);
}

/** Why a replica may not become the master, in the operator's words; null if it may. */
export function whyUnfit(ctx: Context, replica: Replica): string | null {
  const reason = whyUnready(ctx, replica);
  if (reason !== null || !isStray(replica)) return reason;
  return "it is a master itself and does not hold what this master has taken";
}

function whyUnready(ctx: Context, replica: Replica): string | null {
  const { master, link } = replica;
  const { pingPeriod, infoPeriod } = ctx.state.periods;
  const infoLimit = master.sdown ? 5 * pingPeriod : 3 * infoPeriod;
  const downFor = master.sdown ? ctx.now - lostSince(master, ctx.now) : 0;
  if (replica.sdown) return "it is down";
  if (!link.command?.up) return "it is disconnected";
  if (elapsed(ctx, link.lastValidPongAt, 5 * pingPeriod)) return "it does not answer PING";
  if (replica.priority === 0) return "its priority is 0";
  if (elapsed(ctx, replica.infoAt, infoLimit)) return "its INFO is too old";
  if (replica.masterLinkDownMs > downFor + 10 * replica.downAfterMs) {
    return "it was without its master for too long";
  }
  return null;
}

/** Since its last sign of life: after a TILT, SDOWN comes long after the replicas lost it. */
function lostSince({ link, sdownSince }: Master, now: Millis): Millis {
  return Math.min(silentSince(link) ?? now, sdownSince ?? now);
}

/** The better one first: smaller priority, larger offset, smaller run id (missing last). */
export function comparePromotion(a: Replica, b: Replica): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.replOffset !== b.replOffset) return a.replOffset > b.replOffset ? -1 : 1;
  return compareRunIds(a.runId, b.runId);
}

function compareRunIds(a: string | null, b: string | null): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
