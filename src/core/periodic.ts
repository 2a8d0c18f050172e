import type { Reply } from "../base/reply.ts";
import { type Context, elapsed } from "./context.ts";
import { NEVER } from "./deadline.ts";
import {
  AWAITED_INFO_PERIOD_MS,
  FAST_INFO_PERIOD_MS,
  HELLO_CHANNEL,
  MAX_PENDING_COMMANDS,
} from "./defaults.ts";
import { masterOf } from "./event.ts";
import { holdsWrites } from "./failover/coordinated/plan.ts";
import { formatHello } from "./hello-message.ts";
import { isOthersMaster } from "./lineage-guard.ts";
import { pingPeriod, silentSince } from "./link.ts";
import { isAwaitedBack } from "./reigns.ts";
import { awaitsHello, isPending, send } from "./send.ts";
import type { Instance, Master, Millis, RedisInstance } from "./state.ts";
import { heldBackUntil } from "./tell.ts";

/**
 * PING, INFO and hello, each when its period says so (sentinelSendPeriodicCommands). What would be
 * due within a tenth of its period goes along with what is: that is one write and one reply to read
 * in place of two, here and there.
 */
export function sendDue(ctx: Context, instance: Instance): void {
  const infoAt = infoDueAt(ctx, instance);
  const pingAt = pingDueAt(ctx, instance);
  const helloAt = helloDueAt(ctx, instance);
  if (ctx.now < Math.min(infoAt, pingAt, helloAt)) return;
  const isNear = (at: Millis, period: Millis) => ctx.now >= at - period / 10;
  if (instance.kind !== "sentinel" && isNear(infoAt, infoPeriod(ctx, instance))) {
    sendInfo(ctx, instance);
  }
  if (isNear(pingAt, pingPeriod(ctx, instance))) sendPing(ctx, instance);
  if (isNear(helloAt, ctx.state.periods.publishPeriod)) sendHello(ctx, instance);
}

/** Nothing periodic is sent to who leaves too much unanswered. */
function isOpen({ link }: Instance): boolean {
  return link.command?.up === true && link.pending.size < MAX_PENDING_COMMANDS * link.owners.size;
}

export function infoDueAt(ctx: Context, instance: Instance): Millis {
  if (instance.kind === "sentinel" || !isOpen(instance)) return NEVER;
  if (isPending(instance, instance.infoRequest)) return NEVER;
  if (instance.infoAt === null) return ctx.now;
  const usualAt = instance.infoAt + infoPeriod(ctx, instance) + 1;
  const actAt = instance.roleReportedSince + selfMadeMasterWaitMs(ctx) + 1;
  const isAwaited = instance.kind === "replica" && instance.roleReported === "master";
  return isAwaited && instance.infoAt < actAt ? Math.min(usualAt, actAt) : usualAt;
}

/**
 * How long a replica that says it is a master is left alone, so that a newer configuration can arrive
 * [REPAIR-ROLE].
 * It is acted on at an INFO, so one is asked for right then.
 */
export function selfMadeMasterWaitMs({ state }: Context): Millis {
  return 4 * state.periods.publishPeriod;
}

export function pingDueAt(ctx: Context, instance: Instance): Millis {
  if (!isOpen(instance)) return NEVER;
  const { lastPongAt, lastPingAt } = instance.link;
  const period = pingPeriod(ctx, instance);
  return Math.max(lastPongAt + period, (lastPingAt ?? lastPongAt) + Math.floor(period / 2)) + 1;
}

export function helloDueAt(ctx: Context, instance: Instance): Millis {
  if (!isOpen(instance) || !maySendHello(ctx, instance)) return NEVER;
  const { lastHelloSentAt } = instance;
  const at =
    lastHelloSentAt === null ? ctx.now : lastHelloSentAt + ctx.state.periods.publishPeriod + 1;
  return Math.max(at, heldBackUntil(ctx, instance) ?? at);
}

/**
 * Not while what it would say is not on disk yet, nor while one is under way [D-NO-REPEAT], nor to a
 * server that hands
 * its role over: it takes no PUBLISH before it is done.
 */
function maySendHello(ctx: Context, instance: Instance): boolean {
  if (masterOf(instance).configUnsaved) return false;
  if (instance.kind === "replica" && isOthersMaster(ctx, instance)) return false;
  // Sentinels have one link for many masters, each with a hello of its own.
  if (instance.kind === "sentinel") return !isPending(instance, instance.helloRequest);
  if (instance.kind === "master" && holdsWrites(instance)) return false;
  if (instance.kind === "master" && instance.leaving !== null) return false;
  return !instance.isHandingOver && !awaitsHello(instance.link);
}

/** It spoke within the time in which a PING of ours and its answer come by. */
export function answersPing(ctx: Context, instance: Instance): boolean {
  const { link } = instance;
  return (
    link.command?.up === true && ctx.now - link.lastValidPongAt <= pingPeriod(ctx, instance) + 500
  );
}

export function sendPing(ctx: Context, instance: Instance): void {
  const { link } = instance;
  if (send(ctx, instance, "ping", ["PING"]) === null) return;
  link.pingPendingSince ??= ctx.now;
  link.lastPingAt = ctx.now;
  ctx.state.unsentPings.push(link);
}

