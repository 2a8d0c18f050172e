import type { Context } from "./context.ts";
import { emit } from "./event.ts";
import { planEverything } from "./schedule.ts";

/**
 * The last tick is too long ago: the process stood still, and what it believes about others may be
 * its own fault (sentinelCheckTiltCondition). `now` is monotonic, so a step of the wall clock is
 * none. While in TILT we watch, answer and vote, but conclude nothing. Looked at before every input,
 * for what arrived meanwhile is heard before the next tick.
 */
export function enterTiltIfStalled(ctx: Context): void {
  const { state, now, isTick } = ctx;
  const gap = now - (state.previousTickAt ?? now);
  const isStalled = gap < 0 || gap > state.periods.tiltTrigger;
  if (isTick || isStalled || state.previousTickAt === null) state.previousTickAt = now;
  if (!isStalled) return;
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
