import { type Context, log } from "../context.ts";
import { event } from "../event.ts";
import { isRefused, orderPromotion } from "../role-order.ts";
import type { Failover, Master } from "../state.ts";
import { slowAt } from "./deadlines.ts";
import { lacksQuorum } from "./select.ts";
import { abort, enter } from "./step.ts";

/** Tells the chosen replica to be a master. */
export function promote(ctx: Context, master: Master, failover: Failover): boolean {
  const { promoted } = failover;
  if (!promoted || promoted.sdown) return chooseAgain(ctx, master, failover);
  if (lacksQuorum(master, failover)) return abortSlow(ctx, master, failover);
  if (!orderPromotion(ctx, promoted)) return chooseAgain(ctx, master, failover);
  event(ctx, "notice", "+failover-state-wait-promotion", promoted);
  enter(ctx, failover, "wait_promotion");
  return true;
}

/**
 * The chosen replica refused, or was lost before its promotion was seen. Nobody was told of it, so we,
 * who lead this epoch, choose another at once; upstream waits a failover timeout and gives up [D-CHOOSE-AGAIN].
 */
export function chooseAgain(ctx: Context, master: Master, failover: Failover): boolean {
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
export function abortSlow(ctx: Context, master: Master, failover: Failover): boolean {
  if (ctx.now < slowAt(master, failover)) return false;
  const why = lacksQuorum(master, failover)
    ? "others see its master up again"
    : "the replica did not show itself as a master in time";
  return abort(ctx, master, "-failover-abort-slave-timeout", why);
}
