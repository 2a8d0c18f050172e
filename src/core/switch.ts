import { sameAddress, shownHost } from "./address.ts";
import { type Context, save } from "./context.ts";
import { emit, event } from "./event.ts";
import { createReplica, forgetEvidence, instancesOf, resetMaster } from "./instance.ts";
import { reconnect } from "./link.ts";
import { scheduleScript } from "./scripts.ts";
import type { Address, Master } from "./state.ts";

/**
 * The master of this name is another server now: the old one and all other replicas become its
 * replicas, to be checked from scratch (sentinelResetMasterAndChangeAddress). Ends any failover.
 */
export function switchMaster(ctx: Context, master: Master, address: Address): void {
  const old = master.address;
  const host = (one: Address) => shownHost(ctx.state.settings, one);
  const text = `${master.name} ${host(old)} ${old.port} ${host(address)} ${address.port}`;
  emit(ctx, "warning", "+switch-master", text, master);
  const replicas = [...master.replicas.values()]
    .map((replica) => replica.address)
    .filter((one) => !sameAddress(one, address));
  if (!sameAddress(old, address)) replicas.push(old);
  resetMaster(ctx, master, true);
  forgetEvidence(master);
  master.address = address;
  master.sdownSince = null;
  master.odownSince = null;
  for (const one of replicas) {
    const replica = createReplica(ctx, master, one);
    if (replica) event(ctx, "notice", "+slave", replica);
  }
  master.configUnsaved = true;
  save(ctx);
  for (const instance of instancesOf(master)) reconnect(ctx, instance);
}

/** client-reconfig-script: tells the world where the master is now (wire.md 5.2). */
export function reconfigScript(
  ctx: Context,
  master: Master,
  role: "leader" | "observer",
  from: Address,
  to: Address,
): void {
  if (!master.clientReconfigScript) return;
  const words = [from, to].flatMap((one) => [shownHost(ctx.state.settings, one), `${one.port}`]);
  scheduleScript(ctx, [master.clientReconfigScript, master.name, role, "start", ...words]);
}
