import type { Reply } from "../base/reply.ts";
import { shownHost } from "./address.ts";
import { noteRefusal } from "./complaints.ts";
import { type Context, elapsed } from "./context.ts";
import { elapsedAt, LONG_AGO, NEVER } from "./deadline.ts";
import { ASK_AGAIN_MS, ASK_AT_ONCE_MS, FAST_INFO_PERIOD_MS } from "./defaults.ts";
import { isBelievable } from "./epoch.ts";
import { event } from "./event.ts";
import { followsItself, isFollowedByOurs } from "./heirs.ts";
import { parseEpoch } from "./hello-message.ts";
import { RUN_ID_LENGTH } from "./limits.ts";
import { isDisconnected, silentSince } from "./link.ts";
import { selfMadeMasterWaitMs } from "./periodic.ts";
import { heldDownAt } from "./reborn.ts";
import { dissentOf } from "./records.ts";
import { refusedTooLongAt } from "./refused.ts";
import { isPending, send } from "./send.ts";
import type { Epoch, Instance, Master, Millis, PeerSentinel, RequestId } from "./state.ts";
import { askMake } from "./tell.ts";
import { forgetTrouble, tellTrouble } from "./trouble.ts";

/** For how many ask-periods an answer about a master is believed [ANSWER-LIFETIME]. */
const ANSWER_LIFETIME_PERIODS = 5;

/**
 * Our own opinion (sentinelCheckSubjectivelyDown). Concluded at a tick only: when we stood still, the answer may
 * be the next thing that is heard.
 */
export function checkSubjectivelyDown(ctx: Context, instance: Instance): void {
  const down = ctx.now >= downAt(ctx, instance);
  if (down === instance.sdown || (down && !ctx.isTick)) return;
  instance.sdown = down;
  if (down) instance.sdownSince = ctx.now;
  else instance.scriptKillSent = false;
  event(ctx, "warning", down ? "+sdown" : "-sdown", instance);
  if (down) tellTrouble(ctx, instance);
  else forgetTrouble(instance);
}

/**
 * When it counts as down if nothing better is heard of it: it has not answered for down-after [SDOWN-SILENT], or it
 * is a master that is none. A missing subscription does not count: unlike upstream we go on pinging without it
 * [D-SUBSCRIPTION].
 */
export function downAt(ctx: Context, instance: Instance): Millis {
  const since = silentSince(instance.link);
  const silentAt = since === null ? NEVER : elapsedAt(since, instance.downAfterMs);
  if (instance.kind !== "master") return silentAt;
  const asMaster = Math.min(demotedAt(ctx, instance), rebootedTooLongAt(instance));
  return Math.min(silentAt, asMaster, heldDownAt(instance), refusedTooLongAt(ctx, instance));
}

/**
 * A master that reports to be a replica for longer than two INFO and down-after is none [SDOWN-DEMOTED]. Earlier only
 * if an INFO from after the wait says so still, or none comes: it may be a master again [D-RING].
 */
function demotedAt(ctx: Context, master: Master): Millis {
  const { roleReported, roleReportedSince, infoAt, downAfterMs } = master;
  if (roleReported !== "slave") return NEVER;
  const dueAt = elapsedAt(roleReportedSince, demotionWaitMs(ctx, master));
  if (infoAt !== null && infoAt >= dueAt) return dueAt;
  const usualAt = elapsedAt(roleReportedSince, usualDemotionWaitMs(ctx, downAfterMs));
  return Math.min(usualAt, dueAt + 2 * FAST_INFO_PERIOD_MS);
}

function usualDemotionWaitMs({ state }: Context, downAfterMs: Millis): Millis {
  return downAfterMs + 2 * state.periods.infoPeriod;
}

/**
 * Upstream waits until a newer configuration would have been heard. In a ring of replicas, where nobody
 * takes writes, there is none: down-after is enough [D-RING]. If it follows one of its replicas in
 * sync, that one
 * is the heir, whoever made it a master.
 */
