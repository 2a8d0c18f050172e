import { type Context, elapsed, log, raiseEpoch, save } from "../context.ts";
import { ATTEMPT_AGAIN_MS } from "../defaults.ts";
import { candidacyAt, delayNextAttempt, isLeaderLost } from "../election.ts";
import { epochTrouble, isAtLastEpoch } from "../epoch.ts";
import { emit, event } from "../event.ts";
import { selectReplica, selectStray } from "../select-replica.ts";
import type { Failover, Master } from "../state.ts";
import { twinTrouble } from "../twin.ts";

/** Starts one if the quorum sees the master down and no recent attempt forbids it. */
export function startFailoverIfDue(ctx: Context, master: Master): void {
  if (!master.odown || master.failover) return;
  const waitMs = 2 * master.settings.failoverTimeoutMs;
  const isPromptRetry = master.retryAt !== null && ctx.now >= master.retryAt;
  const attemptAt = master.attemptAt ?? ctx.now - waitMs;
  if (
    isPromptRetry ||
    isReplicaFound(ctx, master) ||
    ctx.now - attemptAt >= waitMs ||
    isLeaderLost(ctx, master)
  ) {
    if (ctx.now < candidacyAt(ctx, master)) return;
    const trouble = standingTrouble(ctx);
    if (trouble !== null) giveUpStanding(ctx, master, trouble);
    else startFailover(ctx, master, false);
    return;
  }
  if (master.retryAt !== null || master.delayLoggedFor === master.attemptAt) return;
  master.delayLoggedFor = master.attemptAt;
  const left = Math.ceil((attemptAt + waitMs - ctx.now) / 1000);
  log(
    ctx,
    "notice",
    `Next failover delay: I will not start a failover of ${master.name} for ${left} s`,
  );
}

/** Our last attempt ended for want of a fit replica, and there is one now. */
function isReplicaFound(ctx: Context, master: Master): boolean {
  const { lackedReplicaAt } = master;
  if (lackedReplicaAt === null || !elapsed(ctx, lackedReplicaAt, ATTEMPT_AGAIN_MS)) return false;
  return (selectReplica(ctx, master) ?? selectStray(ctx, master, false)) !== null;
}

/** Why we may stand in no election at all, in the operator's words; null if we may. */
export function standingTrouble(ctx: Context): string | null {
  return twinTrouble(ctx) ?? (isAtLastEpoch(ctx.state) ? epochTrouble(ctx.state) : null);
}

/** An operator must help, and is told with each attempt. */
function giveUpStanding(ctx: Context, master: Master, trouble: string): void {
  log(ctx, "warning", `No failover of ${master.name}: ${trouble}`);
  delayNextAttempt(ctx, master);
}

/** sentinelStartFailover: a new epoch, and ourselves a candidate in it [FAILOVER-START]. */
export function startFailover(ctx: Context, master: Master, forced: boolean): void {
  stand(ctx, master, { forced, settles: false });
  event(ctx, "warning", "+try-failover", master);
  delayNextAttempt(ctx, master);
}

/** A candidate for an epoch in which nothing but the configuration is said anew. */
export function standToSettle(ctx: Context, master: Master): void {
  stand(ctx, master, { forced: false, settles: true });
  event(ctx, "warning", "+try-settle", master);
}

function stand(ctx: Context, master: Master, kind: Pick<Failover, "forced" | "settles">): void {
  raiseEpoch(ctx, ctx.state.currentEpoch + 1n);
  save(ctx);
  const epoch = ctx.state.currentEpoch;
  master.failover = {
    step: "wait_start",
    stepSince: ctx.now,
    selectingSince: ctx.now,
    epoch,
    epochSince: ctx.now,
    ownVoteEpoch: 0n,
    ...kind,
    promoted: null,
    infoRequestedAt: null,
    foundAt: null,
    isWaitingForReplica: master.lackedReplicaAt !== null,
    failed: new Map(),
    isOldMasterTold: false,
  };
  emit(ctx, "warning", "+new-epoch", `${epoch}`, master);
}
