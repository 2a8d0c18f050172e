import { type Context, log } from "../context.ts";
import { mayBeAnothers } from "../election.ts";
import type { Failover, FailoverStep, Master } from "../state.ts";
import { isPlanned } from "./coordinated/plan.ts";
import { abort } from "./step.ts";

/** Until these are over no server was told to be the master. */
const BEFORE_PROMOTION: ReadonlySet<FailoverStep> = new Set([
  "wait_start",
  "select_slave",
  "send_slaveof_noone",
]);

/**
 * A master that answers is never failed over unasked [D-MASTER-BACK]. Upstream does not look any more
 * by then.
 */
export function isMasterBack(master: Master, failover: Failover): boolean {
  if (isPlanned(failover) || failover.settles) return false;
  return !master.sdown && BEFORE_PROMOTION.has(failover.step);
}

/** Ends the attempt of a master that is back, in the step in which it answered. */
export function abandon(ctx: Context, master: Master, failover: Failover): false {
  log(ctx, "notice", `Failover of ${master.name} ended: its master answers again`);
  const isElected = failover.step !== "wait_start";
  const name = isElected ? "-failover-abort-no-good-slave" : "-failover-abort-not-elected";
  ctx.journal?.ending(master, "its master answers again", "master-back");
  abort(ctx, master, name, "its master answers again");
  if (failover.failed.size > 0) return false;
  if (isElected) master.attemptAt = null;
  else master.abandonedEpoch = failover.epoch;
  spareNextAttempt(ctx, master);
  return false;
}

/**
 * An attempt that told nobody anything, and in whose epoch nobody else leads or ever will, costs the next
 * one nothing: that disturbs no other. The answers that tell who else may lead can come after its end.
 */
export function spareNextAttempt({ state: { myId } }: Context, master: Master): void {
  const { abandonedEpoch } = master;
  if (abandonedEpoch === null || mayBeAnothers(master, abandonedEpoch, myId)) return;
  master.abandonedEpoch = null;
  master.attemptAt = null;
}
