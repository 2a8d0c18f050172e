import { type Context, elapsed, log } from "../context.ts";
import { EARLY_INFO_MS, RETURN_WAIT_MS, SLOW_INFO_WAIT_MS } from "../defaults.ts";
import { event } from "../event.ts";
import { claimOf } from "../heirs.ts";
import { areStraysBarred, isBarredByLag, lacksText, lagFilter, tellLag } from "../lag-guard.ts";
import { redial, silentSince } from "../link.ts";
import { askForView, awaitsView } from "../peer-view.ts";
import { answersPing, sendInfo } from "../periodic.ts";
import { isRefused } from "../role-order.ts";
import { chancesOf, isPromotedAlready, selectReplica, selectStray } from "../select-replica.ts";
import { isPending } from "../send.ts";
import type { Failover, Master, Millis, Replica } from "../state.ts";
import { isPlanned } from "./coordinated/plan.ts";
import {
  askableAgainAt,
  infoLateAt,
  infoTooLateAt,
  masterGoneAt,
  noReplicaAt,
  othersGoneAt,
  redialDueAt,
  strayAllowedAt,
} from "./deadlines.ts";
import { abort, enter } from "./step.ts";

/** Chooses, on INFO as fresh as the candidates can give it, waiting a moment for theirs. */
export function select(ctx: Context, master: Master, failover: Failover): boolean {
  if (lacksQuorum(master, failover)) return waitForReplica(ctx, master, failover);
  if (awaitsOthers(ctx, failover)) {
    redialNowAndThen(ctx, master, failover);
    return false;
  }
  const askedSince = askedAt(failover) ?? askCandidates(ctx, master, failover);
  if (awaitsFreshInfo(ctx, master, failover, askedSince)) return false;
  const replica = choose(ctx, master, failover);
  if (!replica) return waitForReplica(ctx, master, failover);
  if (isFoundAfterAbsence(ctx, master, failover, replica)) {
    failover.isWaitingForReplica = false;
    failover.infoRequestedAt = null;
    if (!isPlanned(failover)) failover.foundAt = ctx.now;
    return select(ctx, master, failover);
  }
  tellLag(ctx, master, failover, replica);
  event(ctx, "warning", "+selected-slave", replica);
  failover.promoted = replica;
  enter(ctx, failover, "send_slaveof_noone");
  event(ctx, "notice", "+failover-state-send-slaveof-noone", replica);
  return true;
}

/**
 * Others saw the master answer after they had agreed that it is down: we wait until they see it down
 * again, or we see it ourselves. Upstream goes on.
 */
export function lacksQuorum(master: Master, failover: Failover): boolean {
  return !isPlanned(failover) && !master.odown;
}

/**
 * Nobody was fit, or nobody was heard, until a moment ago. Who is asked once more was here all the time, unless it was
 * silent itself, and so were the others.
 */
function isFoundAfterAbsence(
  ctx: Context,
  master: Master,
  failover: Failover,
  replica: Replica,
): boolean {
  const { isWaitingForReplica, failed, foundAt } = failover;
  if (isWaitingForReplica) return !failed.has(replica) || isBackSince(ctx, replica);
  if (isPlanned(failover) || foundAt !== null) return false;
  return livingReplicas(master).every((one) => isBackSince(ctx, one) || isSilent(ctx, one));
}

/** It is heard again, after a silence, for so short a time that its master may still be on its way back. */
function isBackSince(ctx: Context, { link }: Replica): boolean {
  return link.backAt !== null && !elapsed(ctx, link.backAt, RETURN_WAIT_MS);
}

/** So long that it would be one that is back, if it answered now. */
function isSilent(ctx: Context, { link, downAfterMs }: Replica): boolean {
  const since = silentSince(link);
  return since !== null && elapsed(ctx, since, downAfterMs / 2);
}

/**
 * Somebody is fit, after a time in which nobody was: what kept him from us may have kept the master and
 * others that hold more. They get a moment.
 */
function awaitsOthers(ctx: Context, failover: Failover): boolean {
  return failover.foundAt !== null && ctx.now < othersGoneAt(failover);
}

/** The master, in that moment. */
function redialNowAndThen(ctx: Context, master: Master, { foundAt }: Failover): void {
  const { command, opened } = master.link;
  const openedAt = opened.command?.at ?? 0;
  const isDialled = foundAt !== null && openedAt >= foundAt;
  if (!isDialled || (!command && ctx.now >= redialDueAt(master))) redial(ctx, master);
}

