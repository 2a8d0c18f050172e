import type { Reply } from "../../../base/reply.ts";
import { namesAddress } from "../../address.ts";
import { type Context, log } from "../../context.ts";
import { type Fence, keep } from "../../extra.ts";
import { isForeign } from "../../lineage-guard.ts";
import { masterOfAnotherName } from "../../other-names.ts";
import { isPending, send } from "../../send.ts";
import type { Master, RedisInstance } from "../../state.ts";
import { ASK_FENCE, fencedValue, fenceWords, isUnderWay, toWriteOf } from "./fence.ts";

/** A server that refuses is asked again after this. */
const AGAIN_MS = 1_000;

/**
 * Each server that was made to refuse writes gets its old value back as soon as nothing needs it any more: at every
 * end of the switch, after a restart of ours, or when it answers again [COORD-FENCE].
 */
export function restoreFences(ctx: Context, master: Master): void {
  if (master.fences.length === 0) return;
  for (const fence of master.fences) {
    if (ctx.now < fence.dueAt || isInUse(ctx, master, fence)) continue;
    const server = serverAt(ctx, master, fence);
    if (!server || isUntold(ctx, server) || isPending(server, fence.question ?? null)) continue;
    const question = send(ctx, server, "unfence", ASK_FENCE);
    if (question === null) continue;
    replace(master, fence, { ...fence, question, dueAt: ctx.now + AGAIN_MS });
  }
}

/** The name is watched no more: now, or by an operator. */
export function liftFences(ctx: Context, master: Master): void {
  for (const fence of master.fences) {
    const server = serverAt(ctx, master, fence);
    const request = server && send(ctx, server, "ignored", fenceWords(fence.value, false));
    if (request == null || isUnderWay(ctx, server ?? master, fence)) tellLeft(ctx, fence);
  }
}

/** Records were dropped: who is known no more is given nothing back, unless it is found again. */
export function tellLostFences(ctx: Context, master: Master): void {
  for (const fence of master.fences) if (!serverAt(ctx, master, fence)) tellLeft(ctx, fence);
}

function tellLeft(ctx: Context, { address: { host, port }, value }: Fence): void {
  const text = `${host}:${port} may be left refusing writes, as a planned switch told it`;
  log(ctx, "warning", `${text}: set its min-slaves-to-write to ${value}`);
}

/** The present switch wants it so. Once the old master is told, it is no master any more. */
function isInUse(ctx: Context, master: Master, fence: Fence): boolean {
  const { failover } = master;
  if (failover?.coordinated?.method !== "fence" || failover.isOldMasterTold) return false;
  const { host, port } = fence.address;
  return namesAddress(ctx, master.address, host, port);
}

/** Replaced, and perhaps a master still: it would take writes that are lost when it is told, if it ever is. */
function isUntold(ctx: Context, server: RedisInstance): boolean {
  if (server.kind !== "replica") return false;
  if (masterOfAnotherName(ctx, server) !== null || isForeign(ctx, server)) return false;
  return server.infoAt === null || server.roleReported === "master";
}

function serverAt(
  ctx: Context,
  master: Master,
  { address: { host, port } }: Fence,
): RedisInstance | undefined {
  const servers = [master, ...master.replicas.values()];
  return servers.find(({ address }) => namesAddress(ctx, address, host, port));
}

/**
 * The answer to what it was asked or told. As long as it refuses writes it is told to take them, and asked once more a
 * second later; what it says then may be another's will, and is left. So it goes on while the order to refuse them may
 * come late, on a connection that stands still.
 */
export function hearFenced(
  ctx: Context,
  master: Master,
  server: RedisInstance,
  reply: Reply,
): void {
  const { host, port } = server.address;
  const isHere = ({ address }: Fence) =>
    namesAddress(ctx, server.address, address.host, address.port);
  const fence = master.fences.find(isHere);
  // A status is the answer to an order.
  if (!fence || reply.type === "status") return;
  const present = reply.type === "error" ? null : fencedValue(toWriteOf(reply));
  if (present === null) {
    const why = reply.type === "error" ? reply.text : "it does not tell it";
    if (fence.isTold) return;
    const text = `${host}:${port} does not get its min-slaves-to-write ${fence.value} back: ${why}`;
    log(ctx, "warning", text);
    replace(master, fence, { ...fence, isTold: true });
  } else if (present.isOn) {
    send(ctx, server, "unfence", fenceWords(fence.value, false));
    send(ctx, server, "ignored", ["CONFIG", "REWRITE"]);
  } else if (!isUnderWay(ctx, server, fence)) {
    log(ctx, "notice", `${host}:${port} has its min-slaves-to-write back: ${present.old}`);
    master.fences = master.fences.filter((one) => one !== fence);
    keep(ctx);
  }
}

function replace(master: Master, old: Fence, fresh: Fence): void {
  master.fences = master.fences.map((one) => (one === old ? fresh : one));
}
