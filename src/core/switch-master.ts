import { isNamed, isSameServer, shownHost } from "./address.ts";
import { type Context, save } from "./context.ts";
import { emit, event } from "./event.ts";
import { createReplica, forgetEvidence, resetMaster } from "./instance.ts";
import { closeLink, createLink, inheritLink, reconnect } from "./link.ts";
import type { InstanceLink } from "./link-state.ts";
import type { RoleOrder } from "./order-state.ts";
import { sendDue } from "./periodic.ts";
import { forgetReign } from "./reigns.ts";
import { AddressSet } from "./replica-room.ts";
import { scheduleScript } from "./script-queue.ts";
import type { Address, Master, RedisInstance } from "./state.ts";

/**
 * The master of this name is another server now: the old one and all other replicas become its
 * replicas, to be checked from scratch [SWITCH-MASTER] (sentinelResetMasterAndChangeAddress). Ends any
 * failover.
 */
export function switchMaster(ctx: Context, master: Master, address: Address): void {
  const old = master.address;
  const host = (one: Address) => shownHost(ctx.state.settings, one);
  const text = `${master.name} ${host(old)} ${old.port} ${host(address)} ${address.port}`;
  emit(ctx, "warning", "+switch-master", text, master);
  const replicas = [...master.replicas.values()]
    .map((replica) => replica.address)
    .filter((one) => !isSameServer(one, address));
  if (!isSameServer(old, address)) replicas.push(old);
  const live = detachLiveLinks(ctx, master);
  resetMaster(ctx, master, true);
  forgetEvidence(master);
  master.address = address;
  forgetReign(master, address);
  master.infoAt = null;
  master.history = null;
  master.lastAliveAt = ctx.now;
  master.sdownSince = null;
  master.odownSince = null;
  const known = new AddressSet();
  for (const one of replicas) {
    // Each of those with a name stays: it may be at another's address by a wrong answer only.
    const replica = createReplica(ctx, master, one, isNamed(one) ? new AddressSet() : known);
    if (replica) event(ctx, "notice", "+slave", replica);
  }
  master.configUnsaved = true;
  save(ctx);
  for (const server of serversOf(master)) resumeLink(ctx, server, live);
  for (const { link } of live) closeLink(ctx, link);
}

interface LiveLink {
  readonly address: Address;
  readonly link: InstanceLink;
  /** Whose answer is still to come. */
  readonly order: RoleOrder | null;
}

/**
 * Takes the connections that work off their records. The servers stay the same ones, so the records
 * that come after watch them on: what was just sent still arrives, and nobody is taken for down
 * because he was not reached again soon enough. Upstream closes and reopens them all [D-LIVE-LINKS].
 */
function detachLiveLinks(ctx: Context, master: Master): LiveLink[] {
  const live: LiveLink[] = [];
  for (const server of serversOf(master)) {
    if (server.sdown || !server.link.command?.up) continue;
    const { address, link } = server;
    live.push({ address, link, order: server.order?.outcome === null ? server.order : null });
    server.link = createLink(ctx.now);
    server.link.owners.add(server);
  }
  return live;
}

function resumeLink(ctx: Context, server: RedisInstance, live: LiveLink[]): void {
  // By what was dialled: a name may have come to mean another machine.
  const { ip, port } = server.address;
  const at = live.findIndex(({ address }) => address.ip === ip && address.port === port);
  const [found] = at < 0 ? [] : live.splice(at, 1);
  if (found) inheritLink(ctx, server, found.link, found.order);
  reconnect(ctx, server);
  sendDue(ctx, server);
  ctx.state.agenda.plan(server, ctx.now);
}

function serversOf(master: Master): RedisInstance[] {
  return [master, ...master.replicas.values()];
}

/** client-reconfig-script: tells the world where the master is now [SCRIPT-ARGS]. */
export function reconfigScript(
  ctx: Context,
  master: Master,
  role: "leader" | "observer",
  from: Address,
  to: Address,
): void {
  const script = master.settings.clientReconfigScript;
  if (!script) return;
  const words = [from, to].flatMap((one) => [shownHost(ctx.state.settings, one), `${one.port}`]);
  scheduleScript(ctx, [script, master.name, role, "start", ...words]);
}