/**
 * An heir; else a stray, once there was time for somebody better; else, now and then, one that refused
 * or was lost in this failover. One that is a master already is waited for: two leaders that promote the same
 * replica end each other's connections to it.
 */
function choose(ctx: Context, master: Master, failover: Failover): Replica | null {
  const { failed, target } = failover;
  const hasFailed = (replica: Replica) => failed.has(replica) && !isPromotedAlready(ctx, replica);
  const failedLately = (replica: Replica) => {
    const at = failed.get(replica);
    return at !== undefined && ctx.now < askableAgainAt(at);
  };
  if (target) {
    const isInVain = failedLately(target) || (hasFailed(target) && isRefused(target));
    return isInVain ? null : selectReplica(ctx, master, (replica) => replica !== target);
  }
  const heir = selectReplica(ctx, master, hasFailed);
  if (heir && failedLately(heir)) return null;
  if (heir) return nearest(ctx, master, failover, heir, hasFailed);
  const stray = (without: (replica: Replica) => boolean) =>
    isStrayAllowed(ctx, master, failover)
      ? selectStray(ctx, master, isEmptyAllowed(ctx, master, failover), without)
      : null;
  const isBarred = isPlanned(failover) ? () => false : isBarredByLag(ctx, master);
  const askedBefore = () => selectReplica(ctx, master, (one) => failedLately(one) || isBarred(one));
  return stray(hasFailed) ?? askedBefore() ?? stray(failedLately);
}

/** The best of those that lack no more than they may; nobody is waited for longer than for a fit one [D-MAX-LAG]. */
function nearest(
  ctx: Context,
  master: Master,
  failover: Failover,
  best: Replica,
  hasFailed: (replica: Replica) => boolean,
): Replica | null {
  const lagsTooFar = lagFilter(ctx, master);
  if (isPlanned(failover) || !lagsTooFar(best)) return best;
  const near = selectReplica(ctx, master, (one) => hasFailed(one) || lagsTooFar(one));
  if (near) return near;
  return ctx.now < noReplicaAt(master, failover) || isBarredByLag(ctx, master)(best) ? null : best;
}

/**
 * Promoting a stray throws away what the master has taken. So not before the master or an heir had time
 * to come back, not while one of them loads its data, and never for an operator's failover or where lag is bound.
 */
function isStrayAllowed(ctx: Context, master: Master, failover: Failover): boolean {
  if (isPlanned(failover) || areStraysBarred(ctx)) return false;
  if (ctx.now < strayAllowedAt(master, failover)) return false;
  const servers = [master, ...master.replicas.values()];
  return !servers.some((server) => server.isLoading && answersPing(ctx, server));
}

/** One that holds nothing throws away everything: not before the wait is over. */
function isEmptyAllowed(ctx: Context, master: Master, failover: Failover): boolean {
  return ctx.now >= noReplicaAt(master, failover);
}

/**
 * Nobody is fit at this instant. One may be soon, and giving up would cost two failover timeouts, so
 * we wait half of one [D-WAIT-REPLICA], unless nobody may ever be.
 */
function waitForReplica(ctx: Context, master: Master, failover: Failover): false {
  const mayCome = isPlanned(failover) ? mayHaveHeard(failover) : hasCandidates(master);
  const isWorthIt = mayCome && ctx.now < noReplicaAt(master, failover);
  if (!isWorthIt || !failover.isWaitingForReplica) logUnfit(ctx, master);
  failover.isWaitingForReplica = true;
  if (isWorthIt) return false;
  abort(ctx, master, "-failover-abort-no-good-slave", whyNobody(master, failover));
  // Nobody else leads in our epoch: whoever becomes fit later need not wait for the next attempt.
  if (!isPlanned(failover)) master.lackedReplicaAt = ctx.now;
  return false;
}

function hasCandidates({ replicas }: Master): boolean {
  return [...replicas.values()].some(({ priority }) => priority !== 0);
}

/**
 * An operator is told at once that nobody is fit. But one that was lost in its promotion may be a master by now, and is
 * asked again when it is back [D-CHOOSE-AGAIN].
 */
function mayHaveHeard({ failed }: Failover): boolean {
  return [...failed.keys()].some((replica) => !replica.sdown && !isRefused(replica));
}

