import { isNamed, namesAddress, sameAddress } from "./address.ts";
import type { Context } from "./context.ts";
import { masterOf } from "./event.ts";
import { hostKey } from "./resolve.ts";
import type { Address, Master, RedisInstance } from "./state.ts";

/**
 * Whether a server that we reach may be another one than its name means, since a name server was wrong when it
 * was dialled: it is not what it should be, or answers where another one of its group is [D-NAMES]. Not once somebody
 * was told in a failover of its master: then roles change.
 */
export function isDoubtful(ctx: Context, server: RedisInstance): boolean {
  const { ip, host } = server.address;
  if (ip === null || ip === host || isBeingChanged(masterOf(server))) return false;
  return (
    isOutOfPlace(ctx, server) ||
    isWhereAnotherIs(masterOf(server), server.address) ||
    isInPlaceOfAnother(server)
  );
}

/** A failover that has told nobody yet may have begun since a name was wrong. */
function isBeingChanged({ failover }: Master): boolean {
  if (failover === null) return false;
  const isOnlyChoosing = failover.step === "wait_start" || failover.step === "select_slave";
  return !isOnlyChoosing || failover.failed.size > 0;
}

/** It names its master otherwise than we do, and both names mean one address: that may be wrong. */
export function isUpstreamDoubtful(ctx: Context, server: RedisInstance): boolean {
  const { upstreamHost, upstreamPort } = server;
  const { address } = masterOf(server);
  if (upstreamHost === null || hostKey(upstreamHost) === hostKey(address.host)) return false;
  return namesAddress(ctx, address, upstreamHost, upstreamPort);
}

function isOutOfPlace(ctx: Context, server: RedisInstance): boolean {
  const { kind, roleReported, upstreamHost, upstreamPort } = server;
  if (kind === "master") return roleReported === "slave";
  if (roleReported === "master") return true;
  if (upstreamHost === null) return false;
  return !namesAddress(ctx, server.master.address, upstreamHost, upstreamPort);
}

/** It keeps another one from being taken up: either of their names may have been answered wrongly. */
function isInPlaceOfAnother(server: RedisInstance): boolean {
  if (server.kind === "master") return false;
  const { address, master } = server;
  return master.unplaced.some(({ ip, port }) => ip === address.ip && port === address.port);
}

/** One of its group that is called otherwise is at that address. */
export function isWhereAnotherIs(master: Master, { ip, host, port }: Address): boolean {
  const isThere = ({ address }: RedisInstance) =>
    address.ip === ip && address.port === port && hostKey(address.host) !== hostKey(host);
  return isThere(master) || [...master.replicas.values()].some(isThere);
}

/**
 * Two records that lead to one server, by their addresses or by what was heard at both: a name server was wrong about
 * one of their names, and the other has moved on since [D-NAMES].
 */
export function isOneServer(one: RedisInstance, other: RedisInstance): boolean {
  if (sameAddress(one.address, other.address)) return true;
  return isNamed(one.address) && one.runId !== null && one.runId === other.runId;
}

/** It follows, in sync, the very name that we call it by: it is another server than that [D-NAMES]. */
export function isMisnamed({
  address,
  upstreamHost,
  upstreamPort,
  upstreamLinkUp,
}: RedisInstance): boolean {
  if (!isNamed(address) || !upstreamLinkUp || upstreamHost === null) return false;
  return hostKey(upstreamHost) === hostKey(address.host) && upstreamPort === address.port;
}
