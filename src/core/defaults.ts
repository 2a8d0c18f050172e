import { DEFAULT_SETTINGS } from "./master-settings.ts";
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
    defaultDownAfter: DEFAULT_SETTINGS.downAfterMs,
    defaultFailoverTimeout: DEFAULT_SETTINGS.failoverTimeoutMs,
    tiltTrigger: 2_000,
    tiltPeriod: 30_000,
    slaveReconfTimeout: 10_000,
    minLinkReconnectPeriod: 15_000,
    electionTimeout: 10_000,
    scriptMaxRuntime: 60_000,
    scriptRetryDelay: 30_000,
  };
}

/**
 * Longest INFO age on a replica whose master is down or failing over, or that lost its master
 * [INFO-PERIOD].
 */
export const FAST_INFO_PERIOD_MS = 1_000;
/** INFO interval to a replica of which the failover awaits news [D-INFO]. */
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
 * long each time, up to the ask-period [D-ASK-AGAIN].
 */
export const ASK_AGAIN_MS = 100;
/** The least time between two questions, also when it asks us itself. */
export const ASK_AT_ONCE_MS = 5;
/** Between the candidacies of Sentinels that reach ODOWN together [D-STAGGER]. */
export const CANDIDACY_STAGGER_MS = 50;
/** So long after a vote for another Sentinel we expect it to ask for the next, of many. */
export const INCIDENT_PATIENCE_MS = 200;
/** Nobody waits longer for those before him. */
export const MAX_CANDIDACY_DELAY_MS = 1_000;
/** A candidate that no hello has named bars our own attempt for this long: what an election takes. */
export const STRANGER_PATIENCE_MS = 1_000;
/**
 * Sentinels known by their hellos alone, of one master: more are not taken up while so many were never
 * reached. No real group is so large; each of them is a link, a line in the file, half a vote.
 */
export const MAX_UNREACHED_SENTINELS = 16;
/** So long one has to be reached before anybody hears of it. */
export const UNREACHED_AFTER_MS = 60_000;
/** A leader that says nothing for this long, and for down-after, may be replaced [D-DEAD-LEADER]. */
export const DEAD_LEADER_MS = 5_000;
/** How long the selection waits for fresh INFO of its candidates [D-INFO]. */
export const SELECTION_INFO_WAIT_MS = 200;
/** What was asked for so shortly before, while votes were under way, is fresh. */
export const EARLY_INFO_MS = 100;
/** So long it waits for one that answers PING and may be the best [D-SLOW-INFO]. */
export const SLOW_INFO_WAIT_MS = 1_000;
/** So long the selection waits for a master that it dialled once more. */
export const MASTER_DIAL_WAIT_MS = 100;
/** A replica that is fit after a time in which nobody was waits so long for the master and others. */
export const RETURN_WAIT_MS = 750;
/** Meanwhile a master that refuses connections is dialled so often. */
export const REDIAL_MS = 200;
/** Whoever refused the promotion, or was lost in it, is asked again after this if nobody else is left. */
export const ASK_FAILED_AGAIN_MS = 1_000;
/** An attempt that found nobody fit is repeated when somebody is, but not sooner than this. */
export const ATTEMPT_AGAIN_MS = 1_000;
/** An order may have been lost with its connection: so long it may show itself on a new one. */
export const LOST_ORDER_WAIT_MS = 300;
/** So long, or half a failover timeout, nobody is promoted who is a master of his own. */
export const STRAY_PATIENCE_MS = 10_000;
/** A connection that is not established by then is given up [D-RECONNECT]; C waits for ever. */
export const CONNECT_TIMEOUT_MS = 2_000;
/** An old master that is not back yet is dialled so often: from its return on it takes writes that are lost. */
export const RETURNING_DIAL_MS = 100;
/** Candidacies and retry delays are spread over this span so that Sentinels do not collide. */
export const MAX_DESYNC_MS = 1_000;
/**
 * So long a Sentinel that says it forces a failover waits for the votes of those who do not answer:
 * they keep others from leading in its epoch, but the operator needs nobody's leave.
 */
export const FORCED_VOTES_MS = 500;
/** So long at most it takes new epochs in place of those that others have, and asks about them. */
export const FORCED_EPOCHS_MS = 2_000;
/** So long two Sentinels name two masters in one config epoch before anything is made of it. */
export const DISAGREEMENT_PATIENCE_MS = 3_000;
/** Between those who may settle it, and the least time until somebody stands for that again. */
export const SETTLE_STAGGER_MS = 300;
export const SETTLE_RETRY_MS = 2_000;
/** After an epoch that nobody can win any more, the next one begins within this span. */
export const LOST_ELECTION_RETRY_MS = { least: 200, most: 1_000 } as const;
/**
 * So long we wait for voters that are down when the others are split. A leader elected with their help needs
 * less than half of it until the promoted replica's INFO, asked for each second, tells of him.
 */
export const SILENT_VOTERS_MS = 3_000;
/** So many lost epochs in a row are retried within that span. */
export const MAX_PROMPT_RETRIES = 5;
/** Those after them, as long as voters answer and give no vote: they may be able to any moment. */
export const LATE_RETRY_MS = { least: 8_000, most: 10_000 } as const;
/** Unanswered commands per owner of a link beyond which nothing periodic is sent. */
export const MAX_PENDING_COMMANDS = 100;
/** A configuration that could not be written is tried again after this. */
export const SAVE_RETRY_MS = 1_000;

/** Writes are held back for at least this in a planned switch, unless the operator says less. */
export const LEAST_PAUSE_MS = 500;
/** And usually not for longer. */
export const USUAL_PAUSE_MS = 5_000;
/** For so long, or two round trips, writes must still be held back when the old master is told to be one no more. */
export const HAND_OVER_MARGIN_MS = 100;
/** The target of a planned switch is asked so often whether it has all writes. */
export const ASK_TARGET_MS = 5;
/** So long a dry run waits for INFO. */
export const DRY_RUN_WAIT_MS = 200;
/** So long a server that hands its role over by FAILOVER has after its own time is up. */
export const SERVER_FAILOVER_GRACE_MS = 1_000;
/** So long a planned switch waits for the old master, should its connection be lost, to tell it of the new one. */
export const OLD_MASTER_WAIT_MS = 5_000;

export const HELLO_CHANNEL = "__sentinel__:hello";

export const SCRIPT_MAX_QUEUE = 256;
export const SCRIPT_MAX_RUNNING = 16;
export const SCRIPT_MAX_RETRY = 10;

/** The last epoch: a reply carries signed 64 bit, and a C Sentinel can ask for no vote beyond it. */
export const MAX_EPOCH = 2n ** 63n - 1n;
/** How far an epoch that others name may be ahead of ours: some elections a second for years. */
export const MAX_EPOCH_LEAP = 2n ** 32n;
/** No life reaches it; whoever is beyond was led there, and an operator may take the epochs back. */
export const EPOCH_NEAR_END = 2n ** 62n;
