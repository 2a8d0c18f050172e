import type { Context } from "./context.ts";
import { event } from "./event.ts";
import { isPlanned } from "./failover/coordinated/plan.ts";
import { claimOf } from "./heirs.ts";
import { isPromotedAlready } from "./select-replica.ts";
import type { Failover, Master, Replica } from "./state.ts";

/** `--max-lag`: how much a replica may lack to be promoted without an operator's word [D-MAX-LAG]. */
export interface MaxLag {
  readonly bytes: bigint;
  /** Not even where nobody lacks less. */
  readonly isStrict: boolean;
}

/** Whether a replica lacks more than may be, as a function of it. */
export function lagFilter(ctx: Context, master: Master): (replica: Replica) => boolean {
  const { maxLag } = ctx.state.settings.guards;
  if (maxLag === null) return () => false;
  const seen = offsetSeen(ctx, master);
  return (replica) => seen - replica.replOffset > maxLag.bytes && !isPromotedAlready(ctx, replica);
}

/** Those that no automatic failover may promote. */
export function isBarredByLag(ctx: Context, master: Master): (replica: Replica) => boolean {
  return ctx.state.settings.guards.maxLag?.isStrict ? lagFilter(ctx, master) : () => false;
}

/** How much a stray lacks is not known: where that is bound, none is taken. */
export function areStraysBarred({ state }: Context): boolean {
  return state.settings.guards.maxLag?.isStrict === true;
}

/** What the master had at least: what it last said, or what a replica has of it by now. */
function offsetSeen(ctx: Context, master: Master): bigint {
  let seen = master.replOffset;
  for (const replica of master.replicas.values()) {
    const { replOffset, roleReported } = replica;
    if (replOffset <= seen || roleReported !== "slave") continue;
    if (claimOf(ctx, replica).kind === "heir") seen = replOffset;
  }
  return seen;
}

/** It is promoted though it lacks more than was to be. */
export function tellLag(ctx: Context, master: Master, failover: Failover, chosen: Replica): void {
  if (isPlanned(failover) || !lagFilter(ctx, master)(chosen)) return;
  event(ctx, "warning", "+guard-lag", chosen, ` #${lacksText(ctx, chosen)}`);
}

export function lacksText(ctx: Context, { master, replOffset }: Replica): string {
  return `it lacks ${offsetSeen(ctx, master) - replOffset} bytes of what ${master.name} had`;
}
