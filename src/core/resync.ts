import { type Context, elapsed } from "./context.ts";
import { event } from "./event.ts";
import { replicateFrom } from "./reconfigure.ts";
import type { Master, Replica } from "./state.ts";

/**
 * One round over the replicas of a failover in reconf_slaves; true when none is left that must
 * still follow the promoted one (sentinelFailoverReconfNextSlave, sentinelFailoverDetectEnd).
 */
export function reconfigureReplicas(ctx: Context, master: Master, promoted: Replica): boolean {
  const others = [...master.replicas.values()].filter((replica) => replica !== promoted);
  for (const replica of others) giveUpUnheard(ctx, replica);
  let busy = others.filter(({ reconf }) => reconf === "sent" || reconf === "inprog").length;
  for (const replica of others) {
    if (busy >= master.parallelSyncs) break;
    if (replica.reconf === "none" && pointAt(ctx, replica, promoted, "+slave-reconf-sent")) busy++;
  }
  return others.every(({ reconf, sdown }) => reconf === "done" || sdown);
}

function pointAt(ctx: Context, replica: Replica, promoted: Replica, name: string): boolean {
  if (!replicateFrom(ctx, replica, promoted.address)) return false;
  replica.reconf = "sent";
  replica.reconfSentAt = ctx.now;
  event(ctx, "notice", name, replica);
  return true;
}

/** The time is over: whoever was not told yet is told now, whatever parallel-syncs says. */
export function reconfigureRest(ctx: Context, master: Master, promoted: Replica): void {
  for (const replica of master.replicas.values()) {
    if (replica === promoted || replica.reconf !== "none") continue;
    pointAt(ctx, replica, promoted, "+slave-reconf-sent-be");
  }
}

/** A replica that never showed to have heard of it does not hold up the others. */
function giveUpUnheard(ctx: Context, replica: Replica): void {
  const { slaveReconfTimeout } = ctx.state.periods;
  if (replica.reconf !== "sent" || !elapsed(ctx, replica.reconfSentAt, slaveReconfTimeout)) return;
  replica.reconf = "done";
  event(ctx, "notice", "-slave-reconf-sent-timeout", replica);
}
