import { shownHost } from "../../address.ts";
import type { Context } from "../../context.ts";
import { ASK_TARGET_MS, LEAST_PAUSE_MS } from "../../defaults.ts";
import { event } from "../../event.ts";
import { hasLeft } from "../../leaving.ts";
import { isLeftBehind } from "../../namesakes.ts";
import { sendInfo } from "../../periodic.ts";
import { lacksHeld } from "../../reborn.ts";
import { orderPromotion } from "../../role-order.ts";
import { isBehindHello, isPending, send } from "../../send.ts";
import type { Failover, Master, Millis, Replica, RequestId } from "../../state.ts";
import { enter } from "../step.ts";
import { catchUpEndsAt, serversLateAt, tooLateAt, unreachedAt } from "./deadlines.ts";
import { fenceOff } from "./fence.ts";
import { giveUp, isSuperseded } from "./give-up.ts";
import { type Coordinated, type Hold, newHold, noteHeld } from "./plan.ts";
import { orderFailover } from "./server-failover.ts";

/** The state send_slaveof_noone of a planned switch: nothing is changed before the target has every write. */
export function handOver(
  ctx: Context,
  master: Master,
  failover: Failover,
  plan: Coordinated,
): boolean {
  const { promoted } = failover;
  if (!promoted || promoted.sdown) return giveUp(ctx, master, failover, "its target is down");
  if (isSuperseded(master, failover))
    return giveUp(ctx, master, failover, "another Sentinel was voted for since");
  if (plan.hold) return awaitTarget(ctx, master, failover, plan, plan.hold, promoted);
  // One that shuts down answers no more hello: the next connection takes the order.
  const isHeldUp = master.leaving !== null && isBehindHello(master.link);
  if (master.link.command?.up && !isHeldUp) {
    if (plan.method === "failover") return orderFailover(ctx, master, failover, plan, promoted);
    plan.hold =
      plan.method === "fence" ? fenceOff(ctx, master, plan) : holdWrites(ctx, master, plan);
    if (plan.hold !== null) return false;
  }
  if (ctx.now < unreachedAt(plan, failover.stepSince)) return false;
  const isAsked = plan.fencing !== null;
  const why = isAsked
    ? "the master did not answer in time"
    : "there is no connection to the master";
  return giveUp(ctx, master, failover, why);
}

/**
 * The master holds writes back, and says how much it has from then on: it takes the two commands one after the
 * other, so that is all that it ever acknowledged [COORD-OFFSET]. No MULTI is needed for that, nor the right to it.
 */
function holdWrites(ctx: Context, master: Master, { limitMs }: Coordinated): Hold | null {
  const { command } = master.link;
  const pause = send(ctx, master, "hold", ["CLIENT", "PAUSE", `${limitMs}`, "WRITE"]);
  if (!command || pause === null) return null;
  send(ctx, master, "frozen", ["INFO", "replication"]);
  return newHold(ctx, command.id);
}

function awaitTarget(
  ctx: Context,
  master: Master,
  failover: Failover,
  plan: Coordinated,
  hold: Hold,
  promoted: Replica,
): boolean {
  const trouble = troubleOf(ctx, master, plan, hold);
  if (trouble !== null) return giveUp(ctx, master, failover, trouble);
  if (hold.until === null || hold.frozen === null) return false;
  const { command } = promoted.link;
  if (hold.caughtUpOn !== null && hold.caughtUpOn === command?.id) {
    return promoteTarget(ctx, master, failover, plan, hold, promoted);
  }
  if (ctx.now >= hold.askAt && !isPending(promoted, hold.question)) {
    hold.question = send(ctx, promoted, "caught-up", ["INFO", "replication"]);
    hold.askAt = ctx.now + ASK_TARGET_MS;
  }
  return false;
}

function troubleOf(ctx: Context, master: Master, plan: Coordinated, hold: Hold): string | null {
  if (hold.refusal !== null) return hold.refusal;
  const isHere = master.link.command?.id === hold.connection;
  // One that waits for its end takes no writes until then, and what it had is known.
  if (!isHere && !(hasLeft(master) && hold.frozen !== null))
    return "the connection to the master was lost";
  if (ctx.now < catchUpEndsAt(plan, hold)) return null;
  if (hold.until === null || hold.frozen === null) return "the master did not answer in time";
  const { limitMs } = plan;
  return `its target has not caught up with the master in time (${limitMs} ms of held writes)`;
}

/**
 * Only while writes are certainly held back. They stay so for longer: until the promotion is seen and on disk, and the
 * old master told.
 */
function promoteTarget(
  ctx: Context,
  master: Master,
  failover: Failover,
  plan: Coordinated,
  hold: Hold,
  promoted: Replica,
): boolean {
  const ms = extensionMs(master, plan);
  // A fence stays until it is taken away.
  if (plan.method === "fence") noteHeld(hold, ctx.now, ms);
  else extend(ctx, master, hold, ms);
  if (!orderPromotion(ctx, promoted))
    return giveUp(ctx, master, failover, "its target is disconnected");
  // Right behind the order: it need not wait for its answer.
  sendInfo(ctx, promoted);
  event(ctx, "notice", "+failover-state-wait-promotion", promoted);
  enter(ctx, failover, "wait_promotion");
  return true;
}

