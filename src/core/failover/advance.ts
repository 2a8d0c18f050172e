import type { Context } from "../context.ts";
import { NEVER } from "../deadline.ts";
import type { Failover, FailoverStep, Master, Millis } from "../state.ts";
import { abandon, isMasterBack } from "./abandon.ts";
import { awaitPromotion } from "./await-promotion.ts";
import { giveUpForDead, isOvertaken } from "./coordinated/give-up.ts";
import { handOver } from "./coordinated/hand-over.ts";
import {
  electionWaits,
  followersWaits,
  orderWaits,
  promotedWaits,
  selectionWaits,
} from "./deadlines.ts";
import { elect } from "./elect.ts";
import { promote } from "./promote.ts";
import { reconfigure } from "./reconfigure.ts";
import { select } from "./select.ts";
import { updateConfig } from "./update-config.ts";

interface Step {
  /** Takes it if it is due; true if the failover moved. */
  readonly take: (ctx: Context, master: Master, failover: Failover) => boolean;
  /** All instants that it may wait for, in the past or to come. */
  readonly waits: (ctx: Context, master: Master, failover: Failover) => readonly Millis[];
}

/** In their order (sentinelFailoverStateMachine). Each enters the next one. */
const STEPS: Readonly<Record<FailoverStep, Step>> = {
  wait_start: { take: elect, waits: electionWaits },
  select_slave: { take: select, waits: selectionWaits },
  send_slaveof_noone: { take: order, waits: orderWaits },
  wait_promotion: { take: awaitPromotion, waits: promotedWaits },
  reconf_slaves: { take: reconfigure, waits: followersWaits },
  update_config: { take: updateConfig, waits: () => [] },
};

/** Takes the next step if it is due; true if the failover moved. */
export function advanceFailover(ctx: Context, master: Master): boolean {
  const { failover } = master;
  if (!failover) return false;
  if (isMasterBack(master, failover)) return abandon(ctx, master, failover);
  if (isOvertaken(master, failover)) return giveUpForDead(ctx, master, failover);
  return STEPS[failover.step].take(ctx, master, failover);
}

/** The earliest instant from now on at which time alone may move a failover; never, if there is none. */
export function failoverDueAt(ctx: Context, master: Master): Millis {
  const { failover } = master;
  let at = NEVER;
  if (!failover) return at;
  const waits = STEPS[failover.step].waits(ctx, master, failover);
  for (const one of waits) if (one > ctx.now && one < at) at = one;
  return at;
}

function order(ctx: Context, master: Master, failover: Failover): boolean {
  // It would leave after the save only. If we stand still until then, it must not leave at all.
  if (ctx.saveConfig || ctx.state.isHeld) return false;
  if (failover.coordinated) return handOver(ctx, master, failover, failover.coordinated);
  return promote(ctx, master, failover);
}
