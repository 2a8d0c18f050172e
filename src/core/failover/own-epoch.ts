import { type Context, raiseEpoch } from "../context.ts";
import { MAX_EPOCH } from "../defaults.ts";
import { electedLeader, isVoteKnown, tally, vote } from "../election.ts";
import { isAtLastEpoch } from "../epoch.ts";
import { emit } from "../event.ts";
import { isDisconnected } from "../link.ts";
import type { Epoch, Failover, Master, PeerSentinel, RunId } from "../state.ts";
import { epochsOverAt, votesToldAt } from "./deadlines.ts";

/**
 * Makes sure that our epoch is nobody else's; true once it is, and we may name a master in it. That is so for
 * whoever was elected.
 *
 * A forced failover needs nobody's leave to begin, but asks for votes while it goes on, and takes a new epoch if
 * somebody else has one in its own [D-FORCED-EPOCH]. Before it names its replica, everybody who is there must have
 * told its vote in this epoch, or half a second must have passed. Epoch after epoch, it takes two seconds at most.
 */
export function claimEpoch(ctx: Context, master: Master, failover: Failover): boolean {
  if (!failover.forced) return true;
  leaveTakenEpoch(ctx, master, failover);
  const { epoch } = failover;
  const { myId } = ctx.state;
  if (master.leaderEpoch < epoch) voteIn(ctx, master, failover, myId);
  if (
    electedLeader(master, epoch) === myId ||
    ctx.now >= votesToldAt(failover) ||
    ctx.now >= epochsOverAt(failover)
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

/** Votes in the epoch of our failover. A vote for ourselves there makes it ours. */
export function voteIn(ctx: Context, master: Master, failover: Failover, candidate: RunId): void {
  const { leader, epoch } = vote(ctx, master, failover.epoch, candidate);
  if (leader === ctx.state.myId && epoch === failover.epoch) failover.ownVoteEpoch = epoch;
}
