import type { Context } from "./context.ts";
import { emit } from "./event.ts";
import { planEverything } from "./schedule.ts";

/**
 * A tick that comes too late: the process stood still, and what it believes about others may be
 * its own fault (sentinelCheckTiltCondition). `now` is monotonic, so a step of the wall clock is
 * none. While in TILT we watch, answer and vote, but conclude nothing.
 */
export function enterTiltIfStalled(ctx: Context): void {
  const { state, now } = ctx;
  const gap = now - (state.previousTickAt ?? now);
  state.previousTickAt = now;
  if (gap >= 0 && gap <= state.periods.tiltTrigger) return;
  state.tiltSince = now;
  emit(ctx, "warning", "+tilt", "#tilt mode entered");
}

export function leaveTiltIfOver(ctx: Context): void {
  const { state, now } = ctx;
  if (state.tiltSince === null || now - state.tiltSince < state.periods.tiltPeriod) return;
  state.tiltSince = null;
  emit(ctx, "warning", "-tilt", "#tilt mode exited");
  planEverything(ctx);
}
