import { type Context, log, save } from "../context.ts";
import { event } from "../event.ts";
import { takeNamesakesAlong } from "../namesakes.ts";
import { currentAddress } from "../records.ts";
import { endReign } from "../reigns.ts";
import { isRefused } from "../role-order.ts";
import { isPromotedAlready } from "../select-replica.ts";
import { isPending } from "../send.ts";
import type { Failover, Master, Replica } from "../state.ts";
import { reconfigScript } from "../switch-master.ts";
import { chooseMoment } from "../tell.ts";
import { makeHellosUrgent } from "../urgent-hellos.ts";
import { awaitHandedOver, demoteFirst, isTooLate } from "./coordinated/hand-over.ts";
import { isPlanned } from "./coordinated/plan.ts";
import { orderLostAt } from "./deadlines.ts";
import { claimEpoch } from "./own-epoch.ts";
import { abortSlow, chooseAgain } from "./promote.ts";
import { enter } from "./step.ts";

/** Until INFO of the chosen replica shows that it is a master, or it is lost. */
export function awaitPromotion(ctx: Context, master: Master, failover: Failover): boolean {
  const { promoted } = failover;
  if (promoted) noteLostOrder(ctx, promoted);
  const isLost = !promoted || promoted.sdown || hasRestarted(promoted, failover);
  const isInVain = isLost || isRefusal(ctx, promoted) || isOrderLost(ctx, promoted);
  const isSeen = promoted !== null && isSeenAsMaster(promoted, failover);
  // Whatever became of the order: one that is seen as a master has heard it.
  const isWithout = isSeen ? isLost : isInVain;
  if (isWithout && !failover.coordinated) return chooseAgain(ctx, master, failover);
  // It was seen, and only the epoch was missing, or the answer of the old master.
  if (isPlanned(failover) && isSeen) {
    promotionObserved(ctx, master, failover);
    if (master.failover !== failover || failover.step !== "wait_promotion") return true;
  }
  if (failover.coordinated) return awaitHandedOver(ctx, master, failover, isWithout);
  return abortSlow(ctx, master, failover);
}

/** Not by one that is a master already: INFO, asked for with the refusal, shows that it is still. */
function isRefusal(ctx: Context, promoted: Replica): boolean {
  return isRefused(promoted) && !isPromotedAlready(ctx, promoted);
}

function isSeenAsMaster({ roleReported, infoAt }: Replica, { stepSince }: Failover): boolean {
  return roleReported === "master" && infoAt !== null && infoAt >= stepSince;
}

/** Since it was told: it may not have heard it, and what it calls itself now says nothing of that. */
function hasRestarted(promoted: Replica, { stepSince }: Failover): boolean {
  return promoted.runIdSince > stepSince;
}

function noteLostOrder(ctx: Context, promoted: Replica): void {
  const { order } = promoted;
  if (!order || order.outcome !== null || isPending(promoted, order.request)) return;
  order.lostAt ??= ctx.now;
}

/**
 * The connection was lost before the answer, and the server does not show that it heard the order: it
 * cannot be reached again, or says that it is a replica still, or says nothing.
 */
function isOrderLost(ctx: Context, promoted: Replica): boolean {
  const { order, link, infoAt } = promoted;
  if (!order || order.outcome !== null || order.lostAt === null) return false;
  const isUnreachable = link.command === null && (link.opened.command?.at ?? 0) > order.lostAt;
  const isStillReplica = (infoAt ?? 0) > order.lostAt && promoted.roleReported === "slave";
  return isUnreachable || isStillReplica || ctx.now >= orderLostAt(order);
}

/**
 * INFO shows that the promoted replica is a master: from here on it is the master, and there is no
 * way back [PROMOTE-SEEN]. The others hear of it once the new configuration is on disk.
 */
export function promotionObserved(ctx: Context, master: Master, failover: Failover): void {
  const { promoted } = failover;
  if (!promoted || hasRestarted(promoted, failover) || isTooLate(ctx, master, failover)) return;
  if (!claimEpoch(ctx, master, failover)) return;
  if (failover.epoch <= master.configEpoch) {
    log(
      ctx,
      "warning",
      `Failover of ${master.name} given up: a configuration of epoch ${master.configEpoch} was heard meanwhile`,
    );
    master.failover = null;
    return;
  }
  if (demoteFirst(ctx, master, failover)) return;
  master.configEpoch = failover.epoch;
  endReign(ctx, master);
  chooseMoment(ctx, master);
  enter(ctx, failover, "reconf_slaves");
  master.configUnsaved = true;
  save(ctx);
  event(ctx, "warning", "+promoted-slave", promoted);
  if (ctx.state.simulateFailure.afterPromotion) ctx.effects.push({ type: "exit", code: 99 });
  event(ctx, "warning", "+failover-state-reconf-slaves", master);
  reconfigScript(ctx, master, "leader", master.address, currentAddress(master));
  takeNamesakesAlong(ctx, master, master.address, promoted.address);
  makeHellosUrgent(master);
}
