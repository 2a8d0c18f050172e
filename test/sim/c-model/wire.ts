import type { CAddress, CInstance, CMaster, CQuestion, CReplica } from "./records.ts";
import type { CState } from "./state.ts";

/** What a C Sentinel does to its links while it thinks. */
export interface CWire {
  /** Opens what is missing, and asks for a PING first of all. */
  connect(instance: CInstance): void;
  closeCommand(instance: CInstance): void;
  closeSubscription(instance: CInstance): void;
  send(instance: CInstance, question: CQuestion, args: readonly string[]): void;
}

/** All that the functions of a tick need. */
export interface CContext {
  readonly state: CState;
  readonly wire: CWire;
}

export function tell({ state }: CContext, name: string, instance: CInstance, more = ""): void {
  state.world.event(name, `${describe(instance)}${more}`);
}

export function describe(instance: CInstance): string {
  const { ip, port } = instance.address;
  if (instance.kind === "master") return `master ${instance.name} ${ip} ${port}`;
  const { name, address } = instance.master;
  const kind = instance.kind === "peer" ? `sentinel ${instance.id}` : `slave ${ip}:${port}`;
  return `${kind} ${ip} ${port} @ ${name} ${address.ip} ${address.port}`;
}

/** sentinelSendSlaveOf: null makes it a master. Nobody looks at the answers. */
export function sendSlaveOf({ wire }: CContext, replica: CReplica, address: CAddress | null): void {
  const to = address ? [address.ip, `${address.port}`] : ["NO", "ONE"];
  for (const args of [
    ["MULTI"],
    ["SLAVEOF", ...to],
    ["CONFIG", "REWRITE"],
    ["CLIENT", "KILL", "TYPE", "normal"],
    ["CLIENT", "KILL", "TYPE", "pubsub"],
    ["EXEC"],
  ]) {
    wire.send(replica, "other", args);
  }
}

/** Its next hello to all leaves with the next tick. */
export function forceHello(master: CMaster): void {
  const all = [master, ...master.replicas.values(), ...master.peers.values()];
  for (const one of all) one.lastHelloSentAt = 0;
}
