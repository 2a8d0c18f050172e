import { type Context, save } from "./context.ts";
import { elapsedAt, NEVER } from "./deadline.ts";
import {
  CANDIDACY_STAGGER_MS,
  DEAD_LEADER_MS,
  INCIDENT_PATIENCE_MS,
  MAX_CANDIDACY_DELAY_MS,
  MAX_DESYNC_MS,
  STRANGER_PATIENCE_MS,
} from "./defaults.ts";
import { hearEpoch } from "./epoch.ts";
import { emit } from "./event.ts";
import { silentSince } from "./link.ts";
import { namesOfOneVote } from "./other-names.ts";
import { isPromotedAlready } from "./select-replica.ts";
import { isPending } from "./send.ts";
import type {
  Epoch,
  Master,
  Millis,
  PeerSentinel,
  RunId,
  SentinelState,
  UntoldVote,
} from "./state.ts";
import { hasTwin } from "./twin.ts";

/** What we voted in the newest epoch we voted in; `leader` is unknown after a restart. */
interface Vote {
  readonly leader: RunId | null;
  readonly epoch: Epoch;
}

/**
 * Votes for a candidate if we have not voted in its epoch or a later one [VOTE-ONCE], and says what our
 * vote is (sentinelVoteLeader). Epochs are shared by all masters. One that others have left behind is as
 * good as the newest as long as this master's votes and configurations are older. Upstream refuses it, and
 * when several masters die at once their elections spoil each other.
 *
 * The vote must be on disk before anybody hears of it: the caller answers through `awaitingSave`, and counts
 * only when nothing is unsaved [I1] [I2].
 */
export function vote(ctx: Context, master: Master, epoch: Epoch, candidate: RunId): Vote {
  const isBelieved = hearEpoch(ctx, master, epoch, `A request for a vote for ${candidate}`);
  const names = namesOfOneVote(ctx, master);
  shareLastVote(ctx, names);
  const isOpen = names.every((one) => one.leaderEpoch < epoch && one.configEpoch < epoch);
  if (isBelieved && isOpen && !hasTwin(ctx)) {
    for (const one of names) {
      ctx.touched.push(one);
      one.leader = candidate;
      one.leaderEpoch = epoch;
    }
    save(ctx);
    ctx.state.untoldVotes.push({ master, candidate, epoch, isRefused: false });
    if (candidate !== ctx.state.myId) standAside(ctx, master, candidate);
  } else giveRefused(ctx, master);
  return { leader: master.leader, epoch: master.leaderEpoch };
}

/** It is the answer to this request, now if it is on disk by now, else after the next save. */
function giveRefused(ctx: Context, master: Master): void {
  for (const one of ctx.state.untoldVotes) if (one.master === master) one.isRefused = false;
  if (!ctx.state.unsaved) tellVotes(ctx);
}

/** What was voted is on disk: only now has it been given, save to those who were refused it. */
export function tellVotes(ctx: Context): void {
  const { state } = ctx;
  const given = state.untoldVotes.filter(({ isRefused }) => !isRefused);
  state.untoldVotes = state.untoldVotes.filter((one) => one.isRefused && !isOvertaken(one));
  for (const { master, candidate, epoch } of given) {
    emit(ctx, "warning", "+vote-for-leader", `${candidate} ${epoch}`, master);
  }
}

/** Whoever asked is refused. Our vote for ourselves nobody has to ask for: a later save gives it. */
export function keepVotesUntold({ state }: Context): void {
  state.untoldVotes = state.untoldVotes.filter((one) => !isOvertaken(one));
  for (const one of state.untoldVotes) one.isRefused = one.candidate !== state.myId;
}

function isOvertaken({ master, epoch }: UntoldVote): boolean {
  return master.leaderEpoch !== epoch;
}

/**
 * Whoever got our vote has time to lead. One that no hello has named gets that of an election and no
 * more, whatever else it asks meanwhile: anybody may ask in an invented name [D-STRANGER].
 */
function standAside(ctx: Context, master: Master, candidate: RunId): void {
  if (ctx.state.peers.has(candidate)) {
    ctx.state.votedForOtherAt = ctx.now;
    return delayNextAttempt(ctx, master);
  }
  if (master.strangerUntil !== null && ctx.now < master.strangerUntil) return;
  master.strangerUntil = ctx.now + STRANGER_PATIENCE_MS;
}

/**
 * Names for one address are one master to those who ask: a vote is given for all of them, so that it
 * stays given when one of them moves on in the middle of an election [D-NAMESAKES].
 */
function shareLastVote(ctx: Context, names: readonly Master[]): void {
  const last = names.reduce((a, b) => (b.leaderEpoch > a.leaderEpoch ? b : a));
  for (const one of names) {
    if (one.leaderEpoch === last.leaderEpoch) continue;
    one.leader = last.leader;
    one.leaderEpoch = last.leaderEpoch;
    // They were not one server when the vote was given: names may come to mean one address.
    save(ctx);
  }
}

/** The base of the retry delay lies up to a second ahead, so that Sentinels do not collide [ELECT-DELAY]. */
export function delayNextAttempt(ctx: Context, master: Master): void {
  master.attemptAt = ctx.now + ctx.random.below(MAX_DESYNC_MS);
  master.retryAt = null;
  master.abandonedEpoch = null;
  master.lackedReplicaAt = null;
}

