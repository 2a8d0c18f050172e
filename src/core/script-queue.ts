import { type Context, newId } from "./context.ts";
import { SCRIPT_MAX_QUEUE } from "./defaults.ts";
import type { ScriptJobId } from "./state.ts";

/** Queues a script; when the queue is full, the oldest that does not run is dropped [SCRIPT-QUEUE]. */
export function scheduleScript(ctx: Context, argv: readonly string[]): void {
  const { scripts } = ctx.state;
  scripts.push({
    id: newId<ScriptJobId>(ctx),
    argv,
    retryNum: 0,
    runningSince: null,
    startAt: ctx.now,
    pid: 0,
    killed: false,
  });
  if (scripts.length <= SCRIPT_MAX_QUEUE) return;
  const oldest = scripts.findIndex((job) => job.runningSince === null);
  if (oldest >= 0) scripts.splice(oldest, 1);
}
