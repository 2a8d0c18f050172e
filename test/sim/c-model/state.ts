import type { Random } from "../../../src/core/random.ts";
import { type CFile, loadMaster, saveMaster } from "./file.ts";
import { addReplica, type CAddress, type CMaster, isSame, textOf } from "./records.ts";

/** What a C Sentinel does to the world while it thinks; the process on the network provides it. */
export interface CWorld {
  now(): number;
  readonly random: Random;
  /** The whole file, at once and before anything goes on. */
  write(file: CFile): void;
  event(name: string, payload: string): void;
  /** Closes what a record that is forgotten, or moves, has open. */
  closeLink(link: CMaster["link"]): void;
}

/** The state of one process, and what changes it everywhere in the same way. */
export class CState {
  readonly myId: string;
  currentEpoch: bigint;
  readonly masters = new Map<string, CMaster>();
  tiltSince: number | null = null;
  readonly world: CWorld;

  /** A config epoch of the file raises the current one. */
  constructor(file: CFile, world: CWorld) {
    this.myId = file.myId;
    this.currentEpoch = file.currentEpoch;
    this.world = world;
    for (const saved of file.masters) {
      this.masters.set(saved.name, loadMaster(saved, world.now()));
      if (saved.configEpoch > this.currentEpoch) this.currentEpoch = saved.configEpoch;
    }
  }

  write(): void {
    const masters = [...this.masters.values()].map(saveMaster);
    this.world.write({ myId: this.myId, currentEpoch: this.currentEpoch, masters });
  }

  raiseEpoch(epoch: bigint): void {
    this.currentEpoch = epoch;
    this.write();
    this.world.event("+new-epoch", `${epoch}`);
  }

  /** The first of the masters that has this address, whatever its name. */
  masterAt(address: CAddress): CMaster | undefined {
    return [...this.masters.values()].find((master) => isSame(master.address, address));
  }
}

/** sentinelResetMaster: a RESET by command forgets the other Sentinels, too [RESET-FORGETS]. */
export function resetMaster({ world }: CState, master: CMaster, keepsPeers: boolean): void {
  const now = world.now();
  for (const replica of master.replicas.values()) world.closeLink(replica.link);
  master.replicas.clear();
  if (!keepsPeers) {
    for (const peer of master.peers.values()) world.closeLink(peer.link);
    master.peers.clear();
  }
  world.closeLink(master.link);
  const { link } = master;
  link.pingPendingSince = now;
  link.lastValidPongAt = now;
  link.lastPongAt = now;
  link.lastPingAt = 0;
  master.sdown = false;
  master.odown = false;
  master.isForced = false;
  master.step = "none";
  master.stepChangedAt = 0;
  master.attemptAt = 0;
  master.promoted = null;
  master.runId = null;
  master.leader = null;
  master.roleReported = "master";
  master.roleReportedSince = now;
}

/** sentinelResetMasterAndChangeAddress: all that is known of servers becomes replicas of the new one. */
export function switchTo(state: CState, master: CMaster, address: CAddress): void {
  const old = master.address;
  const known = [...master.replicas.values()].map((replica) => replica.address);
  const others = known.filter((one) => !isSame(one, address));
  if (!isSame(old, address)) others.push(old);
  resetMaster(state, master, true);
  master.address = address;
  master.sdownSince = 0;
  master.odownSince = 0;
  for (const one of others) {
    const replica = addReplica(master, one, state.world.now());
    if (replica) state.world.event("+slave", describe(replica.address, "slave", master));
  }
  state.write();
}

function describe(address: CAddress, kind: string, master: CMaster): string {
  const { ip, port } = address;
  const { ip: masterIp, port: masterPort } = master.address;
  return `${kind} ${textOf(address)} ${ip} ${port} @ ${master.name} ${masterIp} ${masterPort}`;
}
