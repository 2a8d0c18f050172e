import type { Context } from "./context.ts";
import { SCRIPT_MAX_RETRY, SCRIPT_MAX_RUNNING } from "./defaults.ts";
import { emit } from "./event.ts";
import type { Input } from "./input.ts";
import type { Millis, ScriptJob, ScriptJobId } from "./state.ts";

export function runningScripts(jobs: readonly ScriptJob[]): number {
  return jobs.filter((job) => job.runningSince !== null).length;
}

/** Each tick: ends what ran too long, starts what is due (sentinelRunPendingScripts). */
export function runScripts(ctx: Context): void {
  for (const job of ctx.state.scripts) killIfTooLong(ctx, job);
  let running = runningScripts(ctx.state.scripts);
  for (const job of ctx.state.scripts) {
    if (running >= SCRIPT_MAX_RUNNING) return;
    if (job.runningSince !== null || job.startAt > ctx.now) continue;
    job.runningSince = ctx.now;
    job.retryNum++;
    running++;
    ctx.effects.push({ type: "runScript", job: job.id, argv: job.argv });
  }
}

function killIfTooLong(ctx: Context, job: ScriptJob): void {
  if (job.runningSince === null || job.killed || job.pid === 0) return;
  if (ctx.now - job.runningSince <= ctx.state.periods.scriptMaxRuntime) return;
  emit(ctx, "warning", "-script-timeout", `${job.argv[0]} ${job.pid}`);
  job.killed = true;
  ctx.effects.push({ type: "killScript", job: job.id, pid: job.pid });
}

export function scriptStarted(ctx: Context, input: Input & { type: "scriptStarted" }): void {
  const job = findJob(ctx, input.job);
  if (!job) return;
  job.pid = input.pid;
  emit(ctx, "debug", "+script-child", `${input.pid}`);
}

/** Exit 1 or a signal: once more, later each time. Anything else but 0: an error, no retry [SCRIPT-RETRY]. */
export function scriptExited(ctx: Context, input: Input & { type: "scriptExit" }): void {
  const job = findJob(ctx, input.job);
  if (!job) return;
  emit(ctx, "debug", "-script-child", `${job.pid} ${input.exitCode} ${input.signal}`);
  const mayRetry = input.signal !== 0 || input.exitCode === 1;
  if (mayRetry && job.retryNum < SCRIPT_MAX_RETRY) {
    job.runningSince = null;
    job.pid = 0;
    job.killed = false;
    job.startAt = ctx.now + retryDelay(ctx.state.periods.scriptRetryDelay, job.retryNum);
    return;
  }
  if (mayRetry || input.exitCode !== 0) {
    emit(ctx, "warning", "-script-error", `${job.argv[0]} ${input.signal} ${input.exitCode}`);
  }
  ctx.state.scripts.splice(ctx.state.scripts.indexOf(job), 1);
}

/** Doubled after each execution: 30 s, 60 s, 120 s ... */
function retryDelay(base: Millis, executions: number): Millis {
  return base * 2 ** (executions - 1);
}

function findJob(ctx: Context, id: ScriptJobId): ScriptJob | undefined {
  return ctx.state.scripts.find((job) => job.id === id);
}
