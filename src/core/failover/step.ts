import type { Context } from "../context.ts";
import { event } from "../event.ts";
import type { Failover, FailoverStep, Master } from "../state.ts";

export function enter(ctx: Context, failover: Failover, step: FailoverStep): void {
  failover.step = step;
  failover.stepSince = ctx.now;
}

/** Ends the attempt; `attemptAt` stays, so the next one waits. `why`: in the operator's words, for the journal. */
export function abort(ctx: Context, master: Master, name: string, why: string): false {
  ctx.journal?.ending(master, why);
  event(ctx, "warning", name, master);
  master.failover = null;
  return false;
}
