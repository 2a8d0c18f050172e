import { type Context, raiseEpoch, save } from "./context.ts";
import { MAX_DESYNC_MS } from "./defaults.ts";
import { emit } from "./event.ts";
import type { Epoch, Master, RunId } from "./state.ts";

/** What we voted in the newest epoch we voted in; `leader` is unknown after a restart. */
export interface Vote {
  readonly leader: RunId | null;
  readonly epoch: Epoch;
}

/**
 * Votes for a candidate if we have not voted in its epoch yet, and says what our vote is
 * (sentinelVoteLeader). The vote must be on disk before anybody hears of it: the caller answers
 * through `awaitingSave`, and counts only when nothing is unsaved (I1, I2).
 */
export function vote(ctx: Context, master: Master, epoch: Epoch, candidate: RunId): Vote {
  if (raiseEpoch(ctx, epoch)) emit(ctx, "warning", "+new-epoch", `${epoch}`, master);
  if (master.leaderEpoch < epoch && ctx.state.currentEpoch === epoch) {
    master.leader = candidate;
    master.leaderEpoch = epoch;
    save(ctx);
    emit(ctx, "warning", "+vote-for-leader", `${candidate} ${epoch}`, master);
    if (candidate !== ctx.state.myId) delayNextAttempt(ctx, master);
  }
  return { leader: master.leader, epoch: master.leaderEpoch };
}

/** The base of the retry delay lies up to a second ahead, so that Sentinels do not collide. */
export function delayNextAttempt(ctx: Context, master: Master): void {
  master.attemptAt = ctx.now + ctx.random.below(MAX_DESYNC_MS);
  master.retryAt = null;
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
 * Whether nobody can win this epoch any more, even if every vote not heard of yet went to one
 * candidate (algorithm.md 10.4, item 9). Then no leader of it can exist, and a new epoch is safe.
 */
export function isLost(master: Master, epoch: Epoch): boolean {
  let unknown = master.leaderEpoch === epoch && master.leader !== null ? 0 : 1;
  for (const peer of master.sentinels.values()) {
    if (peer.leader === null || peer.leaderEpoch !== epoch) unknown++;
  }
  const most = Math.max(0, ...tally(master, epoch).values());
  return most + unknown < votesNeeded(master);
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
