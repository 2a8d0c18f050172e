import type { Reply } from "../base/reply.ts";
import type { Context } from "./context.ts";
import { HELLO_CHANNEL } from "./defaults.ts";
import { masterOf } from "./event.ts";
import { hearHello } from "./hello.ts";
import type { Input } from "./input.ts";
import { isStrangeHello } from "./lineage-guard.ts";
import { connectionLost } from "./link.ts";
import type { InstanceLink } from "./link-state.ts";
import type { RequestId } from "./state.ts";

/** Something was published on a channel that we subscribed to: a hello about the master of that server. */
export function hearMessage(ctx: Context, input: Input & { type: "message" }): void {
  const found = ctx.state.connections.get(input.connection);
  if (found?.purpose !== "pubsub") return;
  found.link.pubsubActivityAt = ctx.now;
  const [owner] = found.link.owners;
  if (input.channel !== HELLO_CHANNEL || !owner) return;
  if (owner.kind === "replica" && isStrangeHello(ctx, owner, input.payload)) return;
  hearHello(ctx, input.payload, input, masterOf(owner));
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
  if (pubsub?.subscribeRequest !== request) return;
  pubsub.answered = reply.type !== "error";
  if (reply.type !== "error") return;
  ctx.effects.push({ type: "disconnect", connection: pubsub.id });
  connectionLost(ctx, pubsub.id, `it refuses SUBSCRIBE: ${reply.text}`);
}
