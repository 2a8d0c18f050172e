import { type Context, elapsed, log, save } from "../context.ts";
import { LOST_ORDER_WAIT_MS } from "../defaults.ts";
import { event } from "../event.ts";
import { currentAddress, instancesOf } from "../records.ts";
import { takeNamesakesAlong } from "../namesakes.ts";
import { sendDue } from "../periodic.ts";
import { promote } from "../reconfigure.ts";
import { isPending } from "../send.ts";
import type { Failover, Master, Replica } from "../state.ts";
import { chooseMoment } from "../tell.ts";
import { ownsEpoch } from "./elect.ts";
import { lacksQuorum } from "./select.ts";
import { abort, enter } from "./step.ts";
import { reconfigScript } from "./switch.ts";

export function sendPromotion(ctx: Context, master: Master, failover: Failover): boolean {
  const { promoted } = failover;
  if (!promoted || promoted.sdown) return chooseAgain(ctx, master, failover);
  if (lacksQuorum(master, failover)) return abortSlow(ctx, master, failover);
  if (!promote(ctx, promoted)) return chooseAgain(ctx, master, failover);
  event(ctx, "notice", "+failover-state-wait-promotion", promoted);
  enter(ctx, failover, "wait_promotion");
  return true;
}

export function waitPromotion(ctx: Context, master: Master, failover: Failover): boolean {
  const { promoted } = failover;
  const isLost = !promoted || promoted.sdown || hasRestarted(promoted, failover);
  if (isLost || isRefused(promoted) || isOrderLost(ctx, promoted)) {
    return chooseAgain(ctx, master, failover);
  }
  // It was seen, and only the epoch was missing.
  if (failover.forced && isSeenAsMaster(promoted, failover)) {
    promotionObserved(ctx, master, failover);
    if (master.failover !== failover || failover.step !== "wait_promotion") return true;
  }
  return abortSlow(ctx, master, failover);
}

function isSeenAsMaster({ roleReported, infoAt }: Replica, { stepSince }: Failover): boolean {
  return roleReported === "master" && infoAt !== null && infoAt >= stepSince;
}

/** Since it was told: it may not have heard it, and what it calls itself now says nothing of that. */
function hasRestarted(promoted: Replica, { stepSince }: Failover): boolean {
  return promoted.runIdSince > stepSince;
}

function isRefused({ order }: Replica): boolean {
  return order?.outcome === "refused";
}

/**
 * The connection was lost before the answer, and the server does not show that it heard the order: it
 * cannot be reached again, or says that it is a replica still, or says nothing.
 */
function isOrderLost(ctx: Context, promoted: Replica): boolean {
  const { order, link, infoAt } = promoted;
  if (!order || order.outcome !== null || isPending(promoted, order.request)) return false;
  order.lostAt ??= ctx.now;
  const isUnreachable = link.command === null && (link.opened.command?.at ?? 0) > order.lostAt;
  const isStillReplica = (infoAt ?? 0) > order.lostAt && promoted.roleReported === "slave";
  return isUnreachable || isStillReplica || elapsed(ctx, order.lostAt, LOST_ORDER_WAIT_MS);
}

/**
 * The chosen replica refused, or was lost before its promotion was seen. Nobody was told of it, so we,
 * who lead this epoch, choose another at once; upstream waits a failover timeout and gives up [D-CHOOSE-AGAIN].
 */
function chooseAgain(ctx: Context, master: Master, failover: Failover): boolean {
  const { promoted } = failover;
  if (promoted) {
    const what = isRefused(promoted) ? "refused its promotion" : "was lost before its promotion";
    log(ctx, "warning", `Replica ${promoted.name} ${what}: choosing again`);
    failover.failed.set(promoted, ctx.now);
  }
  failover.promoted = null;
  failover.infoRequestedAt = null;
  failover.isWaitingForReplica = false;
  enter(ctx, failover, "select_slave");
  event(ctx, "warning", "+failover-state-select-slave", master);
  return true;
}

/** The state ends in bounded time [PROMOTE-TIMEOUT] [I14]. */
function abortSlow(ctx: Context, master: Master, failover: Failover): boolean {
  if (!elapsed(ctx, failover.stepSince, master.failoverTimeoutMs)) return false;
  return abort(ctx, master, "-failover-abort-slave-timeout");
}

/**
 * INFO shows that the promoted replica is a master: from here on it is the master, and there is no
 * way back [PROMOTE-SEEN]. The others hear of it once the new configuration is on disk.
 */
export function promotionObserved(ctx: Context, master: Master, failover: Failover): void {
  const { promoted } = failover;
  if (!promoted || hasRestarted(promoted, failover)) return;
  if (!ownsEpoch(ctx, master, failover)) return;
  if (failover.epoch <= master.configEpoch) {
    log(
      ctx,
      "warning",
      `Failover of ${master.name} given up: a configuration of epoch ${master.configEpoch} was heard meanwhile`,
    );
    master.failover = null;
    return;
  }
  master.configEpoch = failover.epoch;
  chooseMoment(ctx, master);
  enter(ctx, failover, "reconf_slaves");
  master.configUnsaved = true;
  save(ctx);
  event(ctx, "warning", "+promoted-slave", promoted);
  if (ctx.state.simulateFailure.afterPromotion) ctx.effects.push({ type: "exit", code: 99 });
  event(ctx, "warning", "+failover-state-reconf-slaves", master);
  reconfigScript(ctx, master, "leader", master.address, currentAddress(master));
  takeNamesakesAlong(ctx, master, master.address, promoted.address);
  for (const instance of instancesOf(master)) instance.lastHelloSentAt = null;
}

/** Hellos that a new configuration makes urgent leave as soon as it is saved. */
export function sendUrgentHellos(ctx: Context, master: Master): void {
  for (const instance of instancesOf(master)) {
    if (instance.lastHelloSentAt === null) sendDue(ctx, instance);
  }
}
