import { complainAbout } from "./complaints.ts";
import type { Context } from "./context.ts";
import { askPeers, checkObjectivelyDown, checkSubjectivelyDown } from "./down.ts";
import { spareNextAttempt } from "./failover/abandon.ts";
import { advanceFailover } from "./failover/advance.ts";
import { handOverAtShutdown } from "./failover/coordinated/at-shutdown.ts";
import { restoreFences } from "./failover/coordinated/fences.ts";
import { isPlanned } from "./failover/coordinated/plan.ts";
import { askAhead } from "./failover/select.ts";
import { startFailoverIfDue } from "./failover/start.ts";
import { judgeReborn } from "./reborn.ts";
import { isTroubled, plan, planAll } from "./schedule.ts";
import { settleIfDue } from "./settle.ts";
import type { Master } from "./state.ts";

/**
 * Draws every conclusion about a master that is already due: SDOWN, ODOWN, the candidacy, the
 * count of votes, the next steps of the failover. Called after any input that may matter, so no
 * conclusion waits for a tick; upstream draws one per tick [D-INPUT].
 */
export function decide(ctx: Context, master: Master): void {
  if (ctx.state.tiltSince !== null) return;
  judgeReborn(ctx, master);
  checkSubjectivelyDown(ctx, master);
  spareNextAttempt(ctx, master);
  settleIfDue(ctx, master);
  handOverAtShutdown(ctx, master);
  restoreFences(ctx, master);
  if (isTroubled(master)) conclude(ctx, master);
  watchClosely(ctx, master);
  complainAbout(ctx, master);
}

function conclude(ctx: Context, master: Master): void {
  ctx.touched.push(master);
  do {
    checkSubjectivelyDown(ctx, master);
    checkObjectivelyDown(ctx, master);
    startFailoverIfDue(ctx, master);
  } while (advanceFailover(ctx, master));
  if (master.sdown || asksForVotes(master)) askPeers(ctx, master);
  askAhead(ctx, master);
  plan(ctx, master);
}

/** Also about a master that is well: an operator forces a failover, or a disagreement is settled. */
function asksForVotes({ failover }: Master): boolean {
  const isNamed = failover?.step === "reconf_slaves" || failover?.step === "update_config";
  return failover !== null && !isNamed && (isPlanned(failover) || failover.settles);
}

/** Whoever watches a master that is in trouble is looked at more often from now on. */
function watchClosely(ctx: Context, master: Master): void {
  const isNew = isTroubled(master) && !master.isWatchedClosely;
  master.isWatchedClosely = isTroubled(master);
  if (isNew) planAll(ctx, master);
}
