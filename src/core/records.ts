import { sameAddress } from "./address.ts";
import type { Address, Dissent, Instance, Master, PeerSentinel, Replica } from "./state.ts";

// Questions about the records of a master; nothing is changed by them.

/** Looks at each of them: for a question now and then. */
export function findReplica(master: Master, address: Address): Replica | undefined {
  for (const replica of master.replicas.values()) {
    if (sameAddress(replica.address, address)) return replica;
  }
  return undefined;
}

/** Every record of a master: itself, its replicas, its Sentinels. */
export function instancesOf(master: Master): Instance[] {
  return [master, ...master.replicas.values(), ...master.sentinels.values()];
}

/**
 * Where the master is by now: the promoted replica once the promotion was observed [PRESENT-ADDRESS]
 * (sentinelGetCurrentMasterAddress). Hellos, get-master-addr and the file say this one.
 */
export function currentAddress(master: Master): Address {
  return promotedSinceReconf(master)?.address ?? master.address;
}

/** Another master that a Sentinel names in our config epoch: what it named in an older one is outdated. */
export function dissentOf({ dissent, master }: PeerSentinel): Dissent | null {
  return dissent?.configEpoch === master.configEpoch ? dissent : null;
}

export function promotedSinceReconf(master: Master): Replica | null {
  const { failover } = master;
  if (failover?.step !== "reconf_slaves" && failover?.step !== "update_config") return null;
  return failover.promoted;
}
