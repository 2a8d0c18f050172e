import type { Reply } from "../base/reply.ts";
import { shownHost } from "./address.ts";
import { type Context, log } from "./context.ts";
import { isOneServer } from "./doubt.ts";
import type { OrderExtras, RoleOrder } from "./order-state.ts";
import { sendInfo } from "./periodic.ts";
import { send } from "./send.ts";
import type { RedisInstance, Replica, RequestId } from "./state.ts";

/** What goes along with SLAVEOF. */
type Part = "abort" | "rewrite" | "kill" | "unpause";

const MEANING: Readonly<Record<Part, string>> = {
  abort: "FAILOVER ABORT failed",
  rewrite: "CONFIG REWRITE failed, so it will have its old role after a restart",
  kill: "CLIENT KILL failed, so its clients are not told to ask for the master again",
  unpause: "CLIENT UNPAUSE failed, so it holds writes back until the pause ends by itself",
};

/** Tells a replica to be a master. As the next: false if nothing was sent. */
export function orderPromotion(ctx: Context, replica: Replica): boolean {
  return order(ctx, replica, ["NO", "ONE"], extrasOf(replica, false), true);
}

/**
 * Also false for the master itself: no server is told to follow itself [I9]. `endsPause`: it holds writes back for us,
 * and is let go.
 */
export function replicateFrom(
  ctx: Context,
  server: RedisInstance,
  master: RedisInstance,
  endsPause = false,
): boolean {
  const { address } = master;
  const host = shownHost(ctx.state.settings, address);
  if (host === "" || isOneServer(server, master)) return false;
  return order(ctx, server, [host, `${address.port}`], extrasOf(server, endsPause), true);
}

function extrasOf({ isHandingOver }: RedisInstance, endsPause: boolean): OrderExtras {
  return { endsHandOver: isHandingOver, endsPause };
}

/**
 * The transaction that changes whom a server replicates (sentinelSendSlaveOf) [PROMOTE-ORDER]. The
 * kills make its
 * clients connect again and ask a Sentinel; they end every connection but the one they arrive on.
 * False if the command connection is not up, so that nothing was sent.
 */
function order(
  ctx: Context,
  server: RedisInstance,
  slaveof: readonly [string, string],
  extras: OrderExtras,
  isTransaction: boolean,
): boolean {
  if (!server.link.command?.up) return false;
  if (isTransaction) send(ctx, server, "multi", ["MULTI"]);
  if (extras.endsHandOver) send(ctx, server, "abort", ["FAILOVER", "ABORT"]);
  let request = send(ctx, server, "slaveof", ["SLAVEOF", ...slaveof]);
  send(ctx, server, "rewrite", ["CONFIG", "REWRITE"]);
  send(ctx, server, "kill", ["CLIENT", "KILL", "TYPE", "normal"]);
  send(ctx, server, "kill", ["CLIENT", "KILL", "TYPE", "pubsub"]);
  if (extras.endsPause) send(ctx, server, "unpause", ["CLIENT", "UNPAUSE"]);
  if (isTransaction) request = send(ctx, server, "exec", ["EXEC"]);
  if (request === null) return false;
  const fresh = { refusal: null, partRefused: null, outcome: null, lostAt: null };
  server.order = { slaveof, extras, isTransaction, request, ...fresh };
  return true;
}

export function isRefused({ order }: RedisInstance): boolean {
  return order?.outcome === "refused";
}

/** The answer to one command of an order: `+QUEUED` in a transaction, whose results EXEC brings. */
export function hearOrderReply(
  ctx: Context,
  server: RedisInstance,
  kind: "multi" | "slaveof" | Part,
  reply: Reply,
): void {
  const { order: given } = server;
  if (!given) return;
  if (kind === "multi") {
    if (reply.type === "error") given.isTransaction = false;
    return;
  }
  if (kind === "slaveof") return hearSlaveof(ctx, server, given, reply);
  if (reply.type !== "error") return;
  given.partRefused ??= reply.text;
  if (!given.isTransaction) warnOfPart(ctx, server, kind, reply.text);
}

function hearSlaveof(ctx: Context, server: RedisInstance, given: RoleOrder, reply: Reply): void {
  if (reply.type === "error") given.refusal ??= reply.text;
  if (!given.isTransaction) conclude(ctx, server, given);
}

/** The results of a transaction, in the order of its commands, or one error for all. */
export function hearExec(
  ctx: Context,
  server: RedisInstance,
  request: RequestId,
  reply: Reply,
): void {
  const { order: given } = server;
  if (given?.request !== request || given.outcome !== null) return;
  if (reply.type === "error") {
    // What only goes along was refused: then without it [D-PARTLY-REFUSED].
    const { refusal, partRefused, slaveof, extras } = given;
    const isPart = refusal === null && partRefused !== null;
    if (isPart && order(ctx, server, slaveof, extras, false)) return;
    given.refusal ??= reply.text;
  } else if (reply.type === "array") {
    const { endsHandOver, endsPause } = given.extras;
    const kinds: ("slaveof" | Part)[] = ["slaveof", "rewrite", "kill", "kill"];
    if (endsHandOver) kinds.unshift("abort");
    if (endsPause) kinds.push("unpause");
    for (const [at, item] of reply.items.entries()) {
      const kind = kinds[at];
      if (item.type !== "error" || !kind) continue;
      if (kind === "slaveof") given.refusal ??= item.text;
      else warnOfPart(ctx, server, kind, item.text);
    }
  }
  conclude(ctx, server, given);
}

/** The server was told whom to follow: INFO at once shows whether it does [D-INFO]. */
function conclude(ctx: Context, server: RedisInstance, given: RoleOrder): void {
  given.outcome = given.refusal === null ? "done" : "refused";
  if (given.refusal !== null) {
    const text = `${shown(server)} refused to change its role: ${given.refusal}`;
    log(ctx, "warning", `${text}. ${adviceOn(given.refusal)}`);
  }
  // A master that was demoted is a replica as soon as the failover ends, and is asked then.
  if (server.kind === "replica") sendInfo(ctx, server);
}

function adviceOn(refusal: string): string {
  if (refusal.startsWith("LOADING"))
    return "It loads its data; it is told again when it has done so.";
  if (refusal.startsWith("BUSY")) return "A script or function keeps it busy.";
  return "Check its ACL and rename-command against what a Sentinel needs.";
}

function warnOfPart(ctx: Context, server: RedisInstance, kind: Part, error: string): void {
  log(ctx, "warning", `${shown(server)}: ${MEANING[kind]}: ${error}`);
}

function shown({ address: { ip, host, port } }: RedisInstance): string {
  return `${ip ?? host}:${port}`;
}
