import type { Context } from "./context.ts";
import { isPending, send } from "./send.ts";
import type { Instance, Master, Millis, PeerSentinel } from "./state.ts";

// When C Sentinels are told of a new master. One that switches does not connect to it before a second is over since
// its last attempt at the dead one, counts its silence from the switch on, and counts what its peers said of the
// dead one for five seconds. Told at a bad moment, with a down-after of about a second or less, it takes the
// new master for down and fails over once more [D-TELL-C].

/** A C Sentinel tries a dead master when the connection ends, and then each second... */
const C_RECONNECT_MS = 1_000;
/** ...each time at its next tick. */
const C_TICK_MS = 100;
/** After so many attempts nobody knows any more when the next one comes. */
const MAX_ATTEMPTS = 3;
/** What INFO of ours says, and that of a C Sentinel never. */
export const OWN_EVENT_LOOP = "libuv";
const OWN_MARK = `multiplexing_api:${OWN_EVENT_LOOP}`;

/**
 * How long after a master's death C Sentinels are told of the next one: at once if they will connect to it within
 * down-after, or just as soon as they will.
 */
export function tellAfter(sinceDeathMs: Millis, downAfterMs: Millis): Millis {
  for (let tried = 0; tried < MAX_ATTEMPTS; tried++) {
    const latestAttempt = tried * C_RECONNECT_MS + (tried + 1) * C_TICK_MS;
    const from = latestAttempt + C_RECONNECT_MS + C_TICK_MS - downAfterMs;
    const to = (tried + 1) * C_RECONNECT_MS;
    if (from <= to && sinceDeathMs <= to) return Math.max(sinceDeathMs, from);
  }
  return sinceDeathMs;
}

/** No down-after of this or more makes a C Sentinel impatient. */
const PATIENT_DOWN_AFTER_MS = C_RECONNECT_MS + (MAX_ATTEMPTS + 1) * C_TICK_MS;

/** Notes when C Sentinels may hear that the master is another one now; before it is replaced. */
export function chooseMoment(ctx: Context, master: Master): void {
  const { droppedAt, command } = master.link;
  master.tellOthersAt = null;
  if (droppedAt === null || command?.up) return;
  const at = droppedAt + tellAfter(ctx.now - droppedAt, master.downAfterMs);
  if (at > ctx.now) master.tellOthersAt = at;
}

/** Until when a hello through this instance waits; null: it does not. */
export function heldBackUntil(ctx: Context, instance: Instance): Millis | null {
  const master = instance.kind === "master" ? instance : instance.master;
  if (master.tellOthersAt === null || ctx.now >= master.tellOthersAt) return null;
  const isHeard =
    instance.kind === "sentinel"
      ? isForeign(instance)
      : [...master.sentinels.values()].some(isForeign);
  return isHeard ? master.tellOthersAt : null;
}

/** It is a C Sentinel, or may be one. */
function isForeign({ link, sdown }: PeerSentinel): boolean {
  return !sdown && link.isOurs !== true;
}

/** Asks a Sentinel what it is, once per connection, and only where it matters. */
export function askMake(ctx: Context, peer: PeerSentinel): void {
  const { link, master } = peer;
  if (master.downAfterMs >= PATIENT_DOWN_AFTER_MS || link.isOurs !== null) return;
  if (isPending(peer, link.makeRequest)) return;
  link.makeRequest = send(ctx, peer, "make", ["INFO", "server"]);
}

export function hearMake({ link }: Instance, text: string): void {
  link.isOurs = text.includes(OWN_MARK);
}
