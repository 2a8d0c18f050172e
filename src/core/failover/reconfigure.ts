import { sameAddress } from "../address.ts";
import { type Context, log } from "../context.ts";
import { isOneServer } from "../doubt.ts";
import { event } from "../event.ts";
import { hasLeft } from "../leaving.ts";
import { isForeign } from "../lineage-guard.ts";
import { leaveToOtherName, masterOfAnotherName } from "../other-names.ts";
import { pauseOfReplica } from "../pause.ts";
import { isOldMasterBack } from "../returning.ts";
import { replicateFrom } from "../role-order.ts";
import type { Failover, Master, Replica } from "../state.ts";
import { oldMasterGoneAt } from "./coordinated/deadlines.ts";
import { liftFence } from "./coordinated/fence.ts";
import { isPlanned } from "./coordinated/plan.ts";
import { settleRoles } from "./coordinated/server-failover.ts";
import { slowAt, unheardAt } from "./deadlines.ts";
import { enter } from "./step.ts";

/**
 * Points the replicas at the promoted one, parallel-syncs at a time, once that is on disk
 * [RECONF-PARALLEL] [I12]. A promoted replica that goes
 * down ends the state, so that it is watched as the master it is by now; upstream waits for ever
 * [D-STUCK-LEADER].
 */
export function reconfigure(ctx: Context, master: Master, failover: Failover): boolean {
  const { promoted } = failover;
  if (!promoted) return false;
  const isTimedOut = ctx.now >= slowAt(master, failover);
  if (master.configUnsaved && !isTimedOut) return false;
  if (isPlanned(failover) || isOldMasterBack(ctx, master, failover)) {
    demoteOldMaster(ctx, master, failover, promoted);
  }
  const isComplete =
    reconfigureReplicas(ctx, master, promoted) && !awaitsOldMaster(ctx, master, failover);
  if (!isComplete && !isTimedOut && !promoted.sdown) return false;
  if (!isComplete && isTimedOut) event(ctx, "warning", "+failover-end-for-timeout", master);
  event(ctx, "warning", "+failover-end", master);
  if (!isComplete) reconfigureRest(ctx, master, promoted);
  enter(ctx, failover, "update_config");
  return true;
}

/**
 * After SENTINEL FAILOVER, or when it is back, the old master runs and takes writes that will be lost: it is told
 * at once whom to follow [D-DEMOTE-OLD]. Upstream leaves it for some eleven seconds.
 */
function demoteOldMaster(
  ctx: Context,
  master: Master,
  failover: Failover,
  promoted: Replica,
): void {
  const { isOldMasterTold, coordinated } = failover;
  if (isOldMasterTold || master.sdown || masterOfAnotherName(ctx, master)) return;
  const isFenced = coordinated?.method === "fence";
  // Before it writes its file. It takes no writes any more.
  if (isFenced && coordinated.hold?.isDemoted) liftFence(ctx, master, coordinated);
  failover.isOldMasterTold =
    coordinated?.method === "failover"
      ? settleRoles(ctx, master, promoted)
      : replicateFrom(ctx, master, promoted, coordinated !== null && !isFenced);
  if (failover.isOldMasterTold && coordinated?.hold) {
    const heldMs = ctx.now - coordinated.hold.since;
    log(ctx, "notice", `Writes of ${master.name} were held back for ${heldMs} ms`);
  }
}

/** It took part in the switch a moment ago: it is told as soon as it is reached again [COORD-DEMOTE]. */
function awaitsOldMaster(ctx: Context, master: Master, failover: Failover): boolean {
  const { coordinated, isOldMasterTold } = failover;
  if (!coordinated || isOldMasterTold || masterOfAnotherName(ctx, master)) return false;
  if (hasLeft(master)) return false;
  return ctx.now < oldMasterGoneAt(failover);
}

/**
 * One round over the replicas of a failover in reconf_slaves; true when none is left that must
 * still follow the promoted one (sentinelFailoverReconfNextSlave, sentinelFailoverDetectEnd) [RECONF-END].
 */
function reconfigureReplicas(ctx: Context, master: Master, promoted: Replica): boolean {
  const others = [...master.replicas.values()].filter((replica) => replica !== promoted);
  for (const replica of others) giveUpUnheard(ctx, replica);
  let busy = others.filter(({ reconf }) => reconf === "sent" || reconf === "inprog").length;
  for (const replica of others) {
    if (busy >= master.settings.parallelSyncs) break;
    if (replica.reconf === "none" && pointAt(ctx, replica, promoted, "+slave-reconf-sent")) busy++;
  }
  return others.every(({ reconf, sdown }) => reconf === "done" || sdown);
}

function pointAt(ctx: Context, replica: Replica, promoted: Replica, name: string): boolean {
  const isLeftAlone = pauseOfReplica(ctx, replica) !== null || isForeign(ctx, replica);
  // The promoted one itself, by another name of it. By its run id that is known once it says that it is a master.
  const isSame = sameAddress(replica.address, promoted.address);
  const isPromoted =
    isSame || (replica.roleReported === "master" && isOneServer(replica, promoted));
  if (isPromoted || isLeftAlone || leaveToOtherName(ctx, replica)) replica.reconf = "done";
  if (replica.reconf === "done" || !replicateFrom(ctx, replica, promoted)) return false;
  replica.reconf = "sent";
  replica.reconfSentAt = ctx.now;
  event(ctx, "notice", name, replica);
  return true;
}

/** The time is over: whoever was not told yet is told now, whatever parallel-syncs says. */
function reconfigureRest(ctx: Context, master: Master, promoted: Replica): void {
  for (const replica of master.replicas.values()) {
    if (replica === promoted || replica.reconf !== "none") continue;
    pointAt(ctx, replica, promoted, "+slave-reconf-sent-be");
  }
}

/** A replica that never showed to have heard of it does not hold up the others. */
function giveUpUnheard(ctx: Context, replica: Replica): void {
  if (ctx.now < unheardAt(ctx, replica)) return;
  replica.reconf = "done";
  event(ctx, "notice", "-slave-reconf-sent-timeout", replica);
}
