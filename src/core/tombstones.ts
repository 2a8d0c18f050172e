import { replicaName } from "./address.ts";
import type { Context } from "./context.ts";
import type { Tombstone } from "./extra.ts";
import type { Address, Master, RunId } from "./state.ts";

/** What is said of somebody who was forgotten is late by no more than this [D-FORGET]. */
const TOMBSTONE_MS = 60_000;

/** What is said of it in the next minute does not bring it back; if it lives, it comes back then. */
export function bury(ctx: Context, master: Master, kind: Tombstone["kind"], key: string): void {
  const others = present(ctx, master).filter((one) => one.kind !== kind || one.key !== key);
  master.tombstones = [...others, { kind, key, until: ctx.now + TOMBSTONE_MS }];
}

export function isReplicaBuried(ctx: Context, master: Master, address: Address): boolean {
  if (master.tombstones.length === 0) return false;
  return isBuried(ctx, master, "replica", replicaName(ctx.state.settings, address));
}

export function isSentinelBuried(ctx: Context, master: Master, id: RunId): boolean {
  return isBuried(ctx, master, "sentinel", id);
}

function isBuried(ctx: Context, master: Master, kind: Tombstone["kind"], key: string): boolean {
  return present(ctx, master).some((one) => one.kind === kind && one.key === key);
}

function present({ now }: Context, { tombstones }: Master): readonly Tombstone[] {
  return tombstones.filter(({ until }) => now < until);
}
