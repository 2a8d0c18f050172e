import type { Reply } from "../base/reply.ts";
import { namesAddress } from "./address.ts";
import { type Context, elapsed } from "./context.ts";
import { send } from "./send.ts";
import type { Master, PeerSentinel } from "./state.ts";

/**
 * Asks the other Sentinels when they last knew the master alive, if we never did in this life: a replica
 * that lost it long before must not be taken for a fresh one. Who does not answer tells nothing.
 */
export function askForView(ctx: Context, master: Master): void {
  if (master.lastAliveAt !== null) return;
  for (const peer of master.sentinels.values()) {
    send(ctx, peer, "view", ["SENTINEL", "MASTER", master.name]);
  }
}

/** So long what a Sentinel said of a planned switch of its own counts: until it has asked for our vote again. */
const PLAN_HEARD_MS = 2_000;

/**
 * Whether the Sentinel that asks for a vote is about a planned switch, which an operator wants, and that is no
 * automatic failover [D-PAUSE]. Its question does not tell: it is asked for the flag `coordinated_failover`, and
 * its next question finds the answer.
 */
export function plansSwitch(ctx: Context, peer: PeerSentinel): boolean {
  if (!elapsed(ctx, peer.plannedAt, PLAN_HEARD_MS)) return true;
  send(ctx, peer, "view", ["SENTINEL", "MASTER", peer.master.name]);
  return false;
}

/** An answer is still to come. */
export function awaitsView(master: Master): boolean {
  for (const peer of master.sentinels.values()) {
    for (const { kind, owner } of peer.link.pending.values()) {
      if (kind === "view" && owner === peer) return true;
    }
  }
  return false;
}

/** The fields of SENTINEL MASTER. A peer that never heard INFO of it counts from its own start. */
export function hearView(ctx: Context, peer: PeerSentinel, reply: Reply): void {
  const { master } = peer;
  const fields = readFields(reply);
  const host = fields.get("ip") ?? "";
  const isSame = namesAddress(ctx, master.address, host, Number(fields.get("port")));
  const flags = (fields.get("flags") ?? "").split(",");
  if (isSame && flags.includes("coordinated_failover")) peer.plannedAt = ctx.now;
  const isHeard = fields.get("runid") !== "" && fields.get("role-reported") === "master";
  const silentMs = fields.get("last-ok-ping-reply") ?? "";
  if (!isSame || !isHeard || !/^\d{1,15}$/.test(silentMs)) return;
  const aliveAt = ctx.now - Number(silentMs);
  if (master.lastAliveAt === null || aliveAt > master.lastAliveAt) master.lastAliveAt = aliveAt;
}

/** Name and value in turns, as RESP2 has a map. */
function readFields(reply: Reply): Map<string, string> {
  const fields = new Map<string, string>();
  if (reply.type !== "array") return fields;
  for (let at = 0; at + 1 < reply.items.length; at += 2) {
    const [name, value] = [reply.items[at], reply.items[at + 1]];
    if (name?.type === "bulk" && value?.type === "bulk") fields.set(name.text, value.text);
  }
  return fields;
}
