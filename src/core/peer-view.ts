import type { Reply } from "../base/reply.ts";
import { namesAddress } from "./address.ts";
import type { Context } from "./context.ts";
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
export function hearView(ctx: Context, { master }: PeerSentinel, reply: Reply): void {
  const fields = readFields(reply);
  const host = fields.get("ip") ?? "";
  const isSame = namesAddress(ctx, master.address, host, Number(fields.get("port")));
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
