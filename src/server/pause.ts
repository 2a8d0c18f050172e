import type { ServerContext } from "./context.ts";

/** Everybody whom CLIENT PAUSE held back goes on. */
export function endPause(ctx: ServerContext): void {
  ctx.pause = null;
  resumeAll(ctx);
}

/** In the order they came. */
export function resumeAll({ clients }: ServerContext): void {
  for (const client of [...clients.values()]) client.resume();
}

export function endPauseIfDue(ctx: ServerContext, nowMs: number): void {
  if (ctx.pause !== null && nowMs >= ctx.pause.untilMs) endPause(ctx);
}