function demotionWaitMs(ctx: Context, master: Master): Millis {
  const { downAfterMs, replicas, isHandingOver } = master;
  if (!isHandingOver && followsItself(ctx, master)) return downAfterMs;
  const isSettled = [...replicas.values()].some((replica) => isFollowedByOurs(ctx, replica));
  if (isSettled) return Math.max(downAfterMs, selfMadeMasterWaitMs(ctx));
  return usualDemotionWaitMs(ctx, downAfterMs);
}

/** master-reboot-down-after-period: it restarted and has not said PONG for that long [SDOWN-REBOOT]. */
function rebootedTooLongAt({ rebootSince, settings }: Master): Millis {
  return rebootSince === null ? NEVER : elapsedAt(rebootSince, settings.rebootDownAfterMs);
}

/** The quorum's opinion: enough Sentinels, ourselves included, say so now [ODOWN-QUORUM]. */
export function checkObjectivelyDown(ctx: Context, master: Master): void {
  const agreeing = master.sdown ? 1 + countMasterDown(master) : 0;
  const { quorum } = master.settings;
  const odown = agreeing >= quorum;
  if (odown === master.odown) return;
  master.odown = odown;
  if (odown) master.odownSince = ctx.now;
  if (odown) event(ctx, "warning", "+odown", master, ` #quorum ${agreeing}/${quorum}`);
  else event(ctx, "warning", "-odown", master);
  // The incident is over, and the next one has all its prompt retries. One that is due stays so: it may
  // have been a moment's answer.
  if (!odown && !master.failover) master.lostElections = 0;
}

function countMasterDown(master: Master): number {
  let count = 0;
  for (const peer of master.sentinels.values()) if (peer.masterDown) count++;
  return count;
}

/**
 * Asks the other Sentinels for their opinion and, while we stand for election, for their vote
 * (sentinelAskMasterStateToOtherSentinels) [ASK-PEERS]. A question waits for its answer; a new epoch does not.
 */
export function askPeers(ctx: Context, master: Master): void {
  for (const peer of master.sentinels.values()) {
    forgetStaleAnswer(ctx, peer);
    if (isDisconnected(peer)) continue;
    askMake(ctx, peer);
    const epoch = voteToAskFor(ctx, master);
    // Nobody's opinion is needed about a master that we see up: only votes are.
    if (epoch === null && !master.sdown) continue;
    const isNewVote = epoch !== null && peer.asked?.epoch !== epoch;
    const isWaiting = isPending(peer, peer.asked?.request ?? null);
    if (isNewVote || (!isWaiting && ctx.now >= askDueAt(ctx, peer))) ask(ctx, master, peer, epoch);
  }
}

/** Who agrees is asked again to hear when he does so no longer; who does not, rather soon [D-ASK-AGAIN]. */
function askDueAt(ctx: Context, peer: PeerSentinel): Millis {
  const { asked, masterDown } = peer;
  if (!asked || !isOfThisDownPeriod(peer)) return LONG_AGO;
  return asked.at + (masterDown ? ctx.state.periods.askPeriod : asked.againAfterMs);
}

function isOfThisDownPeriod({ asked, master }: PeerSentinel): boolean {
  return asked !== null && asked.at >= (master.sdownSince ?? asked.at);
}

/**
 * Another Sentinel asks about it: it sees it down by now, so its earlier answer is outdated. Not
 * without a pause, for anybody may ask.
 */
export function askAgainAtOnce(master: Master): void {
  for (const { asked, masterDown } of master.sentinels.values()) {
    if (asked && !masterDown) asked.againAfterMs = Math.min(asked.againAfterMs, ASK_AT_ONCE_MS);
  }
}

/** When a Sentinel that does not see a master down yet is asked next; for one that does there is no hurry. */
export function askAgainAt(ctx: Context, master: Master): Millis {
  let at = NEVER;
  if (!master.sdown) return at;
  for (const peer of master.sentinels.values()) {
    const { asked, masterDown } = peer;
    if (!asked || masterDown || isPending(peer, asked.request)) continue;
    const dueAt = askDueAt(ctx, peer);
    if (dueAt > ctx.now) at = Math.min(at, dueAt);
  }
  return at;
}

