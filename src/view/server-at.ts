import { currentAddress } from "../core/records.ts";
import { hostKey } from "../core/resolve.ts";
import type { Address, Master, RedisInstance } from "../core/state.ts";
import { lagOf } from "./instances.ts";
import type { PlacedServer } from "./types.ts";

/** The server of a master at an address or name, at any port if that is null; the master before its replicas. */
export function serverAt(
  master: Master,
  host: string,
  port: number | null,
): PlacedServer | "unknown" {
  const current = currentAddress(master);
  const isMeant = ({ address }: RedisInstance) =>
    (port === null || address.port === port) && isAt(address, host);
  const servers = [master, ...master.replicas.values()].filter(isMeant);
  const isCurrent = ({ address }: RedisInstance) => address === current;
  const server = servers.find(isCurrent) ?? servers.find((one) => one.kind === "replica");
  if (server === undefined) return servers.length === 0 ? "unknown" : placed(master, false);
  return placed(server, isCurrent(server));
}

function placed(server: RedisInstance, isMaster: boolean): PlacedServer {
  const isReplica = server.kind === "replica";
  return {
    isMaster,
    isDown: server.sdown,
    isInSync: isReplica && server.upstreamLinkUp && !server.isSyncing && !server.isLoading,
    lagBytes: isReplica ? lagOf(server) : null,
  };
}

function isAt(address: Address, host: string): boolean {
  return address.ip === host || hostKey(address.host) === hostKey(host);
}
