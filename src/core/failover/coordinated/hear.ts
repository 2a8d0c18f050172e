import type { Reply } from "../../../base/reply.ts";
import { type Context, log } from "../../context.ts";
import { masterOf } from "../../event.ts";
import type { History } from "../../history.ts";
import { parseInfo } from "../../info.ts";
import type { CoordinatedKind } from "../../link-state.ts";
import type { ConnectionId, Master, RedisInstance, RequestId } from "../../state.ts";
import { hearFenceAnswer, hearOrder } from "./fence.ts";
import { type Coordinated, type Hold, newHold, noteHeld } from "./plan.ts";

/** An answer to a question of a planned switch, and where it came from. */
interface Answer {
  readonly kind: CoordinatedKind;
  readonly request: RequestId;
  readonly connection: ConnectionId;
  readonly reply: Reply;
}

/** Notes an answer; what follows from it is concluded in the same step. */
export function hearHandOver(ctx: Context, owner: RedisInstance, answer: Answer): void {
  const { failover, name } = masterOf(owner);
  const { kind, reply } = answer;
  if (kind === "release") {
    if (reply.type !== "error" || /No failover in progress/i.test(reply.text)) return;
    return log(ctx, "warning", `The master of ${name} is not told to go on: ${reply.text}`);
  }
  if (kind === "hold") hearOrder(masterOf(owner), answer.request);
  const plan = failover?.coordinated;
  if (kind === "fence") return hearFencing(ctx, masterOf(owner), reply);
  if (!plan?.hold || plan.hold.since > ctx.now) return;
  if (kind === "caught-up") {
    if (failover?.promoted === owner) hearTarget(plan.hold, answer);
  } else if (kind === "demote") {
    hearDemotion(plan, plan.hold, answer);
  } else if (plan.hold.connection === answer.connection) {
    hearMaster(ctx, plan, plan.hold, answer);
  }
}

function hearMaster(ctx: Context, plan: Coordinated, hold: Hold, answer: Answer): void {
  const { kind, request, reply } = answer;
  switch (kind) {
    case "hold":
      if (reply.type === "error")
        hold.refusal ??= `the master refuses ${orderOf(plan)}: ${reply.text}`;
      else noteHeld(hold, hold.since, plan.limitMs);
      hold.roundTripMs = ctx.now - hold.since;
      return;
    case "frozen":
      return hearFrozen(hold, reply);
    case "recheck":
      hold.refusal ??= (plan.method === "fence" ? troubleOfChanges : troubleOfOffset)(hold, reply);
      hold.isRechecked = hold.refusal === null;
      return;
    case "extend":
      return hearExtension(ctx, hold, request, reply);
    case "hand-over":
      return hearFailover(hold, reply);
    default:
      return;
  }
}

function orderOf({ method }: Coordinated): string {
  return method === "fence" ? "CONFIG SET" : "CLIENT PAUSE";
}

/** What it answered before its writes are refused. The reason why that cannot be is noted as any other. */
function hearFencing(ctx: Context, master: Master, reply: Reply): void {
  const plan = master.failover?.coordinated;
  if (!plan) return;
  const trouble = hearFenceAnswer(ctx, master, plan, reply);
  const { command } = master.link;
  if (trouble === null || !command) return;
  plan.hold = { ...newHold(ctx, command.id), refusal: trouble };
}

function hearFrozen(hold: Hold, reply: Reply): void {
  if (reply.type !== "bulk") {
    const text = reply.type === "error" ? reply.text : "no text";
    hold.refusal ??= `the master refuses INFO: ${text}`;
    return;
  }
  const { role, history, isHandingOver, changes } = parseInfo(reply.text);
  if (role !== "master" || isHandingOver) hold.refusal ??= "the master hands its role over already";
  else if (!history) hold.refusal ??= "the master does not tell how much it has";
  else hold.frozen = { id: history.id, offset: history.offset, changes };
}

/** Of no use if the pause before may have run out before this one began. */
function hearExtension(ctx: Context, hold: Hold, request: RequestId, reply: Reply): void {
  const { extension, until } = hold;
  if (extension?.request !== request || reply.type === "error") return;
  if (until !== null && ctx.now < until) noteHeld(hold, extension.at, extension.ms);
}

function hearDemotion({ method }: Coordinated, hold: Hold, { request, reply }: Answer): void {
  const isLast = request === hold.demotion;
  if (method !== "fence" && !isLast) hold.refusal ??= refusalOf(reply);
  if (!isLast) return;
  const trouble =
    method === "fence" ? troubleOfCounting(hold, reply) : troubleOfOffset(hold, reply);
  if (trouble === null) hold.isDemoted = hold.refusal === null;
  else hold.refusal ??= trouble;
}

/** `*1\r\n$4\r\nPING\r\n` to the replicas, which goes on while writes are held back. No write is as short. */
const REPLICATION_PING_BYTES = 14n;

/** How much it has, or had when it became a replica: no more than when its writes stopped. */
function troubleOfOffset({ frozen }: Hold, reply: Reply): string | null {
  if (reply.type !== "bulk") return "the master refuses INFO";
  const { history } = parseInfo(reply.text);
  const endedAt = frozen === null ? null : ownEnd(history, frozen.id);
  const moved = (endedAt ?? -1n) - (frozen?.offset ?? 0n);
  if (moved === 0n || moved === REPLICATION_PING_BYTES) return null;
  return "the master may have taken writes meanwhile: somebody ended its pause";
}

/** How much it has of the history of this name, or had when it went on with that of its new master. */
function ownEnd(history: History | null, id: string): bigint | null {
  if (history?.id === id) return history.offset;
  return history?.parent?.id === id ? history.parent.endsAt - 1n : null;
}

function refusalOf(reply: Reply | undefined): string | null {
  return reply?.type === "error" ? `the master refuses SLAVEOF: ${reply.text}` : null;
}

/** INFO, and SLAVEOF: what it took between the fence and its end the new master may lack [COORD-FENCE]. */
function troubleOfCounting(hold: Hold, reply: Reply): string | null {
  if (reply.type !== "array") return refusalOf(reply) ?? "the master does not answer to SLAVEOF";
  const [info, slaveof] = reply.items;
  return refusalOf(slaveof) ?? troubleOfChanges(hold, info);
}

function troubleOfChanges({ frozen }: Hold, info: Reply | undefined): string | null {
  if (info?.type !== "bulk") return "the master refuses INFO";
  const { changes } = parseInfo(info.text);
  if (changes !== null && changes === frozen?.changes) return null;
  return "the master has taken writes meanwhile, of scripts or transactions, or was just saved";
}

/** An answer of one command, `+QUEUED` within a transaction, or the results of all. */
function hearFailover(hold: Hold, reply: Reply): void {
  const replies = reply.type === "array" ? reply.items : [reply];
  for (const one of replies) {
    if (one.type === "error") hold.refusal ??= `the master refuses to hand over: ${one.text}`;
  }
}

/** The same data by its name, and all of it. A replication PING may have moved the offset on since. */
function hearTarget(hold: Hold, { reply, connection }: Answer): void {
  if (reply.type !== "bulk" || hold.frozen === null) return;
  const { role, history, replOffset } = parseInfo(reply.text);
  const isSame = role === "slave" && history?.id === hold.frozen.id;
  if (isSame && replOffset !== null && replOffset >= hold.frozen.offset) {
    hold.caughtUpOn = connection;
  }
}