/**
 * The epoch to ask votes for: the failover's own, so that only votes of that epoch are ever counted
 * [D-EPOCH], and only once our own vote in it is on disk [I2].
 */
function voteToAskFor(ctx: Context, master: Master): Epoch | null {
  const { failover } = master;
  if (!failover || ctx.state.unsaved || master.leaderEpoch < failover.epoch) return null;
  return failover.epoch;
}

function ask(ctx: Context, master: Master, peer: PeerSentinel, epoch: Epoch | null): void {
  const { settings, myId, savedEpoch } = ctx.state;
  // Votes are by address: who names another master has none to give about ours.
  const dissent = master.failover?.settles ? dissentOf(peer) : null;
  const address = dissent?.address ?? master.address;
  const host = shownHost(settings, address);
  const words = ["SENTINEL", "is-master-down-by-addr", host, `${address.port}`];
  const rest = epoch === null ? [`${savedEpoch}`, "*"] : [`${epoch}`, myId];
  const kind = dissent === null ? "ask" : "ask-dissent";
  const request = send(ctx, peer, kind, [...words, ...rest]);
  if (request === null) return;
  const { askPeriod } = ctx.state.periods;
  const lastWaitMs = isOfThisDownPeriod(peer) ? (peer.asked?.againAfterMs ?? 0) : 0;
  const againAfterMs = Math.min(Math.max(2 * lastWaitMs, ASK_AGAIN_MS), askPeriod);
  peer.asked = { request, at: ctx.now, againAfterMs, epoch, isVoteTold: false };
}

export function forgetStaleAnswer(ctx: Context, peer: PeerSentinel): void {
  const lifetime = ANSWER_LIFETIME_PERIODS * ctx.state.periods.askPeriod;
  if (!elapsed(ctx, peer.lastDownReplyAt, lifetime)) return;
  peer.masterDown = false;
  peer.leader = null;
}

/**
 * `[down, leader or "*", leader's epoch]`; anything else is not an answer. One about the master that the
 * peer names in place of ours tells of a vote only [I13].
 */
export function hearDownReply(
  ctx: Context,
  peer: PeerSentinel,
  about: "ask" | "ask-dissent",
  request: RequestId,
  reply: Reply,
): void {
  if (reply.type === "error") noteRefusal(ctx, peer, "refusal", reply.text);
  if (reply.type !== "array" || reply.items.length !== 3) return;
  const [down, leader, epoch] = reply.items;
  if (down?.type !== "integer" || epoch?.type !== "integer" || leader?.type !== "bulk") return;
  noteRefusal(ctx, peer, "refusal", null);
  if (leader.text.length > RUN_ID_LENGTH) return;
  peer.lastDownReplyAt = ctx.now;
  if (about === "ask") peer.masterDown = Number(down.value) === 1;
  const leaderEpoch = parseEpoch(`${epoch.value}`);
  if (leaderEpoch === null || !isBelievable(ctx.state, leaderEpoch)) return;
  noteVote(peer, request, leader.text, leaderEpoch);
}

/**
 * What an answer tells of a vote. `*` is said by a Sentinel that did not vote, that forgot for whom,
 * that switched already and does not know the master any more, or that was not asked for a vote; an
 * answer never takes back what is known (votes only go forward).
 */
function noteVote(peer: PeerSentinel, request: RequestId, leader: string, epoch: Epoch): void {
  const question = peer.asked?.request === request ? peer.asked : null;
  const isVoteRequest = question !== null && question.epoch !== null;
  if (leader === "*" && !isVoteRequest) return;
  // Also who voted in an earlier epoch may tell that it cannot in this one.
  if (question) question.isVoteTold = leader !== "*" || epoch > 0n || peer.masterDown;
  if (epoch < peer.leaderEpoch) return;
  peer.leader = leader === "*" ? null : leader;
  peer.leaderEpoch = epoch;
}
