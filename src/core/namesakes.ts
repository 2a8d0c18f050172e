import { sameAddress } from "./address.ts";
import { type Context, log } from "./context.ts";
import { currentAddress, findReplica } from "./records.ts";
import { endReign } from "./reigns.ts";
import type { Address, Master } from "./state.ts";
import { reconfigScript, switchMaster } from "./switch-master.ts";

/**
 * Names for one server move together: votes are by address, so who led an epoch of one of them led it for
 * all, and two failovers would tear its replicas apart [D-NAMESAKES]. Only to a server that the other
 * name knows as its replica, and never back in epochs. One whose failover still has replicas to point at that
 * server moves on as well: it would end there alone.
 */
export function takeNamesakesAlong(ctx: Context, master: Master, from: Address, to: Address): void {
  for (const other of namesakes(ctx, master, from)) {
    const isNewer = master.configEpoch > other.configEpoch;
    if (!isNewer || !findReplica(other, to)) continue;
    log(ctx, "warning", `${other.name} is the same server as ${master.name} and moves with it`);
    other.configEpoch = master.configEpoch;
    endReign(ctx, other);
    switchMaster(ctx, other, to);
    reconfigScript(ctx, other, "observer", from, to);
  }
}

/** The other names whose master is at an address, or was promoted there. */
function namesakes({ state }: Context, master: Master, address: Address): Master[] {
  return [...state.masters.values()].filter(
    (other) => other !== master && sameAddress(currentAddress(other), address),
  );
}
