import { type Context, elapsed } from "./context.ts";
import {
  AWAITED_INFO_PERIOD_MS,
  FAST_INFO_PERIOD_MS,
  HELLO_CHANNEL,
  MAX_PENDING_COMMANDS,
} from "./defaults.ts";
import { masterOf } from "./event.ts";
import { formatHello } from "./hello-message.ts";
import type { Reply } from "./reply.ts";
import { isPending, send } from "./send.ts";
import type { Instance, Millis, RedisInstance } from "./state.ts";

/** PING, INFO and hello, each when its period says so (sentinelSendPeriodicCommands). */
export function sendDue(ctx: Context, instance: Instance): void {
  const { link } = instance;
  if (!link.command?.up || link.pending.size >= MAX_PENDING_COMMANDS * link.owners.size) return;
  if (instance.kind !== "sentinel" && elapsed(ctx, instance.infoAt, infoPeriod(ctx, instance))) {
    sendInfo(ctx, instance);
  }
  const period = Math.min(instance.downAfterMs, ctx.state.periods.pingPeriod);
  if (elapsed(ctx, link.lastPongAt, period) && elapsed(ctx, link.lastPingAt, period / 2)) {
    sendPing(ctx, instance);
  }
  if (elapsed(ctx, instance.lastHelloSentAt, ctx.state.periods.publishPeriod)) {
    sendHello(ctx, instance);
  }
}

export function sendPing(ctx: Context, instance: Instance): void {
  const { link } = instance;
  if (send(ctx, instance, "ping", ["PING"]) === null) return;
  link.pingPendingSince ??= ctx.now;
  link.lastPingAt = ctx.now;
}

/** Asks for INFO unless an answer is already on its way. */
export function sendInfo(ctx: Context, server: RedisInstance): void {
  if (isPending(server, server.infoRequest)) return;
  server.infoRequest = send(ctx, server, "info", ["INFO"]);
}

/**
 * How old the last INFO may get. One second when a failover is near or running, already from SDOWN
 * on, so that the selection sees fresh data; a tenth of it for the replicas it waits for.
 */
function infoPeriod(ctx: Context, server: RedisInstance): Millis {
  const slow = ctx.state.periods.infoPeriod;
  if (server.kind === "master") return slow;
  const { failover, sdown, odown } = server.master;
  const awaitsPromotion = failover?.step === "wait_promotion" && failover.promoted === server;
  const awaitsSync = server.reconf === "sent" || server.reconf === "inprog";
  if (awaitsPromotion || awaitsSync) return Math.min(AWAITED_INFO_PERIOD_MS, slow);
  const isUrgent = sdown || odown || failover !== null || server.masterLinkDownMs !== 0;
  return isUrgent ? Math.min(FAST_INFO_PERIOD_MS, slow) : slow;
}

/** Publishes our hello through an instance, unless what it would say is not on disk yet. */
function sendHello(ctx: Context, instance: Instance): void {
  const master = masterOf(instance);
  if (master.configUnsaved || isPending(instance, instance.helloRequest)) return;
  const hello = formatHello(ctx, instance);
  if (!hello) return;
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

/** What a server or a Sentinel answered to PING, if it shows that it is alive. */
export function hearPong(ctx: Context, instance: Instance, reply: Reply): void {
  const { link } = instance;
  const text = "text" in reply ? reply.text : "";
  link.lastPongAt = ctx.now;
  if (/^(PONG|LOADING|MASTERDOWN)/.test(text)) {
    link.lastValidPongAt = ctx.now;
    link.pingPendingSince = null;
    if (instance.kind === "master" && text.startsWith("PONG")) instance.rebootSince = null;
  } else if (text.startsWith("BUSY") && instance.sdown && !instance.scriptKillSent) {
    instance.scriptKillSent = send(ctx, instance, "ignored", ["SCRIPT", "KILL"]) !== null;
  }
}
