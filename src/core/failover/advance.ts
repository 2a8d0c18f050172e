import type { Context } from "../context.ts";
import type { Master } from "../state.ts";
import { abandon, isMasterBack } from "./abandon.ts";
import { awaitPromotion } from "./await-promotion.ts";
import { giveUpForDead, isOvertaken } from "./coordinated/give-up.ts";
import { handOver } from "./coordinated/hand-over.ts";
import { elect } from "./elect.ts";
import { promote } from "./promote.ts";
import { reconfigure } from "./reconfigure.ts";
import { select } from "./select.ts";
import { updateConfig } from "./update-config.ts";

/** Takes the next step if it is due; true if the failover moved (sentinelFailoverStateMachine). */
export function advanceFailover(ctx: Context, master: Master): boolean {
  const { failover } = master;
  if (!failover) return false;
  if (isMasterBack(master, failover)) return abandon(ctx, master, failover);
  if (isOvertaken(master, failover)) return giveUpForDead(ctx, master, failover);
  switch (failover.step) {
    case "wait_start":
      return elect(ctx, master, failover);
    case "select_slave":
      return select(ctx, master, failover);
    case "send_slaveof_noone":
      // It would leave after the save only. If we stand still until then, it must not leave at all.
      if (ctx.saveConfig || ctx.state.isHeld) return false;
      if (failover.coordinated) return handOver(ctx, master, failover, failover.coordinated);
      return promote(ctx, master, failover);
    case "wait_promotion":
      return awaitPromotion(ctx, master, failover);
    case "reconf_slaves":
      return reconfigure(ctx, master, failover);
    case "update_config":
      return updateConfig(ctx, master, failover);
    default:
      return failover.step satisfies never;
  }
}
