import type { Reply } from "../../../src/base/reply.ts";
import { advance, startIfNeeded, updateConfig } from "./failover.ts";
import { hearInfo } from "./info.ts";
import { type CAddress, type CInstance, type CQuestion, instancesOf } from "./records.ts";
import {
  askPeers,
  checkOdown,
  checkSdown,
  hearDownReply,
  hearPong,
  reconnect,
  sendPeriodic,
} from "./watch.ts";
import type { CContext } from "./wire.ts";

/** sentinelHandleDictOfRedisInstances: what a process at this address does 10 to 19 times a second. */
export function tick(context: CContext, self: CAddress): void {
  for (const master of context.state.masters.values()) {
    for (const instance of instancesOf(master)) handle(context, instance, self);
    if (master.step === "update_config") updateConfig(context, master);
  }
}

/** sentinelHandleRedisInstance. */
function handle(context: CContext, instance: CInstance, self: CAddress): void {
  reconnect(context, instance);
  sendPeriodic(context, instance, self);
  if (context.state.tiltSince !== null) return;
  checkSdown(context, instance);
  if (instance.kind !== "master") return;
  checkOdown(context, instance);
  if (startIfNeeded(context, instance)) askPeers(context, instance, true);
  advance(context, instance);
  askPeers(context, instance, false);
}

/** The answer to a question over the command connection; null: to none that is known. */
export function hearAnswer(
  context: CContext,
  instance: CInstance,
  question: CQuestion | null,
  reply: Reply,
): void {
  const now = context.state.world.now();
  switch (question) {
    case "ping":
      return hearPong(instance, reply, now);
    case "hello":
      if (reply.type === "integer") instance.lastHelloSentAt = now;
      return;
    case "info":
      if (instance.kind === "peer" || reply.type !== "bulk") return;
      return hearInfo(context, instance, reply.text);
    case "down":
      if (instance.kind === "peer") hearDownReply(instance, reply, now);
      return;
    default:
  }
}
