import { sameAddress } from "./address.ts";
import { type Context, elapsed, raiseEpoch, save } from "./context.ts";
import {
  CANDIDACY_STAGGER_MS,
  DEAD_LEADER_MS,
  INCIDENT_PATIENCE_MS,
  MAX_CANDIDACY_DELAY_MS,
  MAX_DESYNC_MS,
} from "./defaults.ts";
import { emit } from "./event.ts";
import { silentSince } from "./link.ts";
import { isPromotedAlready } from "./select-replica.ts";
import { isPending } from "./send.ts";
import type { Epoch, Master, Millis, PeerSentinel, RunId } from "./state.ts";

/** What we voted in the newest epoch we voted in; `leader` is unknown after a restart. */
export interface Vote {
  readonly leader: RunId | null;
  readonly epoch: Epoch;
}

/**
 * Votes for a candidate if we have not voted in its epoch or a later one, and says what our vote is
 * (sentinelVoteLeader). Epochs are shared by all masters, so one that others have left behind is
 * as good as the newest as long as this master's votes and configurations are older; upstream
 * refuses it, and when several masters die at once their elections spoil each other. The vote must be on disk before anybody hears of it: the caller answers
 * through `awaitingSave`, and counts only when nothing is unsaved (I1, I2).
 */
export function vote(ctx: Context, master: Master, epoch: Epoch, candidate: RunId): Vote {
  if (raiseEpoch(ctx, epoch)) emit(ctx, "warning", "+new-epoch", `${epoch}`, master);
  const isOpen = master.leaderEpoch < epoch && master.configEpoch < epoch;
  if (isOpen && !hasVotedOtherwise(ctx, master, epoch, candidate)) {
    master.leader = candidate;
    master.leaderEpoch = epoch;
    save(ctx);
    emit(ctx, "warning", "+vote-for-leader", `${candidate} ${epoch}`, master);
    if (candidate !== ctx.state.myId) {
      ctx.state.votedForOtherAt = ctx.now;
      delayNextAttempt(ctx, master);
    }
  }
  return { leader: master.leader, epoch: master.leaderEpoch };
}

/** Two names for one address are one master to those who ask: one vote for both. */
function hasVotedOtherwise(
  { state }: Context,
  master: Master,
  epoch: Epoch,
  candidate: RunId,
): boolean {
  for (const other of state.masters.values()) {
    if (other === master || other.leaderEpoch !== epoch || other.leader === candidate) continue;
    if (sameAddress(other.address, master.address)) return true;
  }
  return false;
}

/** The base of the retry delay lies up to a second ahead, so that Sentinels do not collide. */
export function delayNextAttempt(ctx: Context, master: Master): void {
  master.attemptAt = ctx.now + ctx.random.below(MAX_DESYNC_MS);
  master.retryAt = null;
}

/**
 * When we may stand. Sentinels that see the master objectively down at the same moment would split
 * the votes, so the one with the least id goes first and the others follow one after the other,
 * unless they have voted by then (algorithm.md 10.4, item 8). Where many masters die together, who
 * asked for votes just now is busy with them, and will come to this one.
 */
export function candidacyAt(ctx: Context, master: Master): Millis {
  const odownSince = master.odownSince ?? ctx.now;
  const { votedForOtherAt, myId } = ctx.state;
  let before = 0;
  for (const peer of master.sentinels.values()) {
    if (peer.runId < myId && !peer.sdown && mayStand(peer)) before++;
  }
  const turnAt = odownSince + before * CANDIDACY_STAGGER_MS;
  const othersAt = (votedForOtherAt ?? 0) + INCIDENT_PATIENCE_MS + before * CANDIDACY_STAGGER_MS;
  const at = votedForOtherAt === null ? turnAt : Math.max(turnAt, othersAt);
  return Math.min(at, odownSince + MAX_CANDIDACY_DELAY_MS);
}

/** It sees the master down as well, or has not answered yet whether it does. */
function mayStand(peer: PeerSentinel): boolean {
  return peer.masterDown || isPending(peer, peer.asked?.request ?? null);
}

/**
 * The Sentinel that we voted for is silent itself, on our link and by its hellos, and nobody was
 * promoted lately, for so long that it will hardly lead any more (item 10). If it does, the greater
 * epoch of its successor settles it.
 */
