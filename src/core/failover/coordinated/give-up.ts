import { type Context, log } from "../../context.ts";
import { replicateFrom } from "../../role-order.ts";
import { send } from "../../send.ts";
import type { Failover, Master } from "../../state.ts";
import { abort } from "../step.ts";
import { liftFence } from "./fence.ts";

/**
 * Ends a planned switch before anybody was told of another master [COORD-GIVE-UP]: the master takes writes again, and
 * a target that may have been promoted in the last moment follows it again. No attempt was made that would have to be
 * waited for: should the master die now, it is failed over at once.
 */
export function giveUp(ctx: Context, master: Master, failover: Failover, why: string): false {
  log(ctx, "warning", `Coordinated failover of ${master.name} given up: ${why}`);
  const { step, promoted } = failover;
  const isTold = step === "wait_promotion";
  if (failover.coordinated?.hold) letGo(ctx, master, failover);
  if (isTold && failover.coordinated?.method !== "failover" && promoted && !master.sdown) {
    replicateFrom(ctx, promoted, master);
  }
  const event = isTold ? "-failover-abort-slave-timeout" : "-failover-abort-master-timeout";
  abort(ctx, master, event, why);
  master.attemptAt = null;
  return false;
}

/**
 * We voted for another one since, who may lead by now: then writes are held back for him, too, and what we would undo
 * may be his work [COORD-GIVE-UP].
 */
export function isSuperseded({ leaderEpoch }: Master, { epoch }: Failover): boolean {
  return leaderEpoch > epoch;
}

function letGo(ctx: Context, master: Master, failover: Failover): void {
  const { coordinated, step } = failover;
  const isUnderWay = step === "wait_promotion" && coordinated?.hold?.refusal === null;
  if (coordinated?.method === "failover" && isUnderWay) {
    send(ctx, master, "release", ["FAILOVER", "ABORT"]);
  }
  if (coordinated?.method !== "fence" && isSuperseded(master, failover)) return;
  // It was told to follow its target, of which nobody else has heard: it is the master that all name.
  if (coordinated?.hold?.demotion != null) send(ctx, master, "release", ["SLAVEOF", "NO", "ONE"]);
  if (coordinated?.method === "fence") liftFence(ctx, master, coordinated);
  else send(ctx, master, "release", ["CLIENT", "UNPAUSE"]);
}

/** The quorum sees it down by now: it is no longer a planned switch that is needed. */
export function isOvertaken({ odown }: Master, { coordinated, step }: Failover): boolean {
  if (!odown || !coordinated) return false;
  return step === "wait_start" || step === "select_slave" || step === "send_slaveof_noone";
}

/** True: there may be more to do at once. */
export function giveUpForDead(ctx: Context, master: Master, failover: Failover): true {
  const isElected = failover.step !== "wait_start";
  if (isElected) {
    giveUp(ctx, master, failover, "its master is down");
    return true;
  }
  log(ctx, "warning", `Coordinated failover of ${master.name} given up: its master is down`);
  abort(ctx, master, "-failover-abort-not-elected", "its master is down");
  // Votes may still come: it is spared the wait once nobody else can lead in that epoch.
  master.abandonedEpoch = failover.epoch;
  return true;
}
