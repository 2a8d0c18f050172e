import { namesAddress } from "./address.ts";
import type { Context } from "./context.ts";
import { NEVER } from "./deadline.ts";
import { sendInfo } from "./periodic.ts";
import type { Master, Millis, Replica } from "./state.ts";

/** What the runtime says of a port that nobody listens at (ECONNREFUSED). */
const REFUSED = /connection refused/i;

/** Attempts to connect that were refused, without any other outcome between them. */
export interface Refusals {
  readonly firstAt: Millis;
  readonly lastAt: Millis;
}

/** An attempt to connect to the master failed. Only a host that is there refuses; silence tells nothing [D-REFUSED]. */
export function noteRefusedDial(ctx: Context, master: Master, reason: string): void {
  if (ctx.state.settings.guards.refusedAfterMs === 0) return;
  if (!REFUSED.test(reason)) {
    master.refusals = null;
    return;
  }
  const isFirst = master.refusals === null;
  master.refusals = { firstAt: master.refusals?.firstAt ?? ctx.now, lastAt: ctx.now };
  if (isFirst) for (const replica of master.replicas.values()) sendInfo(ctx, replica);
}

/** A connection was established: it is there. */
export function forgetRefusals(master: Master): void {
  master.refusals = null;
}

/**
 * When a master that refuses connections counts as down before down-after: refused for long enough, twice at least,
 * and every replica that we reach says, since then, that it lost it. A restart that is over sooner does not count.
 */
export function refusedTooLongAt(ctx: Context, master: Master): Millis {
  const { refusals, replicas } = master;
  const { refusedAfterMs } = ctx.state.settings.guards;
  if (refusals === null || refusedAfterMs === 0 || master.link.command?.up) return NEVER;
  if (refusals.lastAt - refusals.firstAt < refusedAfterMs) return NEVER;
  // What its replicas say while one of them takes over is no news of it.
  if (master.sdown) return refusals.lastAt;
  const reached = [...replicas.values()].filter(({ link, sdown }) => link.command?.up && !sdown);
  const isLost = (replica: Replica) => hasLostIt(ctx, replica, refusals.firstAt);
  return reached.length > 0 && reached.every(isLost) ? refusals.lastAt : NEVER;
}

function hasLostIt(ctx: Context, replica: Replica, since: Millis): boolean {
  const { infoAt, roleReported, upstreamHost, upstreamPort, upstreamLinkUp, master } = replica;
  if (infoAt === null || infoAt < since || roleReported !== "slave") return false;
  const isOurs =
    upstreamHost !== null && namesAddress(ctx, master.address, upstreamHost, upstreamPort);
  return isOurs && !upstreamLinkUp;
}