/**
 * When we may stand. Sentinels that see the master objectively down at the same moment would split
 * the votes, so the one with the least id goes first and the others follow one after the other,
 * unless they have voted by then [D-STAGGER]. What the first one says comes after its save. Where many masters die
 * together, who asked for votes just now is busy with them, and will come to this one.
 */
export function candidacyAt(ctx: Context, master: Master): Millis {
  const odownSince = master.odownSince ?? ctx.now;
  const { votedForOtherAt, myId, lastSaveMs } = ctx.state;
  const { strangerUntil } = master;
  // The last one has its turn in time, too.
  const mostMs = MAX_CANDIDACY_DELAY_MS / Math.max(1, master.sentinels.size);
  const staggerMs = Math.max(CANDIDACY_STAGGER_MS, Math.min(2 * lastSaveMs, Math.floor(mostMs)));
  let before = 0;
  // A stranger bars all for the same time.
  let rank = 0;
  for (const peer of master.sentinels.values()) {
    if (peer.runId >= myId || peer.sdown) continue;
    rank++;
    if (mayStand(peer)) before++;
  }
  const turnAt = odownSince + before * staggerMs;
  const othersAt = (votedForOtherAt ?? 0) + INCIDENT_PATIENCE_MS + before * staggerMs;
  const at = votedForOtherAt === null ? turnAt : Math.max(turnAt, othersAt);
  const ownAt = Math.min(at, odownSince + MAX_CANDIDACY_DELAY_MS);
  if (strangerUntil === null) return ownAt;
  return Math.max(ownAt, strangerUntil + Math.min(rank * staggerMs, MAX_CANDIDACY_DELAY_MS));
}

/**
 * It sees the master down as well, or has not answered yet whether it does. A C Sentinel waits for nobody, so
 * nobody waits for it: what it leads takes a second longer, and ends twice with a short down-after.
 */
function mayStand(peer: PeerSentinel): boolean {
  if (peer.link.isOurs === false) return false;
  return peer.masterDown || isPending(peer, peer.asked?.request ?? null);
}

/**
 * When the Sentinel that we voted for has been silent itself, on our link and by its hellos, and nobody was
 * promoted, for so long that it will hardly lead any more [D-DEAD-LEADER]. If it does, the greater
 * epoch of its successor settles it.
 */
export function leaderLostAt(ctx: Context, master: Master): Millis {
  const chosen = master.leader === null ? undefined : master.sentinels.get(master.leader);
  const silent = chosen ? silentSince(chosen.link) : null;
  if (!chosen || silent === null) return NEVER;
  let since = Math.max(silent, chosen.lastHelloAt, master.attemptAt ?? silent);
  for (const replica of master.replicas.values()) {
    if (isPromotedAlready(ctx, replica)) since = Math.max(since, replica.roleReportedSince);
  }
  return elapsedAt(since, Math.max(master.downAfterMs, DEAD_LEADER_MS));
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

/** A winner needs the majority of all Sentinels ever seen, and at least the quorum [ELECT-MAJORITY]. */
export function votesNeeded(master: Master): number {
  const voters = master.sentinels.size + 1;
  return Math.max(Math.floor(voters / 2) + 1, master.settings.quorum);
}

/** The Sentinel that leads in this epoch, or null (sentinelGetLeader). */
export function electedLeader(master: Master, epoch: Epoch): RunId | null {
  const needed = votesNeeded(master);
  for (const [leader, votes] of tally(master, epoch)) if (votes >= needed) return leader;
  return null;
}

/**
 * Whether somebody else may lead in this epoch, or still win it, if every vote that we do not know
 * of is his [D-RETRY]. If not, standing once more disturbs nobody.
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
 * Whether it told whom it voted for in this epoch, if anybody. A peer that answered our request for this epoch with an
 * older vote is ahead of it: it did not vote in it and never will.
 */
export function isVoteKnown({ leader, leaderEpoch, asked }: PeerSentinel, epoch: Epoch): boolean {
  if (leaderEpoch === epoch) return leader !== null;
  return asked?.epoch === epoch && asked.isVoteTold && leaderEpoch < epoch;
}

/** A candidate that no hello has named: perhaps nobody at all. */
function isStranger({ peers, myId }: SentinelState, id: RunId): boolean {
  return id !== myId && !peers.has(id);
}

/**
 * Somebody, perhaps ourselves, voted for a stranger, in this epoch or a later one, and nobody whom we know
 * won it: votes were asked for in an invented name, and nobody waits for that one to lead.
 */
export function isStolen({ state }: Context, master: Master, epoch: Epoch): boolean {
  const winner = electedLeader(master, epoch);
  if (winner !== null && !isStranger(state, winner)) return false;
  return [master, ...master.sentinels.values()].some(
    ({ leader, leaderEpoch }) =>
      leader !== null && leaderEpoch >= epoch && isStranger(state, leader),
  );
}

/** The candidate that most peers already voted for in this epoch: we join it rather than split [ELECT-JOIN]. */
export function frontRunner({ state }: Context, master: Master, epoch: Epoch): RunId | null {
  let best: RunId | null = null;
  let most = 0;
  for (const [leader, votes] of tally(master, epoch)) {
    if (votes > most && !isStranger(state, leader)) [best, most] = [leader, votes];
  }
  return best;
}
