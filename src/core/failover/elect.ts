import { type Context, elapsed, raiseEpoch } from "../context.ts";
import {
  FORCED_EPOCHS_MS,
  FORCED_VOTES_MS,
  LATE_RETRY_MS,
  LOST_ELECTION_RETRY_MS,
  MAX_EPOCH,
  MAX_PROMPT_RETRIES,
  SETTLE_RETRY_MS,
  SILENT_VOTERS_MS,
} from "../defaults.ts";
import {
  electedLeader,
  frontRunner,
  isSplit,
  isStolen,
  isVoteKnown,
  mayBeAnothers,
  mayBeOurs,
  tally,
  vote,
} from "../election.ts";
import { isAtLastEpoch } from "../epoch.ts";
import { emit, event } from "../event.ts";
import { requireElected } from "../invariants.ts";
import { isDisconnected } from "../link.ts";
import { isPromotedAlready, selectReplica } from "../select-replica.ts";
import { isPending } from "../send.ts";
import { giveUpSettling, isWorthSettling, settle } from "../settle.ts";
import type { Epoch, Failover, Master, PeerSentinel, RunId } from "../state.ts";
import { hasTwin } from "../twin.ts";
import { abort, enter } from "./step.ts";

/**
 * Votes and counts. Our own vote must be on disk before it counts or peers are asked, so an
 * unsaved configuration holds everything here until `saved`.
 */
export function waitStart(ctx: Context, master: Master, failover: Failover): boolean {
  if (failover.settles && !isWorthSettling(ctx, master)) return giveUpSettling(ctx, master);
  if (hasTwin(ctx)) return abort(ctx, master, "-failover-abort-not-elected");
  catchUpWithEpoch(ctx, master, failover);
  if (master.leaderEpoch < failover.epoch) {
    const favourite = failover.forced ? null : frontRunner(ctx, master, failover.epoch);
    voteIn(ctx, master, failover, favourite ?? ctx.state.myId);
  }
  const isLeader =
    !ctx.state.unsaved &&
    (failover.forced || electedLeader(master, failover.epoch) === ctx.state.myId);
  if (!isLeader) {
    // A forced one needs no votes, only its own on disk.
    if (failover.forced && ctx.state.saveFailedAt === null) return false;
    return abortUnelected(ctx, master, failover);
  }
  requireElected(ctx, master, failover);
  if (failover.settles) return settle(ctx, master, failover);
  master.lostElections = 0;
  event(ctx, "warning", "+elected-leader", master);
  if (ctx.state.simulateFailure.afterElection) ctx.effects.push({ type: "exit", code: 99 });
  enter(ctx, failover, "select_slave");
  failover.selectingSince = ctx.now;
  event(ctx, "warning", "+failover-state-select-slave", master);
  return true;
}

function voteIn(ctx: Context, master: Master, failover: Failover, candidate: RunId): void {
  const { leader, epoch } = vote(ctx, master, failover.epoch, candidate);
  if (leader === ctx.state.myId && epoch === failover.epoch) failover.ownVoteEpoch = epoch;
}

/**
 * Whether our epoch is nobody else's, so that we may name a master in it. That is so for whoever was elected.
 * A forced failover needs nobody's leave to begin, but asks for votes while it goes on, and takes a
 * new epoch if somebody else has one in its own [D-FORCED-EPOCH]. Before it names its replica,
 * everybody who is there must have
 * told its vote in this epoch, or half a second must have passed. Epoch after epoch, it takes two seconds at most.
 */
export function ownsEpoch(ctx: Context, master: Master, failover: Failover): boolean {
  if (!failover.forced) return true;
  leaveTakenEpoch(ctx, master, failover);
  const { epoch, stepSince, epochSince } = failover;
  const { myId } = ctx.state;
  if (master.leaderEpoch < epoch) voteIn(ctx, master, failover, myId);
  if (
    electedLeader(master, epoch) === myId ||
    elapsed(ctx, Math.max(stepSince, epochSince), FORCED_VOTES_MS) ||
    elapsed(ctx, stepSince, FORCED_EPOCHS_MS)
  )
    return true;
  // Who does not know our master any more may have followed another one in this epoch: his hello is on its way.
  const hasTold = (peer: PeerSentinel) =>
    peer.sdown || isDisconnected(peer) || isVoteKnown(peer, epoch);
  return [...master.sentinels.values()].every(hasTold);
}

/** Somebody else has a vote in the epoch of a forced failover, or may have: it takes a new one. */
function leaveTakenEpoch(ctx: Context, master: Master, failover: Failover): void {
  if (!isTaken(ctx, master, failover) || isAtLastEpoch(ctx.state)) return;
  raiseEpoch(ctx, nextOwnEpoch(ctx, master));
  failover.epoch = ctx.state.currentEpoch;
  failover.epochSince = ctx.now;
  emit(ctx, "warning", "+new-epoch", `${failover.epoch}`, master);
}

