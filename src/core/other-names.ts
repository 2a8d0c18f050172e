import { namesAddress, sameAddress } from "./address.ts";
import { type Context, log } from "./context.ts";
import { masterOf } from "./event.ts";
import { currentAddress } from "./records.ts";
import type { Address, Master, RedisInstance, Replica } from "./state.ts";

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
export function masterOfAnotherName(
  { state, places }: Context,
  server: RedisInstance,
): Master | null {
  const own = masterOf(server);
  const { address } = server;
  const there = places?.at(address.host, address.ip, address.port);
  for (const other of there ?? state.masters.values()) {
    if (other !== own && sameAddress(currentAddress(other), address)) return other;
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

/** Leaves a server as it is, if it is the master of another name; true if so. That is said once. */
export function leaveToOtherName(ctx: Context, replica: Replica): boolean {
  const other = leftTo(ctx, replica);
  if (other !== null && replica.leftTo !== other.name) {
    const text = `${replica.name} is a replica of ${replica.master.name} and the master of ${other.name}`;
    log(ctx, "warning", `${text}: it is left alone. Check what the two names monitor.`);
  }
  replica.leftTo = other?.name ?? null;
  return other !== null;
}
