import { type Context, elapsed, log, raiseEpoch, save } from "./context.ts";
import {
  LOST_ELECTION_RETRY_MS,
  MAX_PROMPT_RETRIES,
  SELECTION_INFO_WAIT_MS,
  SILENT_VOTERS_MS,
  STRAY_PATIENCE_MS,
} from "./defaults.ts";
import {
  candidacyAt,
  delayNextAttempt,
  electedLeader,
  frontRunner,
  isLeaderLost,
  isSplit,
  mayBeAnothers,
  mayBeOurs,
  vote,
} from "./election.ts";
import { emit, event } from "./event.ts";
import { currentAddress, instancesOf } from "./instance.ts";
import { isDisconnected } from "./link.ts";
import { sendDue, sendInfo } from "./periodic.ts";
import { promote, replicateFrom } from "./reconfigure.ts";
import { reconfigureReplicas, reconfigureRest } from "./resync.ts";
import { isPromotedAlready, selectReplica, selectStray, whyUnfit } from "./select-replica.ts";
import { isPending } from "./send.ts";
import type { Failover, FailoverStep, Master, Replica } from "./state.ts";
import { reconfigScript, switchMaster } from "./switch.ts";

/** Starts one if the quorum sees the master down and no recent attempt forbids it. */
export function startFailoverIfDue(ctx: Context, master: Master): void {
  if (!master.odown || master.failover) return;
  const waitMs = 2 * master.failoverTimeoutMs;
  const isPromptRetry = master.retryAt !== null && ctx.now >= master.retryAt;
  const attemptAt = master.attemptAt ?? ctx.now - waitMs;
  if (isPromptRetry || ctx.now - attemptAt >= waitMs || isLeaderLost(ctx, master)) {
    if (ctx.now >= candidacyAt(ctx, master)) startFailover(ctx, master, false);
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

/** sentinelStartFailover: a new epoch, and ourselves a candidate in it. */
export function startFailover(ctx: Context, master: Master, forced: boolean): void {
  raiseEpoch(ctx, ctx.state.currentEpoch + 1n);
  save(ctx);
  const epoch = ctx.state.currentEpoch;
  master.failover = {
    step: "wait_start",
    stepSince: ctx.now,
    epoch,
    forced,
    promoted: null,
    infoRequestedAt: null,
    isWaitingForReplica: false,
    isOldMasterTold: false,
  };
  emit(ctx, "warning", "+new-epoch", `${epoch}`, master);
  event(ctx, "warning", "+try-failover", master);
  delayNextAttempt(ctx, master);
}

/** Takes the next step if it is due; true if the failover moved (sentinelFailoverStateMachine). */
export function advanceFailover(ctx: Context, master: Master): boolean {
  const { failover } = master;
  if (!failover) return false;
  switch (failover.step) {
    case "wait_start":
      return waitStart(ctx, master, failover);
    case "select_slave":
      return select(ctx, master, failover);
    case "send_slaveof_noone":
      return sendPromotion(ctx, master, failover);
    case "wait_promotion":
      return waitPromotion(ctx, master, failover);
    case "reconf_slaves":
      return reconfigure(ctx, master, failover);
    case "update_config":
      return updateConfig(ctx, master, failover);
    default:
      return failover.step satisfies never;
  }
}

function enter(ctx: Context, failover: Failover, step: FailoverStep): void {
  failover.step = step;
  failover.stepSince = ctx.now;
}

/**
 * Votes and counts. Our own vote must be on disk before it counts or peers are asked, so an
 * unsaved configuration holds everything here until `saved`.
 */
function waitStart(ctx: Context, master: Master, failover: Failover): boolean {
  catchUpWithEpoch(ctx, master, failover);
  if (master.leaderEpoch < failover.epoch) {
    vote(ctx, master, failover.epoch, frontRunner(master, failover.epoch) ?? ctx.state.myId);
  }
  const isLeader =
    !ctx.state.unsaved &&
    (failover.forced || electedLeader(master, failover.epoch) === ctx.state.myId);
  if (!isLeader) {
    // A forced one needs no votes, only its own on disk.
    if (failover.forced && ctx.state.saveFailedAt === null) return false;
    return abortUnelected(ctx, master, failover);
  }
  master.lostElections = 0;
  event(ctx, "warning", "+elected-leader", master);
  if (ctx.state.simulateFailure.afterElection) ctx.effects.push({ type: "exit", code: 99 });
  enter(ctx, failover, "select_slave");
  event(ctx, "warning", "+failover-state-select-slave", master);
  return true;
}

/**
 * Another master's election may have moved the epoch on, and a peer that is ahead refuses votes in
 * ours. Once every peer had its chance to answer we stand in the present epoch instead, unless we
 * voted there already, or somebody else may lead in ours. The epoch is not raised, so masters do not
 * chase each other.
 */
function catchUpWithEpoch(ctx: Context, master: Master, failover: Failover): void {
  const { currentEpoch } = ctx.state;
  if (failover.epoch >= currentEpoch || master.leaderEpoch >= currentEpoch) return;
  const isAsked = [...master.sentinels.values()].every(
    (peer) => isDisconnected(peer) || isAnswered(peer, failover),
  );
  if (isAsked && !mayBeAnothers(master, failover.epoch, ctx.state.myId)) {
    failover.epoch = currentEpoch;
  }
}

function isAnswered(peer: Parameters<typeof isDisconnected>[0], failover: Failover): boolean {
  if (peer.kind !== "sentinel" || peer.asked?.epoch !== failover.epoch) return false;
  return !isPending(peer, peer.asked.request);
}

function abortUnelected(ctx: Context, master: Master, failover: Failover): boolean {
  const isOver = isLost(ctx, master, failover) || isUndecided(ctx, master, failover);
  if (!ctx.state.unsaved && isOver) return retrySoon(ctx, master);
  const { electionTimeout } = ctx.state.periods;
  const waitMs = Math.min(electionTimeout, master.failoverTimeoutMs);
  if (!elapsed(ctx, master.attemptAt, waitMs)) return false;
  return abort(ctx, master, "-failover-abort-not-elected");
}

/** Neither we nor anybody else can win this epoch any more. */
function isLost({ state: { myId } }: Context, master: Master, { epoch }: Failover): boolean {
  return !mayBeOurs(master, epoch, myId) && !mayBeAnothers(master, epoch, myId);
}

/**
 * The votes that we know are split, the other voters are down, and none of them helped anybody to
 * lead: he would have promoted a replica by now, as there is a fit one, and its INFO would show it.
 * Should it be one that we do not reach, the greater epoch settles it.
 */
function isUndecided(ctx: Context, master: Master, { epoch, stepSince }: Failover): boolean {
  if (!elapsed(ctx, stepSince, SILENT_VOTERS_MS) || !isSplit(master, epoch)) return false;
  const fit = selectReplica(ctx, master);
  return fit !== null && !isPromotedAlready(fit);
}

/** The votes are split: a new epoch soon, at a time that differs between the candidates. */
function retrySoon(ctx: Context, master: Master): boolean {
  abort(ctx, master, "-failover-abort-not-elected");
  master.lostElections++;
  if (master.lostElections > MAX_PROMPT_RETRIES) return false;
  const { least, most } = LOST_ELECTION_RETRY_MS;
  master.retryAt = ctx.now + least + ctx.random.below(most - least);
  return false;
}

/** Ends the attempt; `attemptAt` stays, so the next one waits. */
function abort(ctx: Context, master: Master, name: string): false {
  event(ctx, "warning", name, master);
  master.failover = null;
  return false;
}

/** Chooses on INFO as fresh as the candidates can give it, waiting a moment for theirs. */
function select(ctx: Context, master: Master, failover: Failover): boolean {
  if (awaitsFreshInfo(ctx, master, failover)) return false;
  const replica = selectReplica(ctx, master) ?? lastResort(ctx, master, failover);
  if (!replica) return waitForReplica(ctx, master, failover);
  if (failover.isWaitingForReplica) {
    // The others may be back just now, too, and hold more.
    failover.isWaitingForReplica = false;
    failover.infoRequestedAt = null;
    return select(ctx, master, failover);
  }
  event(ctx, "warning", "+selected-slave", replica);
  failover.promoted = replica;
  enter(ctx, failover, "send_slaveof_noone");
  event(ctx, "notice", "+failover-state-send-slaveof-noone", replica);
  return true;
}

/**
 * A stray master, once there was time for the master or a proper replica to come back: promoting it
 * throws away what the master has taken. An operator's failover never does.
 */
function lastResort(ctx: Context, master: Master, failover: Failover): Replica | null {
  const patienceMs = Math.min(STRAY_PATIENCE_MS, master.failoverTimeoutMs / 2);
  if (failover.forced || !elapsed(ctx, failover.stepSince, patienceMs)) return null;
  return selectStray(ctx, master);
}

/**
 * Nobody is fit at this instant. One may be soon, and giving up would cost two failover timeouts, so
 * we wait half of one (algorithm.md 10.4, item 15), unless the master is back or nobody may ever be.
 */
function waitForReplica(ctx: Context, master: Master, failover: Failover): false {
  const mayCome = [...master.replicas.values()].some(({ priority }) => priority !== 0);
  const isInTime = !elapsed(ctx, failover.stepSince, master.failoverTimeoutMs / 2);
  const isWorthIt = !failover.forced && master.sdown && mayCome && isInTime;
  if (!isWorthIt || !failover.isWaitingForReplica) logUnfit(ctx, master);
  failover.isWaitingForReplica = true;
  return isWorthIt ? false : abort(ctx, master, "-failover-abort-no-good-slave");
}

function logUnfit(ctx: Context, master: Master): void {
  for (const one of master.replicas.values()) {
    const reason = whyUnfit(ctx, one);
    log(ctx, "notice", `Replica ${one.name} of ${master.name} is not promoted: ${reason}`);
  }
}

function awaitsFreshInfo(ctx: Context, master: Master, failover: Failover): boolean {
  if (failover.infoRequestedAt === null) {
    failover.infoRequestedAt = ctx.now;
    for (const replica of master.replicas.values()) if (!replica.sdown) sendInfo(ctx, replica);
  }
  if (elapsed(ctx, failover.infoRequestedAt, SELECTION_INFO_WAIT_MS)) return false;
  return [...master.replicas.values()].some(
    (replica) => !replica.sdown && isPending(replica, replica.infoRequest),
  );
}

function sendPromotion(ctx: Context, master: Master, failover: Failover): boolean {
  const { promoted } = failover;
  if (!promoted || promoted.sdown) return chooseAgain(ctx, master, failover);
  if (!promote(ctx, promoted)) return abortSlow(ctx, master, failover);
  event(ctx, "notice", "+failover-state-wait-promotion", promoted);
  enter(ctx, failover, "wait_promotion");
  return true;
}

function waitPromotion(ctx: Context, master: Master, failover: Failover): boolean {
  const { promoted } = failover;
  const isLost = !promoted || promoted.sdown || hasRestarted(promoted, failover);
  if (isLost) return chooseAgain(ctx, master, failover);
  return abortSlow(ctx, master, failover);
}

/** Since it was told: it may not have heard it, and what it calls itself now says nothing of that. */
function hasRestarted(promoted: Replica, { stepSince }: Failover): boolean {
  return promoted.runIdSince > stepSince;
}

/**
 * The chosen replica died before its promotion was seen. Nobody was told of it, so we, who lead this
 * epoch, choose another; upstream waits a failover timeout and gives up.
 */
function chooseAgain(ctx: Context, master: Master, failover: Failover): boolean {
  const { promoted } = failover;
  log(ctx, "warning", `Replica ${promoted?.name} was lost before its promotion: choosing again`);
  failover.promoted = null;
  failover.infoRequestedAt = null;
  failover.isWaitingForReplica = false;
  enter(ctx, failover, "select_slave");
  event(ctx, "warning", "+failover-state-select-slave", master);
  return true;
}

function abortSlow(ctx: Context, master: Master, failover: Failover): boolean {
  if (!elapsed(ctx, failover.stepSince, master.failoverTimeoutMs)) return false;
  return abort(ctx, master, "-failover-abort-slave-timeout");
}

/**
 * INFO shows that the promoted replica is a master: from here on it is the master, and there is no
 * way back. The others hear of it once the new configuration is on disk.
 */
export function promotionObserved(ctx: Context, master: Master, failover: Failover): void {
  const { promoted } = failover;
  if (!promoted || hasRestarted(promoted, failover)) return;
  if (failover.epoch <= master.configEpoch) {
    log(
      ctx,
      "warning",
      `Failover of ${master.name} given up: a configuration of epoch ${master.configEpoch} was heard meanwhile`,
    );
    master.failover = null;
    return;
  }
  master.configEpoch = failover.epoch;
  enter(ctx, failover, "reconf_slaves");
  master.configUnsaved = true;
  save(ctx);
  event(ctx, "warning", "+promoted-slave", promoted);
  if (ctx.state.simulateFailure.afterPromotion) ctx.effects.push({ type: "exit", code: 99 });
  event(ctx, "warning", "+failover-state-reconf-slaves", master);
  reconfigScript(ctx, master, "leader", master.address, currentAddress(master));
  for (const instance of instancesOf(master)) instance.lastHelloSentAt = null;
}

/** Hellos that a new configuration makes urgent leave as soon as it is saved. */
export function sendUrgentHellos(ctx: Context, master: Master): void {
  for (const instance of instancesOf(master)) {
    if (instance.lastHelloSentAt === null) sendDue(ctx, instance);
  }
}

/**
 * Points the replicas at the promoted one, parallel-syncs at a time, once that is on disk. A promoted replica that goes
 * down ends the state, so that it is watched as the master it is by now; upstream waits for ever
 * (algorithm.md 10.2, W5).
 */
function reconfigure(ctx: Context, master: Master, failover: Failover): boolean {
  const { promoted } = failover;
  if (!promoted) return false;
  const isTimedOut = elapsed(ctx, failover.stepSince, master.failoverTimeoutMs);
  if (master.configUnsaved && !isTimedOut) return false;
  if (failover.forced) demoteOldMaster(ctx, master, failover, promoted);
  const isComplete = reconfigureReplicas(ctx, master, promoted);
  if (!isComplete && !isTimedOut && !promoted.sdown) return false;
  if (!isComplete && isTimedOut) event(ctx, "warning", "+failover-end-for-timeout", master);
  event(ctx, "warning", "+failover-end", master);
  if (!isComplete) reconfigureRest(ctx, master, promoted);
  enter(ctx, failover, "update_config");
  return true;
}

/**
 * After SENTINEL FAILOVER the old master runs and takes writes that will be lost: it is told at once
 * whom to follow (algorithm.md 10.4, item 17). Upstream leaves it for some eleven seconds.
 */
function demoteOldMaster(
  ctx: Context,
  master: Master,
  failover: Failover,
  promoted: Replica,
): void {
  if (failover.isOldMasterTold || master.sdown) return;
  failover.isOldMasterTold = replicateFrom(ctx, master, promoted.address);
}

function updateConfig(ctx: Context, master: Master, { promoted }: Failover): boolean {
  if (promoted) switchMaster(ctx, master, promoted.address);
  return true;
}