/**
 * The save that held everything back is over: only now do the PINGs of the meantime leave, and only now
 * does the wait for their answers begin. A slow disk must not look like a silent server.
 */
export function pingsLeft({ state, now }: Context): void {
  for (const link of state.unsentPings) {
    if (link.pingPendingSince === link.lastPingAt) link.pingPendingSince = now;
    link.lastPingAt = now;
  }
}

/** Asks for INFO unless an answer is already on its way. */
export function sendInfo(ctx: Context, server: RedisInstance): void {
  if (isPending(server, server.infoRequest)) return;
  server.infoRequest = send(ctx, server, "info", ["INFO"]);
}

/**
 * How old the last INFO may get. One second when a failover is near or running, already from SDOWN
 * on, so that the selection sees fresh data; a tenth of it for the replicas it waits for. One second
 * also while a server is not what it should be, or its repair would wait for a slow INFO [D-INFO-ROLE], and
 * while it hands its role over and gets no hello.
 */
function infoPeriod(ctx: Context, server: RedisInstance): Millis {
  const slow = ctx.state.periods.infoPeriod;
  const disagrees = server.roleReported !== (server.kind === "master" ? "master" : "slave");
  if (disagrees || server.isHandingOver) return Math.min(FAST_INFO_PERIOD_MS, slow);
  if (server.kind === "master") {
    const isPressing = ctx.state.settings.guards.handsOverAtShutdown || server.leaving !== null;
    return isPressing ? Math.min(FAST_INFO_PERIOD_MS, slow) : slow;
  }
  const { failover, sdown, odown } = server.master;
  const awaitsPromotion = failover?.step === "wait_promotion" && failover.promoted === server;
  const awaitsSync = server.reconf === "sent" || server.reconf === "inprog";
  if (awaitsPromotion || awaitsSync) return Math.min(AWAITED_INFO_PERIOD_MS, slow);
  const isUrgent = sdown || odown || failover !== null || server.masterLinkDownMs !== 0;
  return isUrgent ? Math.min(FAST_INFO_PERIOD_MS, slow) : slow;
}

/** Publishes our hello through an instance [HELLO-PERIOD]. */
function sendHello(ctx: Context, instance: Instance): void {
  if (heldBackUntil(ctx, instance) !== null) return;
  const hello = formatHello(ctx, instance);
  if (!hello) return;
  ctx.touched.push(masterOf(instance));
  instance.helloRequest = send(ctx, instance, "hello", ["PUBLISH", HELLO_CHANNEL, hello]);
  // An urgent one stays due until it is answered, but is no longer urgent.
  instance.lastHelloSentAt ??= ctx.now - ctx.state.periods.publishPeriod - 1;
}

/** Accepted: the next one is due in a period. Refused: once more after a ping-period. */
export function hearHelloReply(ctx: Context, instance: Instance, accepted: boolean): void {
  const { publishPeriod, pingPeriod } = ctx.state.periods;
  if (instance.lastHelloSentAt === null) {
    sendDue(ctx, instance);
    return;
  }
  instance.lastHelloSentAt = accepted ? ctx.now : ctx.now - publishPeriod + pingPeriod;
}

/** Only as a master: one that became a replica, in a ring of replicas perhaps, serves nobody. */
function noteMasterAlive(ctx: Context, master: Master, pong: string): void {
  if (pong.startsWith("PONG")) master.rebootSince = null;
  const isHeard = master.infoAt !== null && master.roleReported === "master";
  if (isHeard && master.reborn === null) master.lastAliveAt = ctx.now;
}

/** An old master that has loaded its data takes writes from now on, and one that restarted shows it: what is it? */
function noteLoading(ctx: Context, server: RedisInstance, isLoading: boolean): void {
  const isLoaded = server.isLoading && !isLoading;
  server.isLoading = isLoading;
  const isReborn = server.kind === "master" && server.reborn !== null;
  if (isLoaded && (isReborn || isAwaitedBack(server, ctx.now))) sendInfo(ctx, server);
}

/** What a server or a Sentinel answered to PING, if it shows that it is alive [PING-VALID]. */
export function hearPong(ctx: Context, instance: Instance, reply: Reply): void {
  const { link } = instance;
  const text = "text" in reply ? reply.text : "";
  link.lastPongAt = ctx.now;
  if (text === "PONG" || /^(PONG|LOADING|MASTERDOWN)/.test(text)) {
    const since = silentSince(link);
    if (since !== null && elapsed(ctx, since, instance.downAfterMs / 2)) link.backAt = ctx.now;
    link.lastValidPongAt = ctx.now;
    link.pingPendingSince = null;
    link.trouble = null;
    if (link.command) link.command.answered = true;
    if (instance.kind !== "sentinel") noteLoading(ctx, instance, text.startsWith("LOADING"));
    if (instance.kind === "master") noteMasterAlive(ctx, instance, text);
  } else if (text.startsWith("BUSY") && instance.sdown && !instance.scriptKillSent) {
    instance.scriptKillSent = send(ctx, instance, "ignored", ["SCRIPT", "KILL"]) !== null;
  }
}
