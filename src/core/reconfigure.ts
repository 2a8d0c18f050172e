import { sameAddress, shownHost } from "./address.ts";
import type { Context } from "./context.ts";
import { send } from "./send.ts";
import type { Address, Replica } from "./state.ts";

/**
 * The transaction that changes whom a server replicates (sentinelSendSlaveOf). The kills make its
 * clients connect again and ask a Sentinel; they end every connection but the one they arrive on.
 * False if the command connection is not up, so that nothing was sent.
 */
function transaction(ctx: Context, replica: Replica, slaveof: readonly [string, string]): boolean {
  const first = send(ctx, replica, "ignored", ["MULTI"]);
  if (first === null) return false;
  send(ctx, replica, "ignored", ["SLAVEOF", ...slaveof]);
  send(ctx, replica, "ignored", ["CONFIG", "REWRITE"]);
  send(ctx, replica, "ignored", ["CLIENT", "KILL", "TYPE", "normal"]);
  send(ctx, replica, "ignored", ["CLIENT", "KILL", "TYPE", "pubsub"]);
  send(ctx, replica, "transaction", ["EXEC"]);
  return true;
}

export function promote(ctx: Context, replica: Replica): boolean {
  return transaction(ctx, replica, ["NO", "ONE"]);
}

/** Also false for the master itself: no server is told to follow itself (I9). */
export function replicateFrom(ctx: Context, replica: Replica, master: Address): boolean {
  const host = shownHost(ctx.state.settings, master);
  if (sameAddress(replica.address, master)) return false;
  return host !== "" && transaction(ctx, replica, [host, `${master.port}`]);
}
