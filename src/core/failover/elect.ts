import { type Context, raiseEpoch } from "../context.ts";
import { LATE_RETRY_MS, LOST_ELECTION_RETRY_MS, MAX_PROMPT_RETRIES } from "../defaults.ts";
import {
  electedLeader,
  frontRunner,
  isSplit,
  isStolen,
  mayBeAnothers,
  mayBeOurs,
  tally,
  votesNeeded,
} from "../election.ts";
import { event } from "../event.ts";
import { requireElected } from "../invariants.ts";
import { isPromotedAlready, selectReplica } from "../select-replica.ts";
import { isPending } from "../send.ts";
import { giveUpSettling, isWorthSettling, settle } from "../settle.ts";
import type { Failover, Master, PeerSentinel } from "../state.ts";
import { hasTwin } from "../twin.ts";
import { electionEndsAt, settlingEndsAt, silentVotersEndAt } from "./deadlines.ts";
import { voteIn } from "./own-epoch.ts";
import { abort, enter } from "./step.ts";

/**
 * Votes and counts (wait_start). Our own vote must be on disk before it counts or peers are asked, so an
 * unsaved configuration holds everything here until `saved`.
 */
export function elect(ctx: Context, master: Master, failover: Failover): boolean {
  if (failover.settles && !isWorthSettling(ctx, master)) return giveUpSettling(ctx, master);
  if (hasTwin(ctx)) {
    return abort(ctx, master, "-failover-abort-not-elected", "another Sentinel has our id");
  }
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
  if (!ctx.state.unsaved && isOver) return retrySoon(ctx, master, failover);
  if (ctx.now < electionEndsAt(ctx, master)) return false;
  const why = ctx.state.unsaved
    ? "our own vote could not be saved"
    : lackOfVotes(ctx, master, failover);
  return abort(ctx, master, "-failover-abort-not-elected", why);
}

function lackOfVotes({ state }: Context, master: Master, { epoch }: Failover): string {
  const votes = tally(master, epoch).get(state.myId) ?? 0;
  return `votes: ${votes} of the ${votesNeeded(master)} that are needed`;
}

function awaitSettling(ctx: Context, master: Master, failover: Failover): false {
  const isOver = isLost(ctx, master, failover) || ctx.now >= settlingEndsAt(failover);
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
function isUndecided(ctx: Context, master: Master, failover: Failover): boolean {
  const { epoch, stepSince } = failover;
  if (ctx.now < silentVotersEndAt(failover) || !isSplit(master, epoch)) return false;
  const fit = selectReplica(ctx, master);
  return fit !== null && (!isPromotedAlready(ctx, fit) || fit.roleReportedSince < stepSince);
}

/**
 * The votes are split: a new epoch soon, at a time that differs between the candidates by more than their
 * votes take to the disk, which the others have to see first.
 */
function retrySoon(ctx: Context, master: Master, failover: Failover): boolean {
  const why = `the votes were split: ${lackOfVotes(ctx, master, failover)}`;
  abort(ctx, master, "-failover-abort-not-elected", why);
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
