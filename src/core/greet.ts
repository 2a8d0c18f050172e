import { takeOver } from "./aside.ts";
import type { Context } from "./context.ts";
import { HELLO_CHANNEL } from "./defaults.ts";
import { masterOf } from "./event.ts";
import { askIdentity, tryQuestion } from "./identity.ts";
import { mayHaveChanged } from "./lineage-guard.ts";
import type { Connection } from "./link-state.ts";
import { sendDue, sendInfo, sendPing } from "./periodic.ts";
import { isAwaitedBack } from "./reigns.ts";
import { plan } from "./schedule.ts";
import { write } from "./send.ts";
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
    if (one.kind === "master") sendInfo(ctx, one);
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