function extend(ctx: Context, master: Master, hold: Hold, ms: Millis): void {
  const request = send(ctx, master, "extend", ["CLIENT", "PAUSE", `${ms}`, "WRITE"]);
  if (request !== null) hold.extension = { request, at: ctx.now, ms };
  // What it has now shows whether the first pause lasted until this one.
  hold.recheck = send(ctx, master, "recheck", ["INFO", "replication"]);
}

/** Should we die now, the master goes on before C Sentinels, whose PING waits, take it for dead. */
function extensionMs({ downAfterMs }: Master, { limitMs }: Coordinated): Millis {
  return Math.max(Math.min(limitMs, downAfterMs - limitMs), LEAST_PAUSE_MS);
}

/** The state wait_promotion of a planned switch; INFO of the target ends it. */
export function awaitHandedOver(
  ctx: Context,
  master: Master,
  failover: Failover,
  isWithout: boolean,
): boolean {
  const plan = failover.coordinated;
  if (!plan?.hold) return false;
  if (plan.hold.refusal !== null) return giveUp(ctx, master, failover, plan.hold.refusal);
  if (plan.method === "failover") {
    if (ctx.now < serversLateAt(master, failover, plan)) return false;
    return giveUp(ctx, master, failover, "the servers did not finish their failover in time");
  }
  if (isWithout) return giveUp(ctx, master, failover, "its target refused, or was lost");
  if (!isTooLate(ctx, master, failover)) return false;
  return giveUp(ctx, master, failover, "the promotion was not seen while writes were held back");
}

/** The master may take writes again: it stays the master [COORD-CERTAIN]. */
export function isTooLate(ctx: Context, master: Master, { coordinated }: Failover): boolean {
  if (!coordinated || coordinated.method === "failover") return false;
  if (coordinated.hold && hasLessNow(master, coordinated.hold)) return false;
  return ctx.now >= tooLateAt(coordinated);
}

/**
 * The promotion was seen. Before that is saved, which may take longer than writes are held back, the old master
 * follows the new one, so that it takes none any more [COORD-DEMOTE]. Its clients stay where they are until they are
 * told of the new one. True: that is under way.
 */
export function demoteFirst(ctx: Context, master: Master, failover: Failover): boolean {
  const { coordinated, promoted } = failover;
  const hold = coordinated && coordinated.method !== "failover" ? coordinated.hold : null;
  if (!hold || !promoted || hold.isDemoted || hasLeft(master)) return false;
  const { command } = master.link;
  if (command?.up && command.id !== hold.connection) {
    if (hasLessNow(master, hold)) return false;
    // A process that was started since holds no writes back.
    if (isHeardAnew(master, hold)) hold.refusal ??= "it was reached anew";
    return true;
  }
  if (hold.refusal !== null || isPending(master, hold.demotion)) return true;
  if (!hold.isRechecked) return recheck(ctx, master, hold, coordinated?.method === "fence");
  if (isLeftBehind(ctx, master, promoted.address, failover.epoch)) return false;
  const host = shownHost(ctx.state.settings, promoted.address);
  const words = ["SLAVEOF", host, `${promoted.address.port}`];
  const demote = coordinated?.method === "fence" ? demoteCounting : demoteLooking;
  hold.demotion = demote(ctx, master, words) ?? hold.demotion;
  return true;
}

/** It was started anew since, without what its target has: that one must not follow it, but is the master. */
function hasLessNow(master: Master, hold: Hold): boolean {
  return hold.frozen !== null && isHeardAnew(master, hold) && lacksHeld(master, hold.frozen);
}

function isHeardAnew({ link, infoAt }: Master, { connection }: Hold): boolean {
  const { command } = link;
  return command?.up === true && command.id !== connection && (infoAt ?? 0) >= command.openedAt;
}

/** As a replica it would drop what the new master lacks: it is not made one if it took writes all the same. */
function recheck(ctx: Context, master: Master, hold: Hold, isFenced: boolean): true {
  const words = isFenced ? ["INFO"] : ["INFO", "replication"];
  if (!isPending(master, hold.recheck)) hold.recheck = send(ctx, master, "recheck", words);
  return true;
}

/** What it had when it became a replica shows whether somebody ended its pause [COORD-DEMOTE]. */
function demoteLooking(ctx: Context, master: Master, words: readonly string[]): RequestId | null {
  send(ctx, master, "demote", words);
  return send(ctx, master, "demote", ["INFO", "replication"]);
}

/**
 * What it took until it is a master no more is told in the same moment: a fence does not stop writes of scripts and
 * transactions in every release [COORD-FENCE].
 */
function demoteCounting(ctx: Context, master: Master, words: readonly string[]): RequestId | null {
  for (const one of [["MULTI"], ["INFO"], words]) send(ctx, master, "ignored", one);
  return send(ctx, master, "demote", ["EXEC"]);
}
