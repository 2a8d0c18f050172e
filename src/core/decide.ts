import type { Context } from "./context.ts";
import { askPeers, checkObjectivelyDown, checkSubjectivelyDown } from "./down.ts";
import { advanceFailover, startFailoverIfDue } from "./failover.ts";
import { isTroubled, plan, planAll } from "./schedule.ts";
import type { Master } from "./state.ts";

/**
 * Draws every conclusion about a master that is already due: SDOWN, ODOWN, the candidacy, the
 * count of votes, the next steps of the failover. Called after any input that may matter, so no
 * conclusion waits for a tick; upstream draws one per tick.
 */
export function decide(ctx: Context, master: Master): void {
  if (ctx.state.tiltSince !== null) return;
  checkSubjectivelyDown(ctx, master);
  if (isTroubled(master)) conclude(ctx, master);
  watchClosely(ctx, master);
}

function conclude(ctx: Context, master: Master): void {
  do {
    checkSubjectivelyDown(ctx, master);
    checkObjectivelyDown(ctx, master);
    startFailoverIfDue(ctx, master);
  } while (advanceFailover(ctx, master));
  if (master.sdown) askPeers(ctx, master);
  plan(ctx, master);
}

/** Whoever watches a master that is in trouble is looked at more often from now on. */
function watchClosely(ctx: Context, master: Master): void {
  const isNew = isTroubled(master) && !master.isWatchedClosely;
  master.isWatchedClosely = isTroubled(master);
  if (isNew) planAll(ctx, master);
}
