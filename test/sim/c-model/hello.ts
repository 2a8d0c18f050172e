import { parseAddress, parseInt32, parseUnsigned } from "./numbers.ts";
import {
  addPeer,
  type CAddress,
  type CMaster,
  type CPeer,
  currentAddress,
  isSame,
} from "./records.ts";
import { type CState, switchTo } from "./state.ts";

const FIELDS = 8;

/** What this process says of a master, over a connection from `from`. */
export function writeHello(state: CState, from: CAddress, master: CMaster): string {
  const { ip, port } = currentAddress(master);
  const self = [from.ip, from.port, state.myId, state.currentEpoch];
  return [...self, master.name, ip, port, master.configEpoch].join(",");
}

/** sentinelProcessHelloMessage [HELLO-PEER] [CONFIG-GREATER]. */
export function hearHello(state: CState, text: string): void {
  const fields = text.split(",");
  if (fields.length !== FIELDS) return;
  const [ip = "", port = "", id = "", epochText = "", name = ""] = fields;
  const [masterIp = "", masterPort = "", configEpochText = ""] = fields.slice(5);
  const master = state.masters.get(name);
  if (!master) return;
  const from = parseAddress(ip, parseInt32(port));
  const known = master.peers.get(id);
  const isUnmoved = known !== undefined && from !== null && isSame(known.address, from);
  const peer = isUnmoved ? known : meet(state, master, id, from);
  const epoch = parseUnsigned(epochText);
  if (epoch > state.currentEpoch) state.raiseEpoch(epoch);
  if (!peer) return;
  const configEpoch = parseUnsigned(configEpochText);
  if (master.configEpoch >= configEpoch) return;
  master.configEpoch = configEpoch;
  hearOfMaster(state, master, parseAddress(masterIp, parseInt32(masterPort)));
}

/** A Sentinel that is new, or elsewhere; one whose address is none is lost. */
function meet(state: CState, master: CMaster, id: string, from: CAddress | null): CPeer | null {
  const hasMoved = forget(state, master, id);
  if (!hasMoved && from) forgetWhoeverIsAt(state, master, from);
  if (!from) return null;
  const peer = addPeer(master, id, from, state.world.now());
  if (hasMoved) moveElsewhere(state, peer);
  else state.world.event("+sentinel", `sentinel ${id} ${from.ip} ${from.port} @ ${master.name}`);
  state.write();
  return peer;
}

function forget(state: CState, master: CMaster, id: string): boolean {
  const peer = master.peers.get(id);
  if (!peer) return false;
  state.world.closeLink(peer.link);
  master.peers.delete(id);
  return true;
}

/** Another id now says that it is at this address: that one is forgotten under every name. */
function forgetWhoeverIsAt(state: CState, master: CMaster, from: CAddress): void {
  const other = [...master.peers.values()].find(({ address }) => isSame(address, from));
  if (!other) return;
  for (const one of state.masters.values()) forget(state, one, other.id);
}

/** The same process watches other masters, too, and has moved for all of them. */
function moveElsewhere({ masters, world }: CState, { id, address, master }: CPeer): void {
  for (const other of masters.values()) {
    const peer = other.peers.get(id);
    if (other === master || !peer) continue;
    world.closeLink(peer.link);
    peer.address = address;
  }
}

/** Its config epoch is taken already: who cannot use the address ignores the right hello, too. */
function hearOfMaster(state: CState, master: CMaster, address: CAddress | null): void {
  if (address && isSame(address, master.address)) return;
  const { ip, port } = master.address;
  const to = address ? `${address.ip} ${address.port}` : "?";
  state.world.event("+switch-master", `${master.name} ${ip} ${port} ${to}`);
  if (address) switchTo(state, master, address);
}
