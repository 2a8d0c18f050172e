import type { ServerContext } from "./context.ts";

/** Everybody whom CLIENT PAUSE held back goes on, in the order they came. */
export function endPause(ctx: ServerContext): void {
  ctx.pause = null;
  for (const client of [...ctx.clients.values()]) client.resume();
}

export function endPauseIfDue(ctx: ServerContext, nowMs: number): void {
  if (ctx.pause !== null && nowMs >= ctx.pause.untilMs) endPause(ctx);
}
