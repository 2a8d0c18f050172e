import { namesAddress } from "./address.ts";
import type { Context } from "./context.ts";
import { LONG_AGO } from "./deadline.ts";
import { event } from "./event.ts";
import { keep, type Pause } from "./extra.ts";
import type { Master, Millis, Replica } from "./state.ts";

/**
 * Whether an operator has paused this master [D-PAUSE]: until the pause ends we do not stand, do not vote, do not
 * call it down to others, and tell no server whom to follow. What an operator forces is done all the same.
 */
export function isPaused({ now }: Context, master: Master): boolean {
  return now < pausedUntil(master);
}

/** Long ago, if it is not. */
export function pausedUntil({ pause }: Master): Millis {
  return pause?.until ?? LONG_AGO;
}

/** It is not promoted and not pointed elsewhere; null: it may be. */
export function pauseOfReplica(ctx: Context, { master, address }: Replica): Pause | null {
  if (master.pausedReplicas.length === 0) return null;
  const found = master.pausedReplicas.find(
    ({ until, address: { host, port } }) =>
      ctx.now < until && namesAddress(ctx, address, host, port),
  );
  return found ?? null;
}

/** Nobody may be told to follow whom, be it all of a master's servers or this one. */
export function mayNotBeTold(ctx: Context, replica: Replica): boolean {
  return isPaused(ctx, replica.master) || pauseOfReplica(ctx, replica) !== null;
}

/** Once more at the start of a process: nobody wonders why nothing is failed over. */
export function tellPause(ctx: Context, master: Master): void {
  if (master.pause === null) return;
  const { until, reason } = master.pause;
  const left = Math.ceil((until - ctx.now) / 1_000);
  event(ctx, "warning", "+pause", master, ` #${left} s${reason === "" ? "" : `: ${reason}`}`);
}

/** Those that are over are said to be, and forgotten. */
export function endPauses(ctx: Context): void {
  let isAny = false;
  for (const master of ctx.state.masters.values()) {
    if (master.pause !== null && !isPaused(ctx, master)) {
      master.pause = null;
      event(ctx, "warning", "-pause", master, " #its time is over");
      isAny = true;
    }
    if (master.pausedReplicas.length === 0) continue;
    const left = master.pausedReplicas.filter(({ until }) => ctx.now < until);
    for (const one of master.pausedReplicas) {
      if (left.includes(one)) continue;
      const { host, port } = one.address;
      event(ctx, "warning", "-pause", master, ` #its time is over for replica ${host}:${port}`);
      isAny = true;
    }
    if (left.length < master.pausedReplicas.length) master.pausedReplicas = left;
  }
  if (isAny) keep(ctx);
}
