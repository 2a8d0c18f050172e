import { type Context, elapsed, log, raiseEpoch } from "./context.ts";
import { EPOCH_NEAR_END, MAX_EPOCH, MAX_EPOCH_LEAP } from "./defaults.ts";
import { emit } from "./event.ts";
import { isReached } from "./identity.ts";
import type { Epoch, Master, PeerSentinel, SentinelState } from "./state.ts";

/** The complaint about one epoch that is not believed is not repeated sooner. */
const COMPLAINT_PERIOD_MS = 60_000;

/**
 * Whether an epoch that others name may be real: one message must not use up what is left of 63 bits
 * [D-EPOCH-BOUND].
 * Everything that we can raise ourselves to is believed by those who followed so far.
 */
export function isBelievable({ currentEpoch }: SentinelState, epoch: Epoch): boolean {
  return epoch <= MAX_EPOCH && epoch <= currentEpoch + MAX_EPOCH_LEAP;
}

/** Goes on to an epoch that somebody named [HELLO-EPOCH], if it is believable; false if it is not. */
export function hearEpoch(ctx: Context, master: Master, epoch: Epoch, speaker: string): boolean {
  if (!isBelievable(ctx.state, epoch)) {
    complain(ctx, epoch, speaker);
    return false;
  }
  if (raiseEpoch(ctx, epoch)) emit(ctx, "warning", "+new-epoch", `${epoch}`, master);
  return true;
}

/**
 * The epoch of a hello. One that is too far ahead is a claim of its Sentinel until a hello of the
 * same one says less; what most of those that we reach claim for some hellos in a row is followed:
 * then we are the newcomer.
 */
export function hearPeerEpoch(ctx: Context, peer: PeerSentinel, epoch: Epoch): void {
  const records = ctx.state.peers.get(peer.runId) ?? [];
  const isBelieved = hearEpoch(ctx, peer.master, epoch, `Sentinel ${peer.runId}`);
  const [eldest = peer] = records;
  // Nearly always: with many masters, to look at all records at each hello costs more than all else that it does.
  if (isBelieved && eldest.epochClaim === null && peer.epochClaim === null) return;
  const since = peer.epochClaim?.since ?? ctx.now;
  for (const record of records) record.epochClaim = isBelieved ? null : { epoch, since };
  if (!isBelieved) followMajority(ctx, peer.master);
}

function followMajority(ctx: Context, master: Master): void {
  const patienceMs = 3 * ctx.state.periods.publishPeriod;
  const claims: Epoch[] = [];
  let voices = 0;
  for (const [peer] of ctx.state.peers.values()) {
    if (!peer || !isReached(peer)) continue;
    voices++;
    const { epochClaim } = peer;
    const isLasting = epochClaim !== null && elapsed(ctx, epochClaim.since, patienceMs);
    if (isLasting && epochClaim.epoch <= EPOCH_NEAR_END) claims.push(epochClaim.epoch);
  }
  // What more than half of them have at least.
  const shared = claims.sort((a, b) => (a > b ? -1 : 1))[Math.floor(voices / 2)];
  if (shared === undefined || !raiseEpoch(ctx, shared)) return;
  log(ctx, "warning", `Most Sentinels are at epoch ${shared} or beyond: following them`);
  emit(ctx, "warning", "+new-epoch", `${shared}`, master);
}

function complain(ctx: Context, epoch: Epoch, speaker: string): void {
  const { state, now } = ctx;
  if (!elapsed(ctx, state.epochComplaintAt, COMPLAINT_PERIOD_MS)) return;
  state.epochComplaintAt = now;
  const bound = `more than ${MAX_EPOCH_LEAP} ahead of ours, ${state.currentEpoch}`;
  log(ctx, "warning", `${speaker} names epoch ${epoch}, ${bound}: not believed`);
}

/** The last epoch is reached: no election can take place any more. */
export function isAtLastEpoch({ currentEpoch }: SentinelState): boolean {
  return currentEpoch >= MAX_EPOCH;
}

/** What an operator must know of an epoch near its end; null while there is nothing to say. */
export function epochTrouble(state: SentinelState): string | null {
  if (state.currentEpoch <= EPOCH_NEAR_END) return null;
  const what = isAtLastEpoch(state)
    ? "is the last one: no failover is possible"
    : "is near its end, which no life of elections reaches";
  return `The current epoch ${state.currentEpoch} ${what}. Run SENTINEL RESET-EPOCH on each Sentinel`;
}
