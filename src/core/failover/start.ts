import { type Context, log, raiseEpoch, save } from "../context.ts";
import { elapsedAt, LONG_AGO, NEVER } from "../deadline.ts";
import { ATTEMPT_AGAIN_MS } from "../defaults.ts";
import { candidacyAt, delayNextAttempt, leaderLostAt } from "../election.ts";
import { epochTrouble, isAtLastEpoch } from "../epoch.ts";
import { emit, event } from "../event.ts";
import { areStraysBarred, isBarredByLag } from "../lag-guard.ts";
import { isPaused, pausedUntil } from "../pause.ts";
import { selectReplica, selectStray } from "../select-replica.ts";
import type { Failover, Master, Millis } from "../state.ts";
import { twinTrouble } from "../twin.ts";

/** What an operator asked for; nothing. */
export type AskedFor = Pick<Failover, "forced" | "coordinated" | "target">;
const UNASKED: AskedFor = { forced: false, coordinated: null, target: null };

/** Starts one if the quorum sees the master down and no recent attempt forbids it. */
export function startFailoverIfDue(ctx: Context, master: Master): void {
  if (!master.odown || master.failover || isPaused(ctx, master)) return;
  if (ctx.now < nextAttemptAt(ctx, master)) return tellDelay(ctx, master);
  if (ctx.now < candidacyAt(ctx, master)) return;
  const trouble = standingTrouble(ctx);
  if (trouble !== null) giveUpStanding(ctx, master, trouble);
  else startFailover(ctx, master, UNASKED);
}

/** When that is, if the master stays down. */
export function startDueAt(ctx: Context, master: Master): Millis {
  if (!master.odown || master.failover) return NEVER;
  return Math.max(nextAttemptAt(ctx, master), candidacyAt(ctx, master), pausedUntil(master));
}

/** When the last attempt does not forbid the next any more. */
export function nextAttemptAt(ctx: Context, master: Master): Millis {
  const { retryAt } = master;
  const at = Math.min(retryAt ?? NEVER, usualAttemptAt(master), leaderLostAt(ctx, master));
  const againAt = repeatableAt(master);
  const isRepeated = againAt < at && (ctx.now < againAt || isReplicaFound(ctx, master));
  return isRepeated ? againAt : at;
}

/** When whoever led the last attempt, or had our last vote, had his time. */
export function usualAttemptAt({ attemptAt, settings }: Master): Millis {
  const waitMs = 2 * settings.failoverTimeoutMs;
  return attemptAt === null ? LONG_AGO : attemptAt + waitMs;
}

/** When an attempt that ended for want of a fit replica may be repeated, if there is one by then. */
function repeatableAt({ lackedReplicaAt }: Master): Millis {
  return lackedReplicaAt === null ? NEVER : elapsedAt(lackedReplicaAt, ATTEMPT_AGAIN_MS);
}

function isReplicaFound(ctx: Context, master: Master): boolean {
  const found = selectReplica(ctx, master, isBarredByLag(ctx, master));
  if (found || areStraysBarred(ctx)) return found !== null;
  return selectStray(ctx, master, false) !== null;
}

/** Once for each attempt, unless the next one comes soon. */
function tellDelay(ctx: Context, master: Master): void {
  if (master.retryAt !== null || master.delayLoggedFor === master.attemptAt) return;
  master.delayLoggedFor = master.attemptAt;
  const left = Math.ceil((usualAttemptAt(master) - ctx.now) / 1000);
  log(
    ctx,
    "notice",
    `Next failover delay: I will not start a failover of ${master.name} for ${left} s`,
  );
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
export function startFailover(ctx: Context, master: Master, kind: AskedFor): void {
  stand(ctx, master, { ...kind, settles: false });
  event(ctx, "warning", "+try-failover", master);
  delayNextAttempt(ctx, master);
}

/** A candidate for an epoch in which nothing but the configuration is said anew. */
export function standToSettle(ctx: Context, master: Master): void {
  stand(ctx, master, { ...UNASKED, settles: true });
  event(ctx, "warning", "+try-settle", master);
}

function stand(ctx: Context, master: Master, kind: AskedFor & Pick<Failover, "settles">): void {
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
