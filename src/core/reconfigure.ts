import { sameAddress, shownHost } from "./address.ts";
import type { Context } from "./context.ts";
import { send } from "./send.ts";
import type { Address, RedisInstance, Replica } from "./state.ts";

/**
 * The transaction that changes whom a server replicates (sentinelSendSlaveOf). The kills make its
 * clients connect again and ask a Sentinel; they end every connection but the one they arrive on.
 * False if the command connection is not up, so that nothing was sent.
 */
function transaction(
  ctx: Context,
  server: RedisInstance,
  slaveof: readonly [string, string],
): boolean {
  const first = send(ctx, server, "ignored", ["MULTI"]);
  if (first === null) return false;
  send(ctx, server, "ignored", ["SLAVEOF", ...slaveof]);
  send(ctx, server, "ignored", ["CONFIG", "REWRITE"]);
  send(ctx, server, "ignored", ["CLIENT", "KILL", "TYPE", "normal"]);
  send(ctx, server, "ignored", ["CLIENT", "KILL", "TYPE", "pubsub"]);
  send(ctx, server, "transaction", ["EXEC"]);
  return true;
}

export function promote(ctx: Context, replica: Replica): boolean {
  return transaction(ctx, replica, ["NO", "ONE"]);
}

/** Also false for the master itself: no server is told to follow itself (I9). */
export function replicateFrom(ctx: Context, server: RedisInstance, master: Address): boolean {
  const host = shownHost(ctx.state.settings, master);
  if (sameAddress(server.address, master)) return false;
  return host !== "" && transaction(ctx, server, [host, `${master.port}`]);
}
