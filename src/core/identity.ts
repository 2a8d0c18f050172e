import type { Reply } from "../base/reply.ts";
import { shownHost } from "./address.ts";
import type { Context } from "./context.ts";
import { send } from "./send.ts";
import type { PeerSentinel } from "./state.ts";
import { hearTwin } from "./twin.ts";

/** Asks who answers at the address that a Sentinel announced. */
export function askIdentity(ctx: Context, peer: PeerSentinel): void {
  send(ctx, peer, "identity", ["SENTINEL", "MYID"]);
}

/**
 * The question of elections, while nothing is wrong: a Sentinel that has no right to answer it should not
 * be found out when the master is down.
 */
export function tryQuestion(ctx: Context, peer: PeerSentinel): void {
  const { settings, savedEpoch } = ctx.state;
  const { address } = peer.master;
  const where = [shownHost(settings, address), `${address.port}`];
  send(ctx, peer, "ask", ["SENTINEL", "is-master-down-by-addr", ...where, `${savedEpoch}`, "*"]);
}

/** An error is of somebody who may not say it, or of a version that cannot. */
export function hearIdentity(ctx: Context, peer: PeerSentinel, reply: Reply): void {
  const answer = reply.type === "bulk" ? reply.text : null;
  const { runId } = peer;
  if (peer === ctx.state.twin?.probe) return hearTwin(ctx, answer);
  for (const record of ctx.state.peers.get(runId) ?? []) {
    if (answer === runId) record.identity = "confirmed";
    else record.identity = answer === null ? "refused" : "other";
  }
}

/** It answers at its address, and as far as it may say, as the Sentinel that it claims to be. */
export function isReached({ identity, link, sdown }: PeerSentinel): boolean {
  if (sdown || link.command?.up !== true) return false;
  return identity === "confirmed" || identity === "refused";
}
