import type { Context } from "./context.ts";
import { HELLO_CHANNEL } from "./defaults.ts";
import { masterOf } from "./event.ts";
import { connectionLost } from "./link.ts";
import { sendDue, sendPing } from "./periodic.ts";
import type { Reply } from "./reply.ts";
import { plan } from "./schedule.ts";
import { write } from "./send.ts";
import type { Connection, Instance, InstanceLink, RequestId } from "./state.ts";

/** Established: authenticate, name ourselves, and ask or subscribe at once. */
export function connectionUp(ctx: Context, id: number, localIp: string): void {
  const found = ctx.state.connections.get(id);
  const [owner] = found?.link.owners ?? [];
  const connection = found?.link[found.purpose];
  if (!found || !owner || !connection) return;
  connection.up = true;
  connection.localIp = localIp;
  greet(ctx, owner, connection, found.purpose === "command" ? "cmd" : "pubsub");
  if (found.purpose === "pubsub") {
    connection.subscribeRequest = write(ctx, owner, connection, ["SUBSCRIBE", HELLO_CHANNEL]);
    return;
  }
  sendPing(ctx, owner);
  for (const one of found.link.owners) {
    sendDue(ctx, one);
    plan(ctx, one);
  }
}

function greet(ctx: Context, owner: Instance, connection: Connection, suffix: string): void {
  const credentials = credentialsFor(ctx, owner);
  if (credentials) write(ctx, owner, connection, ["AUTH", ...credentials]);
  const name = `sentinel-${ctx.state.myId.slice(0, 8)}-${suffix}`;
  write(ctx, owner, connection, ["CLIENT", "SETNAME", name]);
}

/** The words after AUTH, or null (sentinelSendAuthIfNeeded). */
function credentialsFor(ctx: Context, instance: Instance): string[] | null {
  const { sentinelUser, sentinelPass, requirepass } = ctx.state.settings;
  if (instance.kind === "sentinel") {
    if (sentinelPass) return sentinelUser ? [sentinelUser, sentinelPass] : [sentinelPass];
    return requirepass ? [requirepass] : null;
  }
  const { authUser, authPass } = masterOf(instance);
  if (!authPass) return null;
  return authUser ? [authUser, authPass] : [authPass];
}

/** Any reply on a subscription shows that it lives; a refused SUBSCRIBE makes it useless. */
export function hearPubsubReply(
  ctx: Context,
  link: InstanceLink,
  request: RequestId,
  reply: Reply,
): void {
  link.pubsubActivityAt = ctx.now;
  const { pubsub } = link;
  if (!pubsub || reply.type !== "error" || pubsub.subscribeRequest !== request) return;
  ctx.effects.push({ type: "disconnect", connection: pubsub.id });
  connectionLost(ctx, pubsub.id, reply.text);
}
