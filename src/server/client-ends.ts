import { describeClient } from "./client-format.ts";
import type { ServerContext } from "./context.ts";
import type { Session } from "./session.ts";

/*
 * Clients that are closed for what they take, each counted in INFO and told in the log, in the words of
 * the reference where it has some.
 */

export function endOverflow(ctx: ServerContext, client: Session): void {
  ctx.counters.queryBufferDisconnections += 1;
  const who = describeClient(ctx, client);
  ctx.host.log("warning", `Closing client that reached max query buffer length: ${who}`);
  client.destroy();
}

export function endOutputLimit(ctx: ServerContext, client: Session): void {
  ctx.counters.outputBufferDisconnections += 1;
  const why = "scheduled to be closed ASAP for overcoming of output buffer limits.";
  ctx.host.log("warning", `Client ${describeClient(ctx, client)} ${why}`);
  client.destroy();
}

/** All clients together take too much, and this one takes most. */
export function evictClient(ctx: ServerContext, client: Session): void {
  ctx.counters.evictedClients += 1;
  const why = "the clients take more memory than they may, and this one takes most";
  ctx.host.log("warning", `Evicting client, ${why}: ${describeClient(ctx, client)}`);
  client.destroy();
}
