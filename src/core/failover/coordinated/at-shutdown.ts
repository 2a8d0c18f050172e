import { type Context, log } from "../../context.ts";
import { elapsedAt, LONG_AGO, NEVER } from "../../deadline.ts";
import { CANDIDACY_STAGGER_MS } from "../../defaults.ts";
import { isPaused } from "../../pause.ts";
import type { Master, Millis } from "../../state.ts";
import { type AskedFor, nextAttemptAt, startFailover } from "../start.ts";
import { obstacles } from "./obstacles.ts";
import { newPlan, usualLimitMs } from "./plan.ts";

/** A server waits some ten seconds at its end: so many attempts find room in that. */
const MAX_ATTEMPTS = 3;
const AGAIN_MS = 1_000;

/**
 * `--handover-on-shutdown`: a master that said that it ends is handed over before it does [D-SHUTDOWN]. The Sentinels
 * that heard so go one after the other, as in an election.
 */
export function handOverAtShutdown(ctx: Context, master: Master): void {
  const { leaving } = master;
  if (leaving === null || ctx.now < handOverDueAt(ctx, master)) return;
  if (isPaused(ctx, master)) return;
  const asked: AskedFor = {
    forced: false,
    coordinated: newPlan("offset", usualLimitMs(master), true),
    target: null,
  };
  const [obstacle] = obstacles(ctx, master, asked);
  if (obstacle !== undefined) return tellObstacle(ctx, master, obstacle);
  log(ctx, "warning", `Handing ${master.name} over: its master shuts down`);
  leaving.attempts++;
  leaving.attemptedAt = ctx.now;
  startFailover(ctx, master, asked);
}

/** When that is next; long ago: at once. */
export function handOverDueAt(ctx: Context, master: Master): Millis {
  const { leaving, failover, odown, link } = master;
  if (leaving === null || !ctx.state.settings.guards.handsOverAtShutdown) return NEVER;
  // One that is gone is failed over as any other.
  if (failover !== null || odown || !link.command?.up || leaving.attempts >= MAX_ATTEMPTS)
    return NEVER;
  const againAt =
    leaving.attemptedAt === null ? LONG_AGO : elapsedAt(leaving.attemptedAt, AGAIN_MS);
  const turnAt = leaving.since + countBefore(ctx, master) * CANDIDACY_STAGGER_MS;
  return Math.max(turnAt, againAt, nextAttemptAt(ctx, master));
}

/** Those that may begin it before us: not C Sentinels, which do not hear of it. */
function countBefore({ state: { myId } }: Context, { sentinels }: Master): number {
  let before = 0;
  for (const { runId, sdown, link } of sentinels.values()) {
    if (runId < myId && !sdown && link.isOurs !== false) before++;
  }
  return before;
}

function tellObstacle(ctx: Context, { name, leaving }: Master, obstacle: string): void {
  if (leaving === null || leaving.obstacle === obstacle) return;
  leaving.obstacle = obstacle;
  log(ctx, "warning", `${name} is not handed over, though its master shuts down: ${obstacle}`);
}
