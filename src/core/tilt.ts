import type { Context } from "./context.ts";
import { emit } from "./event.ts";
import { forgetEvidence } from "./instance.ts";
import type { InstanceLink } from "./link-state.ts";
import { instancesOf } from "./records.ts";
import { planEverything } from "./schedule.ts";
import type { Millis, SentinelState } from "./state.ts";

/** What is faster matters to nobody. */
const SLOW_SAVE_MS = 100;

/**
 * The last tick is too long ago: the process stood still, and what it believes about others may be
 * its own fault (sentinelCheckTiltCondition) [TILT-ENTER]. `now` is monotonic, so a step of the wall clock is
 * none. While in TILT we watch, answer and vote, but conclude nothing [TILT-SUSPENDS]. Looked at
 * before every input,
 * for what arrived meanwhile is heard before the next tick.
 */
export function enterTiltIfStalled(ctx: Context): void {
  const { state, now, isTick } = ctx;
  const gap = now - (state.previousTickAt ?? now);
  const isStalled = gap < 0 || gap > state.periods.tiltTrigger;
  if (isTick || isStalled || state.previousTickAt === null) state.previousTickAt = now;
  if (!isStalled) return;
  state.tiltSince = now;
  state.tiltCount++;
  emit(ctx, "warning", "+tilt", "#tilt mode entered");
}

/**
 * A slow save of ours is no standstill that nobody can explain, and all Sentinels on one storage must not
 * go to sleep just when it fails. What arrived meanwhile is heard before the next tick, so nobody looks
 * silent for it [D-SLOW-SAVE]. But after a long one nobody knows how old an answer about a master is.
 */
export function discountSave({ state, now }: Context): void {
  if (state.savingSince === null) return;
  const tookMs = now - state.savingSince;
  state.savingSince = null;
  state.lastSaveMs = tookMs;
  if (state.previousTickAt !== null) state.previousTickAt += tookMs;
  if (tookMs >= SLOW_SAVE_MS) {
    state.slowSavesMs += tookMs;
    excuseUnconnected(state, tookMs);
  }
  if (tookMs <= state.periods.tiltTrigger) return;
  for (const master of state.masters.values()) forgetEvidence(master);
}

/** Who was not connected yet could not be asked: the time of the save is none of his silence. */
function excuseUnconnected({ masters }: SentinelState, tookMs: Millis): void {
  const links = new Set<InstanceLink>();
  for (const master of masters.values())
    for (const { link } of instancesOf(master)) links.add(link);
  for (const link of links) {
    if (link.pingPendingSince !== null && !link.command?.up) link.pingPendingSince += tookMs;
  }
}

export function leaveTiltIfOver(ctx: Context): void {
  const { state, now } = ctx;
  if (state.tiltSince === null || now - state.tiltSince < state.periods.tiltPeriod) return;
  state.tiltSince = null;
  emit(ctx, "warning", "-tilt", "#tilt mode exited");
  planEverything(ctx);
}
