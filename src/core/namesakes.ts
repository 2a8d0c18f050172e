import { sameAddress } from "./address.ts";
import { type Context, log } from "./context.ts";
import { leftTo } from "./other-names.ts";
import { currentAddress, findReplica } from "./records.ts";
import { endReign } from "./reigns.ts";
import { hostKey } from "./resolve.ts";
import type { Address, Master, Replica } from "./state.ts";
import { reconfigScript, switchMaster } from "./switch-master.ts";

/**
 * Names for one server move together: votes are by address, so who led an epoch of one of them led it for
 * all, and two failovers would tear its replicas apart [D-NAMESAKES]. Only to a server that the other
 * name may have as its replica, and never back in epochs. One whose failover still has replicas to point at that
 * server moves on as well: it would end there alone.
 */
export function takeNamesakesAlong(ctx: Context, master: Master, from: Address, to: Address): void {
  for (const other of namesakes(ctx, master, from)) {
    const isNewer = master.configEpoch > other.configEpoch;
    if (!isNewer || !mayHaveReplica(other, from, to)) continue;
    log(ctx, "warning", `${other.name} is the same server as ${master.name} and moves with it`);
    other.configEpoch = master.configEpoch;
    endReign(ctx, other);
    switchMaster(ctx, other, to);
    reconfigScript(ctx, other, "observer", from, to);
  }
}

/**
 * Our master is a replica of another name, and the master of that one is our replica: a group under two names, which
 * were moved apart, as by operators on both sides of a partition. Left so, each name would point the other servers at
 * its own master without end. The newer configuration is that of both. True if we moved.
 */
export function followOtherName(ctx: Context, replica: Replica): boolean {
  const { master, roleReported, address } = replica;
  const other = leftTo(ctx, replica);
  if (!other || roleReported !== "master" || master.failover || other.failover) return false;
  if (other.configEpoch <= master.configEpoch || !findReplica(other, master.address)) return false;
  log(ctx, "warning", `${master.name} is the same group as ${other.name} and joins it`);
  const from = master.address;
  master.configEpoch = other.configEpoch;
  endReign(ctx, master);
  switchMaster(ctx, master, address);
  reconfigScript(ctx, master, "observer", from, address);
  takeNamesakesAlong(ctx, master, from, address);
  return true;
}

/** One that knows no replica, as after RESET, has those of its server, unless a wrong look-up put it there. */
function mayHaveReplica(other: Master, from: Address, to: Address): boolean {
  if (findReplica(other, to)) return true;
  return other.replicas.size === 0 && hostKey(currentAddress(other).host) === hostKey(from.host);
}

/** The other names whose master is at an address, or was promoted there. */
function namesakes({ state }: Context, master: Master, address: Address): Master[] {
  return [...state.masters.values()].filter(
    (other) => other !== master && sameAddress(currentAddress(other), address),
  );
}