function whyNobody(master: Master, failover: Failover): string {
  if (lacksQuorum(master, failover)) return "others see its master up again";
  if (master.replicas.size === 0) return "no replica is known";
  return hasCandidates(master) ? "no replica was fit in time" : "all replicas have priority 0";
}

function logUnfit(ctx: Context, master: Master): void {
  const { unfit } = chancesOf(ctx, master);
  const lagsTooFar = lagFilter(ctx, master);
  for (const replica of master.replicas.values()) {
    const lag = lagsTooFar(replica) ? lacksText(ctx, replica) : undefined;
    const reason = unfit.get(replica) ?? lag;
    if (reason === undefined) continue;
    log(ctx, "notice", `Replica ${replica.name} of ${master.name} is not promoted: ${reason}`);
  }
}

/** `since`: when the candidates were asked. */
function awaitsFreshInfo(ctx: Context, master: Master, failover: Failover, since: Millis): boolean {
  if (awaitsMaster(ctx, master, since)) return true;
  const missing = livingReplicas(master).filter(
    (replica) => isPending(replica, replica.infoRequest) || isReturning(ctx, replica),
  );
  if (missing.length === 0 && !awaitsView(master)) return false;
  if (ctx.now < infoLateAt(since)) return true;
  if (ctx.now >= infoTooLateAt(since)) return false;
  return missing.some((replica) => mayBeBest(ctx, replica, missing, failover));
}

/** When the candidates were asked for the choice at hand; null: they were not, or too long before it. */
function askedAt({ infoRequestedAt, selectingSince }: Failover): Millis | null {
  const isEarly = infoRequestedAt !== null && infoRequestedAt < selectingSince - EARLY_INFO_MS;
  return isEarly ? null : infoRequestedAt;
}

function askCandidates(ctx: Context, master: Master, failover: Failover): Millis {
  failover.infoRequestedAt = ctx.now;
  for (const replica of livingReplicas(master)) sendInfo(ctx, replica);
  askForView(ctx, master);
  // It may be up again since it was last dialled.
  if (!failover.forced && (!master.link.command || isDialHanging(ctx, master))) redial(ctx, master);
  return ctx.now;
}

/** What was sent to a machine that is out of reach is sent again after a second only, by the kernel. */
function isDialHanging({ now }: Context, master: Master): boolean {
  return master.link.command?.up === false && now >= redialDueAt(master);
}

/** Votes are under way: what the choice is made of is asked for meanwhile. */
export function askAhead(ctx: Context, master: Master): void {
  const { failover } = master;
  if (failover?.step !== "wait_start" || failover.forced || failover.settles) return;
  if (ctx.state.unsaved || failover.infoRequestedAt !== null) return;
  askCandidates(ctx, master, failover);
}

function livingReplicas({ replicas }: Master): Replica[] {
  return [...replicas.values()].filter(({ sdown }) => !sdown);
}

/** It spoke a moment ago, and its lost connection is being opened again. */
function isReturning(ctx: Context, { link }: Replica): boolean {
  const { command, droppedAt, opened, lastValidPongAt } = link;
  if (command?.up || elapsed(ctx, lastValidPongAt, SLOW_INFO_WAIT_MS)) return false;
  const isRetried = droppedAt !== null && (opened.command?.at ?? 0) > droppedAt;
  return command !== null || !isRetried;
}

/** It was dialled for this choice: a moment later it has refused, answered, or is not there. */
function awaitsMaster(ctx: Context, { link }: Master, since: Millis): boolean {
  const isDialled = (link.opened.command?.at ?? 0) >= since;
  return isDialled && link.command !== null && ctx.now < masterGoneAt(since);
}

/** It lives and may hold more than those who have told: worth some more patience. */
function mayBeBest(
  ctx: Context,
  replica: Replica,
  missing: readonly Replica[],
  { failed }: Failover,
): boolean {
  if (replica.priority === 0 || failed.has(replica)) return false;
  if (!answersPing(ctx, replica) && !isReturning(ctx, replica)) return false;
  if (claimOf(ctx, replica).kind !== "heir") return false;
  const best = selectReplica(
    ctx,
    replica.master,
    (one) => failed.has(one) || missing.includes(one),
  );
  return best === null || replica.priority <= best.priority;
}
