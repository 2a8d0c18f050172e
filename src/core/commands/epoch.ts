import { error } from "../../base/reply.ts";
import { type Context, log } from "../context.ts";
import { EPOCH_NEAR_END } from "../defaults.ts";
import { event } from "../event.ts";
import type { Epoch, Master, SentinelState } from "../state.ts";
import { type Handler, replyOnceSaved } from "./call.ts";

/**
 * Takes the epochs back to the greatest that are not near their end. Only there: anywhere else a lower epoch
 * would forget votes. The others are not believed any more until the same was done to them, since they
 * are too far ahead.
 */
export const resetEpoch: Handler = (ctx, call) => {
  const { state } = ctx;
  if (state.currentEpoch <= EPOCH_NEAR_END) {
    return error(`ERR The current epoch ${state.currentEpoch} is not near its end.`);
  }
  const masters = [...state.masters.values()];
  if (masters.some(({ failover }) => failover !== null)) {
    return error("INPROG A failover is in progress; the epoch can be reset when it has ended");
  }
  const before = state.currentEpoch;
  state.currentEpoch = greatestUsable(state);
  for (const master of masters) lowerEpochs(master, state.currentEpoch);
  log(ctx, "warning", `Epoch reset on request, from ${before} to ${state.currentEpoch}`);
  for (const master of masters) announce(ctx, master);
  return replyOnceSaved(ctx, call);
};

function isUsable(epoch: Epoch): boolean {
  return epoch <= EPOCH_NEAR_END;
}

function greatestUsable({ masters }: SentinelState): Epoch {
  let greatest = 0n;
  for (const { configEpoch, leaderEpoch } of masters.values()) {
    for (const epoch of [configEpoch, leaderEpoch]) {
      if (isUsable(epoch) && epoch > greatest) greatest = epoch;
    }
  }
  return greatest;
}

/** A configuration of an epoch that does not count any more is as the first one; a vote is used up. */
function lowerEpochs(master: Master, current: Epoch): void {
  if (!isUsable(master.configEpoch)) master.configEpoch = 0n;
  if (!isUsable(master.leaderEpoch)) master.leaderEpoch = current;
  master.leader = null;
  for (const peer of master.sentinels.values()) {
    peer.leader = null;
    peer.leaderEpoch = 0n;
    peer.asked = null;
    peer.epochClaim = null;
  }
}

function announce(ctx: Context, master: Master): void {
  master.configUnsaved = true;
  event(ctx, "warning", "+reset-epoch", master, ` ${ctx.state.currentEpoch}`);
}
