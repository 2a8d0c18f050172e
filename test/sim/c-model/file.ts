import {
  addPeer,
  addReplica,
  type CAddress,
  type CMaster,
  createMaster,
  currentAddress,
  isSame,
} from "./records.ts";

/** What a C Sentinel remembers of a master across a restart [STATE-DURABLE]. */
export interface CSavedMaster {
  readonly name: string;
  readonly address: CAddress;
  readonly quorum: number;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
  readonly parallelSyncs: number;
  readonly configEpoch: bigint;
  readonly leaderEpoch: bigint;
  readonly replicas: readonly CAddress[];
  readonly peers: readonly { readonly id: string; readonly address: CAddress }[];
}

export interface CFile {
  readonly myId: string;
  readonly currentEpoch: bigint;
  readonly masters: readonly CSavedMaster[];
}

/**
 * As it stands on disk: the promoted replica is the master already, and the old master stands in its
 * place among the replicas.
 */
export function saveMaster(master: CMaster): CSavedMaster {
  const { name, quorum, downAfterMs, failoverTimeoutMs, parallelSyncs } = master;
  const address = currentAddress(master);
  const replicas = [...master.replicas.values()].map((replica) =>
    isSame(replica.address, address) ? master.address : replica.address,
  );
  return {
    ...{ name, address, quorum, downAfterMs, failoverTimeoutMs, parallelSyncs },
    configEpoch: master.configEpoch,
    leaderEpoch: master.leaderEpoch,
    replicas,
    peers: [...master.peers.values()].map((peer) => ({ id: peer.id, address: peer.address })),
  };
}

/** As a process begins: whom it voted for is forgotten, not in which epoch. */
export function loadMaster(saved: CSavedMaster, now: number): CMaster {
  const { configEpoch, leaderEpoch, replicas, peers, ...options } = saved;
  const master = createMaster(options, now);
  master.configEpoch = configEpoch;
  master.leaderEpoch = leaderEpoch;
  for (const address of replicas) addReplica(master, address, now);
  // A line without an id, which an empty one makes, says nothing.
  for (const { id, address } of peers) if (id !== "") addPeer(master, id, address, now);
  return master;
}