/**
 * Who voted in a later epoch before it answered about ours may have voted for another in ours, we
 * ourselves too, unless our own vote there is ours.
 */
function isTaken(ctx: Context, master: Master, { epoch, ownVoteEpoch }: Failover): boolean {
  const told = tally(master, epoch);
  told.delete(ctx.state.myId);
  if (told.size > 0) return true;
  if (master.leaderEpoch > epoch && ownVoteEpoch !== epoch) return true;
  return [...master.sentinels.values()].some(({ leaderEpoch }) => leaderEpoch > epoch);
}

/**
 * Two forced failovers that leave one epoch in the same moment must not meet in the next: each Sentinel
 * has its own among as many epochs as there are Sentinels, by the order of their ids.
 */
function nextOwnEpoch({ state: { currentEpoch, myId } }: Context, master: Master): Epoch {
  const count = BigInt(master.sentinels.size + 1);
  const before = [...master.sentinels.values()].filter(({ runId }) => runId < myId).length;
  const next = currentEpoch + 1n;
  const own = next + ((BigInt(before) - (next % count) + count) % count);
  return own > MAX_EPOCH ? next : own;
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
  if (!isEverybodyAsked(master, failover)) return;
  if (!mayBeAnothers(master, failover.epoch, ctx.state.myId)) failover.epoch = currentEpoch;
}

/** Everybody who can be: one to whom a connection is being opened is not there. */
function isEverybodyAsked(master: Master, failover: Failover): boolean {
  return [...master.sentinels.values()].every(
    (peer) => !peer.link.command?.up || isAnswered(peer, failover),
  );
}

function isAnswered(peer: PeerSentinel, failover: Failover): boolean {
  if (peer.asked?.epoch !== failover.epoch) return false;
  return !isPending(peer, peer.asked.request);
}

/** Not elected: for how long we wait [ELECT-TIMEOUT], unless the epoch is lost before [D-RETRY]. */
function abortUnelected(ctx: Context, master: Master, failover: Failover): boolean {
  if (failover.settles) return awaitSettling(ctx, master, failover);
  const isOver = isLost(ctx, master, failover) || isUndecided(ctx, master, failover);
  if (!ctx.state.unsaved && isOver) return retrySoon(ctx, master);
  const { electionTimeout } = ctx.state.periods;
  const waitMs = Math.min(electionTimeout, master.failoverTimeoutMs);
  if (!elapsed(ctx, master.attemptAt, waitMs)) return false;
  return abort(ctx, master, "-failover-abort-not-elected");
}

function awaitSettling(ctx: Context, master: Master, failover: Failover): false {
  const isOver = isLost(ctx, master, failover) || elapsed(ctx, failover.stepSince, SETTLE_RETRY_MS);
  return isOver && !ctx.state.unsaved ? giveUpSettling(ctx, master) : false;
}

/** Neither we nor anybody else can win this epoch any more. */
function isLost(ctx: Context, master: Master, failover: Failover): boolean {
  const { epoch } = failover;
  const { myId } = ctx.state;
  if (isEverybodyAsked(master, failover) && isStolen(ctx, master, epoch)) return true;
  return !mayBeOurs(master, epoch, myId) && !mayBeAnothers(master, epoch, myId);
}

/**
 * The votes that we know are split, the other voters are down, and none of them helped anybody to
 * lead: he would have promoted a replica by now, as there is a fit one, and its INFO would show it. One that was
 * promoted before we stood was so in an earlier epoch.
 * Should it be one that we do not reach, the greater epoch settles it.
 */
function isUndecided(ctx: Context, master: Master, { epoch, stepSince }: Failover): boolean {
  if (!elapsed(ctx, stepSince, SILENT_VOTERS_MS) || !isSplit(master, epoch)) return false;
  const fit = selectReplica(ctx, master);
  return fit !== null && (!isPromotedAlready(ctx, fit) || fit.roleReportedSince < stepSince);
}

/**
 * The votes are split: a new epoch soon, at a time that differs between the candidates by more than their
 * votes take to the disk, which the others have to see first.
 */
function retrySoon(ctx: Context, master: Master): boolean {
  abort(ctx, master, "-failover-abort-not-elected");
  leavePassedEpochs(ctx, master);
  master.lostElections++;
  const isPrompt = master.lostElections <= MAX_PROMPT_RETRIES;
  const { least, most } = isPrompt ? LOST_ELECTION_RETRY_MS : LATE_RETRY_MS;
  const { myId, lastSaveMs } = ctx.state;
  const before = [...master.sentinels.values()].filter(({ runId }) => runId < myId).length;
  master.retryAt = ctx.now + least + ctx.random.below(most - least) + 2 * before * lastSaveMs;
  return false;
}

/** Voters are ahead of us: the next epoch must be one in which they have not voted. */
function leavePassedEpochs(ctx: Context, master: Master): void {
  for (const { leaderEpoch } of master.sentinels.values()) raiseEpoch(ctx, leaderEpoch);
}
