import type { Context } from "../../context.ts";
import { LEAST_PAUSE_MS, USUAL_PAUSE_MS } from "../../defaults.ts";
import type { ConnectionId, Failover, Master, Millis, RequestId } from "../../state.ts";
import type { Fencing } from "./fence.ts";

/**
 * How the writes of the old master come to the new one before the switch [COORD-METHODS].
 *
 * - `offset`: the master holds writes back, we wait until the target has all, and promote it.
 * - `failover`: the two servers do it between them, by the master's own FAILOVER, as with Valkey.
 * - `fence`: as `offset`, for servers that know no pause of writes alone: the master refuses writes meanwhile.
 */
export type Method = "offset" | "failover" | "fence";

/** A planned switch that loses no write (SENTINEL FAILOVER ... COORDINATED). */
export interface Coordinated {
  readonly method: Method;
  /** So long at most writes are held back until the promotion is seen. */
  readonly limitMs: Millis;
  /** No operator asked for it (at-shutdown.ts): Sentinels that one has paused do not vote for it. */
  readonly isAutomatic: boolean;
  /** Null: the master was not told yet. */
  hold: Hold | null;
  /** By `fence`: how far it is with what comes before. */
  fencing: Fencing | null;
}

/** Nothing of it was begun. */
export function newPlan(method: Method, limitMs: Millis, isAutomatic: boolean): Coordinated {
  return { method, limitMs, isAutomatic, hold: null, fencing: null };
}

/** The master was told to hold writes back. */
export interface Hold {
  /** On which it was told. If that is lost the server may have restarted, and holds nothing back. */
  readonly connection: ConnectionId;
  readonly since: Millis;
  /** Until then it certainly does, by our clock; null: it has not said so. */
  until: Millis | null;
  /** How much it had when writes stopped; null: it has not said. */
  frozen: Frozen | null;
  /** Why it does not. */
  refusal: string | null;
  /** When the target is asked next how much it has, and the question not answered yet. */
  askAt: Millis;
  question: RequestId | null;
  /** The target said on this connection that it has all. */
  caughtUpOn: ConnectionId | null;
  /** Writes are to be held back for longer, for the promotion is under way. */
  extension: { readonly request: RequestId; readonly at: Millis; readonly ms: Millis } | null;
  /** The last look before its demotion whether it took writes all the same, and whether it had not. */
  recheck: RequestId | null;
  isRechecked: boolean;
  /** How long the first answer took. */
  roundTripMs: Millis;
  /** The last order to follow the promoted one, before anything is saved, and whether it was obeyed. */
  demotion: RequestId | null;
  isDemoted: boolean;
  /** By `failover`: the promoted one was told to write its file and to end its clients' connections. */
  isPromotedTold: boolean;
}

/** `master_replid` and `master_repl_offset`. */
interface Frozen {
  readonly id: string;
  readonly offset: bigint;
  /** `rdb_changes_since_last_save`, by which writes show that it takes all the same; null: not asked for. */
  readonly changes: number | null;
}

/** An operator asked for it: the master is up, and nobody has to see it down. */
export function isPlanned({ forced, coordinated }: Failover): boolean {
  return forced || coordinated !== null;
}

/** It holds writes back for us: it would hold a PUBLISH back, too, and all that comes behind it [D-ASIDE]. */
export function holdsWrites({ failover }: Master): boolean {
  const plan = failover?.coordinated;
  return plan?.hold != null && plan.method !== "fence" && !failover?.isOldMasterTold;
}

/**
 * How long writes are held back if the operator does not say: the PING of a C Sentinel waits behind its hello
 * meanwhile, and must be answered before down-after.
 */
export function usualLimitMs({ settings, downAfterMs }: Master): Millis {
  const most = Math.min(settings.failoverTimeoutMs, Math.floor(downAfterMs / 2), USUAL_PAUSE_MS);
  return Math.max(LEAST_PAUSE_MS, most);
}

/** What is left of `ms` once a clock that runs a fiftieth slower than ours, or faster, is allowed for. */
function certainMs(ms: Millis): Millis {
  return ms - Math.ceil(ms / 50);
}

/** The order to hold writes back leaves now on this connection. */
export function newHold({ now }: Context, connection: ConnectionId): Hold {
  return {
    connection,
    since: now,
    ...{ until: null, frozen: null, refusal: null },
    askAt: now,
    ...{ question: null, caughtUpOn: null, extension: null, roundTripMs: 0 },
    ...{ recheck: null, isRechecked: false },
    ...{ demotion: null, isDemoted: false, isPromotedTold: false },
  };
}

/** The answer to CLIENT PAUSE: from when it was sent on, as much as is certain. */
export function noteHeld(hold: Hold, sentAt: Millis, ms: Millis): void {
  hold.until = Math.max(hold.until ?? sentAt, sentAt + certainMs(ms));
}
