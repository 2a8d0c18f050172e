import { namesAddress, sameAddress } from "./address.ts";
import { type Context, log } from "./context.ts";
import { masterOf } from "./event.ts";
import { reconfigScript, switchMaster } from "./failover/switch.ts";
import { currentAddress, findReplica } from "./instance.ts";
import type { Address, Master, RedisInstance, Replica } from "./state.ts";

/** The other names whose master is at an address, or was promoted there. */
function namesakes({ state }: Context, master: Master, address: Address): Master[] {
  return [...state.masters.values()].filter(
    (other) => other !== master && sameAddress(currentAddress(other), address),
  );
}

/**
 * The names that are one master to those who ask for votes, ours first: votes are by address, and a name
 * that is being failed over is asked about at two, the old one and that of the promoted replica.
 */
export function namesOfOneVote({ state }: Context, master: Master): Master[] {
  const current = currentAddress(master);
  const isAt = (one: Address) => sameAddress(one, master.address) || sameAddress(one, current);
  const others = [...state.masters.values()].filter(
    (other) => other !== master && (isAt(other.address) || isAt(currentAddress(other))),
  );
  return [master, ...others];
}

/** Another name whose master is at the address of this server. */
export function masterOfAnotherName({ state }: Context, server: RedisInstance): Master | null {
  const own = masterOf(server);
  for (const other of state.masters.values()) {
    if (other !== own && sameAddress(currentAddress(other), server.address)) return other;
  }
  return null;
}

/**
 * The name to which a server is left: it is that one's master, and not promoted, put back in its place or
 * pointed elsewhere in ours, since it may take that one's writes. Not so if it is a replica within our own
 * group: then that name only watches one of our replicas.
 */
export function leftTo(ctx: Context, replica: Replica): Master | null {
  const other = masterOfAnotherName(ctx, replica);
  return other === null || isReplicaOfOurs(ctx, replica) ? null : other;
}

function isReplicaOfOurs(ctx: Context, replica: Replica): boolean {
  const { roleReported, upstreamHost, upstreamPort, master } = replica;
  if (roleReported !== "slave" || upstreamHost === null) return false;
  const isUpstream = ({ address }: RedisInstance) =>
    namesAddress(ctx, address, upstreamHost, upstreamPort);
  return isUpstream(master) || [...master.replicas.values()].some(isUpstream);
}

/** Whether a server is left as it is because it is the master of another name; that is said once. */
export function isLeftAlone(ctx: Context, replica: Replica): boolean {
  const other = leftTo(ctx, replica);
  if (other !== null && replica.leftTo !== other.name) {
    const text = `${replica.name} is a replica of ${replica.master.name} and the master of ${other.name}`;
    log(ctx, "warning", `${text}: it is left alone. Check what the two names monitor.`);
  }
  replica.leftTo = other?.name ?? null;
  return other !== null;
}

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
    switchMaster(ctx, other, to);
    reconfigScript(ctx, other, "observer", from, to);
  }
}
