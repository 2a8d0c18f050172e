import type { Context } from "./context.ts";
import { askPeers, checkObjectivelyDown, checkSubjectivelyDown } from "./down.ts";
import { advanceFailover, startFailoverIfDue } from "./failover.ts";
import type { Master } from "./state.ts";

/**
 * Draws every conclusion about a master that is already due: SDOWN, ODOWN, the candidacy, the
 * count of votes, the next steps of the failover. Called after any input that may matter, so no
 * conclusion waits for a tick; upstream draws one per tick.
 */
export function decide(ctx: Context, master: Master): void {
  if (ctx.state.tiltSince !== null) return;
  do {
    checkSubjectivelyDown(ctx, master);
    checkObjectivelyDown(ctx, master);
    startFailoverIfDue(ctx, master);
  } while (advanceFailover(ctx, master));
  askPeers(ctx, master);
}
