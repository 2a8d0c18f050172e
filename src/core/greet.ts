import { takeOver } from "./aside.ts";
import type { Context } from "./context.ts";
import { HELLO_CHANNEL } from "./defaults.ts";
import { masterOf } from "./event.ts";
import { askIdentity, tryQuestion } from "./identity.ts";
import { mayHaveChanged } from "./lineage-guard.ts";
import type { Connection, InstanceLink } from "./link-state.ts";
import { sendDue, sendInfo, sendPing } from "./periodic.ts";
import { forgetRefusals } from "./refused.ts";
import { isAwaitedBack } from "./reigns.ts";
import { plan } from "./schedule.ts";
import { send, write } from "./send.ts";
import type { ConnectionId, Instance } from "./state.ts";
import { askMake } from "./tell.ts";

/** Established: authenticate, name ourselves, and ask or subscribe at once [LINK-KINDS]. */
export function connectionUp(ctx: Context, id: ConnectionId, localIp: string): void {
  const found = ctx.state.connections.get(id);
  const [owner] = found?.link.owners ?? [];
  const connection = found?.link[found.purpose];
  if (!found || !owner || !connection) return;
  connection.up = true;
  connection.localIp = localIp;
  greet(ctx, owner, connection, found.purpose === "pubsub" ? "pubsub" : "cmd");
  if (found.purpose === "pubsub") {
    connection.subscribeRequest = write(ctx, owner, connection, ["SUBSCRIBE", HELLO_CHANNEL]);
    return;
  }
  if (found.purpose === "aside") takeOver(ctx, found.link);
  // It may be another program now.
  found.link.isOurs = null;
  sendPing(ctx, owner);
  for (const one of found.link.owners) {
    // One that restarted may hold other data by now, and an old master takes writes.
    if (one.kind === "master") {
      forgetRefusals(one);
      sendInfo(ctx, one);
    }
    const isReplica = one.kind === "replica";
    if (isReplica && (isAwaitedBack(one, ctx.now) || mayHaveChanged(ctx, one))) sendInfo(ctx, one);
    if (one.kind === "sentinel") askMake(ctx, one);
    sendDue(ctx, one);
    plan(ctx, one);
  }
  // After the hello, by which we know ourselves again (twin.ts).
  if (owner.kind !== "sentinel") return;
  askIdentity(ctx, owner);
  if (owner !== ctx.state.twin?.probe) tryQuestion(ctx, owner);
}

function greet(ctx: Context, owner: Instance, connection: Connection, suffix: string): void {
  const credentials = credentialsFor(ctx, owner);
  if (credentials) write(ctx, owner, connection, ["AUTH", ...credentials]);
  const name = `sentinel-${ctx.state.myId.slice(0, 8)}-${suffix}`;
  write(ctx, owner, connection, ["CLIENT", "SETNAME", name]);
}

/**
 * Says new credentials on connections that are up, once on each, so that none is closed for them [D-LIVE-AUTH]. A
 * subscription keeps those with which it was made: AUTH is not allowed on it.
 */
export function authenticateAnew(ctx: Context, instances: Iterable<Instance>): void {
  const told = new Set<InstanceLink>();
  for (const instance of instances) {
    const credentials = credentialsFor(ctx, instance);
    if (credentials === null || told.has(instance.link)) continue;
    told.add(instance.link);
    send(ctx, instance, "auth", ["AUTH", ...credentials]);
  }
}

/** The other Sentinels are told what we say to them now. */
export function tellPeers(ctx: Context): void {
  const masters = [...ctx.state.masters.values()];
  authenticateAnew(
    ctx,
    masters.flatMap(({ sentinels }) => [...sentinels.values()]),
  );
}

/** The words after AUTH, or null (sentinelSendAuthIfNeeded) [LINK-AUTH]. */
function credentialsFor(ctx: Context, instance: Instance): string[] | null {
  const { sentinelUser, sentinelPass, requirepass } = ctx.state.settings;
  if (instance.kind === "sentinel") {
    if (sentinelPass) return sentinelUser ? [sentinelUser, sentinelPass] : [sentinelPass];
    return requirepass ? [requirepass] : null;
  }
  const { authUser, authPass } = masterOf(instance).settings;
  if (!authPass) return null;
  return authUser ? [authUser, authPass] : [authPass];
}
