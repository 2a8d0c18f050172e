import { DEFAULT_DOWN_AFTER_MS, DEFAULT_FAILOVER_TIMEOUT_MS } from "./config.ts";
import type { Millis } from "./state.ts";

/** The times that `SENTINEL DEBUG` shows and changes, all in milliseconds, in its order. */
export interface Periods {
  infoPeriod: Millis;
  pingPeriod: Millis;
  askPeriod: Millis;
  publishPeriod: Millis;
  /** For masters and instances created later, as the next one. */
  defaultDownAfter: Millis;
  defaultFailoverTimeout: Millis;
  tiltTrigger: Millis;
  tiltPeriod: Millis;
  slaveReconfTimeout: Millis;
  minLinkReconnectPeriod: Millis;
  electionTimeout: Millis;
  scriptMaxRuntime: Millis;
  scriptRetryDelay: Millis;
}

export function defaultPeriods(): Periods {
  return {
    infoPeriod: 10_000,
    pingPeriod: 1_000,
    askPeriod: 1_000,
    publishPeriod: 2_000,
    defaultDownAfter: DEFAULT_DOWN_AFTER_MS,
    defaultFailoverTimeout: DEFAULT_FAILOVER_TIMEOUT_MS,
    tiltTrigger: 2_000,
    tiltPeriod: 30_000,
    slaveReconfTimeout: 10_000,
    minLinkReconnectPeriod: 15_000,
    electionTimeout: 10_000,
    scriptMaxRuntime: 60_000,
    scriptRetryDelay: 30_000,
  };
}

/** Longest INFO age on a replica whose master is down or failing over, or that lost its master. */
export const FAST_INFO_PERIOD_MS = 1_000;
/** INFO interval to a replica of which the failover awaits news (algorithm.md 10.4, items 4 and 5). */
export const AWAITED_INFO_PERIOD_MS = 100;
/**
 * So many instances are looked at in one tick; for the rest the next one comes at once, after what has
 * arrived meanwhile. Thousands of connections opened in one go would look like a stall (TILT).
 */
export const MAX_DUE_PER_TICK = 64;
/** A PING is never sent more often, however small down-after is. */
export const MIN_PING_PERIOD_MS = 100;
/** A save that can wait, of newly found replicas, is made within this. */
export const LAZY_SAVE_MS = 100;
/**
 * A Sentinel that does not see the master down yet is asked again after this, then after twice as
 * long each time, up to the ask-period (item 2).
 */
export const ASK_AGAIN_MS = 100;
/** The least time between two questions, also when it asks us itself. */
export const ASK_AT_ONCE_MS = 5;
/** Between the candidacies of Sentinels that reach ODOWN together (item 8). */
export const CANDIDACY_STAGGER_MS = 50;
/** So long after a vote for another Sentinel we expect it to ask for the next, of many. */
export const INCIDENT_PATIENCE_MS = 200;
/** Nobody waits longer for those before him. */
export const MAX_CANDIDACY_DELAY_MS = 1_000;
/** A leader that says nothing for this long, and for down-after, may be replaced (item 10). */
export const DEAD_LEADER_MS = 5_000;
/** How long the selection waits for fresh INFO of its candidates (item 6). */
export const SELECTION_INFO_WAIT_MS = 200;
/** So long, or half a failover timeout, nobody is promoted who is a master of his own. */
export const STRAY_PATIENCE_MS = 10_000;
/** A connection that is not established by then is given up (item 18); C waits for ever. */
export const CONNECT_TIMEOUT_MS = 2_000;
/** Candidacies and retry delays are spread over this span so that Sentinels do not collide. */
export const MAX_DESYNC_MS = 1_000;
/** After an epoch that nobody can win any more, the next one begins within this span. */
export const LOST_ELECTION_RETRY_MS = { least: 200, most: 1_000 } as const;
/**
 * So long we wait for voters that are down when the others are split. A leader elected with their help needs
 * less than half of it until the promoted replica's INFO, asked for each second, tells of him.
 */
export const SILENT_VOTERS_MS = 3_000;
/** So many lost epochs in a row are retried promptly; then the usual delay applies. */
export const MAX_PROMPT_RETRIES = 5;
/** Unanswered commands per owner of a link beyond which nothing periodic is sent. */
export const MAX_PENDING_COMMANDS = 100;
/** A configuration that could not be written is tried again after this. */
export const SAVE_RETRY_MS = 1_000;

export const HELLO_CHANNEL = "__sentinel__:hello";
export const DEFAULT_SENTINEL_PORT = 26_379;

export const SCRIPT_MAX_QUEUE = 256;
export const SCRIPT_MAX_RUNNING = 16;
export const SCRIPT_MAX_RETRY = 10;

/**
 * An epoch beyond this is accepted from nobody. A reply carries signed 64 bit, and epochs must go on
 * rising after the greatest one that a forged hello could bring in.
 */
export const MAX_EPOCH = 2n ** 62n;
/** What the file may hold, and a reply say: our own epochs go on above the greatest one accepted. */
export const MAX_SAVED_EPOCH = 2n ** 63n - 1n;