export function isLeaderLost(ctx: Context, master: Master): boolean {
  const chosen = master.leader === null ? undefined : master.sentinels.get(master.leader);
  const silent = chosen ? silentSince(chosen.link) : null;
  if (!chosen || silent === null) return false;
  let since = Math.max(silent, chosen.lastHelloAt, master.attemptAt ?? silent);
  for (const replica of master.replicas.values()) {
    if (isPromotedAlready(replica)) since = Math.max(since, replica.roleReportedSince);
  }
  return elapsed(ctx, since, Math.max(master.downAfterMs, DEAD_LEADER_MS));
}

/** Votes for each candidate in exactly this epoch, ours included once it is cast. */
export function tally(master: Master, epoch: Epoch): Map<RunId, number> {
  const votes = new Map<RunId, number>();
  const count = (leader: RunId | null, leaderEpoch: Epoch) => {
    if (leader !== null && leaderEpoch === epoch) votes.set(leader, (votes.get(leader) ?? 0) + 1);
  };
  for (const peer of master.sentinels.values()) count(peer.leader, peer.leaderEpoch);
  count(master.leader, master.leaderEpoch);
  return votes;
}

/** A winner needs the majority of all Sentinels ever seen, and at least the quorum. */
export function votesNeeded(master: Master): number {
  const voters = master.sentinels.size + 1;
  return Math.max(Math.floor(voters / 2) + 1, master.quorum);
}

/** The Sentinel that leads in this epoch, or null (sentinelGetLeader). */
export function electedLeader(master: Master, epoch: Epoch): RunId | null {
  const needed = votesNeeded(master);
  for (const [leader, votes] of tally(master, epoch)) if (votes >= needed) return leader;
  return null;
}

/**
 * Whether somebody else may lead in this epoch, or still win it, if every vote that we do not know
 * of is his (algorithm.md 10.4, item 9). If not, standing once more disturbs nobody.
 */
export function mayBeAnothers(master: Master, epoch: Epoch, myId: RunId): boolean {
  const votes = tally(master, epoch);
  votes.delete(myId);
  const most = Math.max(0, ...votes.values());
  return most + unknownVotes(master, epoch) >= votesNeeded(master);
}

/** Whether we can still win it. */
export function mayBeOurs(master: Master, epoch: Epoch, myId: RunId): boolean {
  const votes = tally(master, epoch).get(myId) ?? 0;
  return votes + unknownVotes(master, epoch) >= votesNeeded(master);
}

/**
 * Those who told their vote are enough to elect somebody, and did not: the votes are split, and only
 * Sentinels that are down could still decide.
 */
export function isSplit(master: Master, epoch: Epoch): boolean {
  const told = master.sentinels.size + 1 - unknownVotes(master, epoch);
  for (const peer of master.sentinels.values()) {
    if (!isVoteKnown(peer, epoch) && !peer.sdown) return false;
  }
  return told >= votesNeeded(master) && electedLeader(master, epoch) === null;
}

/** Voters that may have voted in this epoch, or may do so yet, without our knowing for whom. */
function unknownVotes(master: Master, epoch: Epoch): number {
  let unknown = master.leaderEpoch === epoch && master.leader !== null ? 0 : 1;
  for (const peer of master.sentinels.values()) if (!isVoteKnown(peer, epoch)) unknown++;
  return unknown;
}

/**
 * A peer that answered our request for this epoch with an older vote is ahead of it: it did not vote
 * in it and never will.
 */
function isVoteKnown({ leader, leaderEpoch, asked }: PeerSentinel, epoch: Epoch): boolean {
  if (leaderEpoch === epoch) return leader !== null;
  return asked?.epoch === epoch && asked.isVoteTold && leaderEpoch < epoch;
}

/** The candidate that most peers already voted for in this epoch: we join it rather than split. */
export function frontRunner(master: Master, epoch: Epoch): RunId | null {
  let best: RunId | null = null;
  let most = 0;
  for (const [leader, votes] of tally(master, epoch)) {
    if (votes > most) [best, most] = [leader, votes];
  }
  return best;
}
