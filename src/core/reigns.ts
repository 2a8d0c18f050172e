import { sameAddress } from "./address.ts";
import type { Context } from "./context.ts";
import { masterOf } from "./event.ts";
import type { Address, Instance, Master, Millis, RedisInstance } from "./state.ts";

/** A server that was the master under an older configuration than ours. */
export interface Reign {
  readonly address: Address;
  /** The name that its data had then (`master_replid`); null: not known. */
  readonly replid: string | null;
  /** When we learnt of the newer configuration. */
  readonly endedAt: Millis;
}

/** So long the return of an old master is awaited with more than the usual patience. */
const AWAITED_MS = 3_600_000;
/** So many masters of the past are remembered. */
const MAX_REIGNS = 8;

/** What the server at this address was until it was replaced, if it was not seen as anything else since. */
export function reignAt({ reigns }: Master, address: Address): Reign | null {
  return reigns.find((one) => sameAddress(one.address, address)) ?? null;
}

/**
 * An old master that is not back yet: each moment from its return on it takes writes that are lost, so it is
 * dialled more often than others, and asked at once what it is [D-RETURNING].
 */
export function isAwaitedBack(instance: Instance, now: Millis): boolean {
  if (instance.kind !== "replica" || instance.master.reigns.length === 0) return false;
  const reign = reignAt(instance.master, instance.address);
  return reign !== null && now - reign.endedAt < AWAITED_MS;
}

/** A newer configuration names another master: remembers what this one was, should it come back as it is. */
export function endReign(ctx: Context, server: RedisInstance): void {
  const master = masterOf(server);
  if (reignAt(master, server.address) !== null) return;
  const replid = isNameOfThen(server) ? (server.history?.id ?? null) : null;
  master.reigns.unshift({ address: server.address, replid, endedAt: ctx.now });
  if (master.reigns.length > MAX_REIGNS) master.reigns.pop();
}

/**
 * What it said last, it said before it was replaced: we have lost it, or had our part in the election. Where we hear
 * late of a newer configuration, as after a restart, somebody may have made it the master anew before it said so.
 */
function isNameOfThen(server: RedisInstance): boolean {
  const { configEpoch, leaderEpoch } = masterOf(server);
  return server.sdown || !server.link.command?.up || leaderEpoch === configEpoch;
}

/** It is a replica by now, or the master anew: what it was before says nothing any more. */
export function forgetReign(master: Master, address: Reign["address"]): void {
  if (master.reigns.length === 0) return;
  master.reigns = master.reigns.filter((one) => !sameAddress(one.address, address));
}
