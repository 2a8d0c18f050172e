import { elapsedAt, LONG_AGO, NEVER } from "../../deadline.ts";
import {
  HAND_OVER_MARGIN_MS,
  LEAST_PAUSE_MS,
  OLD_MASTER_WAIT_MS,
  SERVER_FAILOVER_GRACE_MS,
} from "../../defaults.ts";
import type { Failover, Master, Millis } from "../../state.ts";
import type { Coordinated, Hold } from "./plan.ts";

// How long each step of a planned switch waits: while writes are held back, every millisecond counts.

/** send_slaveof_noone: what it may wait for, in the past or to come; nothing, if it is none. */
export function handOverWaits({ coordinated, stepSince }: Failover): readonly Millis[] {
  if (!coordinated) return [];
  const { hold } = coordinated;
  if (!hold) return [unreachedAt(coordinated, stepSince)];
  return [hold.askAt, catchUpEndsAt(coordinated, hold)];
}

/** The same for wait_promotion. */
export function promotionWaits(master: Master, failover: Failover): readonly Millis[] {
  const { coordinated } = failover;
  if (!coordinated) return [];
  if (coordinated.method === "failover") return [serversLateAt(master, failover, coordinated)];
  return [tooLateAt(coordinated)];
}

/** There was no connection to the master for as long as writes might be held back. */
export function unreachedAt({ limitMs }: Coordinated, stepSince: Millis): Millis {
  return elapsedAt(stepSince, limitMs);
}

/** The target must have all by then, so that the promotion is seen while writes are still held back. */
export function catchUpEndsAt({ limitMs }: Coordinated, { since }: Hold): Millis {
  return since + limitMs - Math.min(LEAST_PAUSE_MS, Math.floor(limitMs / 4));
}

/**
 * From then on the master may have taken writes that the target does not have, or may do so before it hears that it is
 * none any more [COORD-CERTAIN].
 */
export function tooLateAt({ hold }: Coordinated): Millis {
  if (!hold || hold.until === null) return LONG_AGO;
  if (hold.isDemoted) return NEVER;
  const marginMs = Math.max(HAND_OVER_MARGIN_MS, 2 * hold.roundTripMs);
  return hold.demotion === null ? hold.until - marginMs : hold.until;
}

/** The servers had their time for a failover between them. */
export function serversLateAt(
  { settings }: Master,
  { stepSince }: Failover,
  { limitMs }: Coordinated,
): Millis {
  const waitMs = Math.min(limitMs + SERVER_FAILOVER_GRACE_MS, settings.failoverTimeoutMs);
  return elapsedAt(stepSince, waitMs);
}

/** reconf_slaves: an old master that is not reached again is left to the usual repair. */
export function oldMasterGoneAt({ coordinated, stepSince }: Failover): Millis {
  return coordinated ? elapsedAt(stepSince, OLD_MASTER_WAIT_MS) : NEVER;
}
