import { shownHost } from "../../address.ts";
import type { Context } from "../../context.ts";
import { event } from "../../event.ts";
import { send } from "../../send.ts";
import type { Failover, Master, RedisInstance, Replica } from "../../state.ts";
import { enter } from "../step.ts";
import { type Coordinated, newHold } from "./plan.ts";

/**
 * The method `failover` (sentinelFailoverTo of Valkey): the master waits for the target by itself, demotes itself and
 * lets it take over [COORD-FAILOVER]. Writes stay held back for as long, so that no client writes to a replica.
 */
export function orderFailover(
  ctx: Context,
  master: Master,
  failover: Failover,
  plan: Coordinated,
  promoted: Replica,
): boolean {
  const { command } = master.link;
  if (!command) return false;
  const { port } = promoted.address;
  const to = ["TO", shownHost(ctx.state.settings, promoted.address), `${port}`];
  const limit = `${plan.limitMs}`;
  for (const words of [
    ["MULTI"],
    ["CLIENT", "PAUSE", limit, "WRITE"],
    ["FAILOVER", ...to, "TIMEOUT", limit],
    ["EXEC"],
  ])
    send(ctx, master, "hand-over", words);
  plan.hold = newHold(ctx, command.id);
  event(ctx, "notice", "+failover-state-wait-promotion", promoted);
  enter(ctx, failover, "wait_promotion");
  return true;
}

/**
 * The roles are changed already: what goes along with SLAVEOF otherwise is left, for both (sentinelKillClients of
 * Valkey). False: the old master was not reached.
 */
export function settleRoles(ctx: Context, master: Master, promoted: Replica): boolean {
  const hold = master.failover?.coordinated?.hold;
  if (hold && !hold.isPromotedTold) hold.isPromotedTold = endConnections(ctx, promoted);
  return endConnections(ctx, master);
}

function endConnections(ctx: Context, server: RedisInstance): boolean {
  if (!server.link.command?.up) return false;
  for (const words of [
    ["MULTI"],
    ["CONFIG", "REWRITE"],
    ["CLIENT", "KILL", "TYPE", "normal"],
    ["CLIENT", "KILL", "TYPE", "pubsub"],
    ["CLIENT", "UNPAUSE"],
    ["EXEC"],
  ])
    send(ctx, server, "ignored", words);
  return true;
}
