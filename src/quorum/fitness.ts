import { isSilent } from "../explain/silence.ts";
import { REPLICA_FOR_MS } from "../explain/situation.ts";
import type { ServerFacts } from "./server-facts.ts";
import type { MasterSight, ReplicaSight, ServerSight } from "./sight.ts";

/** Redis' own periods: nobody sets others but in tests [SELECT-FIT]. */
const PING_PERIOD_MS = 1_000;
const INFO_PERIOD_MS = 10_000;

/**
 * Why a Sentinel would not promote this replica now, in the operator's words; null: it would. By what it tells of it,
 * with the rules that C and we have in common [SELECT-FIT], and whether it holds its master's data [D-HEIRS].
 */
export function unfitReason(
  replica: ReplicaSight,
  master: MasterSight,
  facts: ServerFacts | null,
  masterFacts: ServerFacts | null,
): string | null {
  const isMasterDown = master.downMs !== null;
  const infoLimitMs = isMasterDown ? 5 * PING_PERIOD_MS : 3 * INFO_PERIOD_MS;
  if (answersWithErrors(replica)) return "it is down: it answers PING with errors";
  if (replica.downMs !== null) return "it is down";
  if (replica.flags.includes("disconnected")) return "it is disconnected";
  if (replica.answeredMs > 5 * PING_PERIOD_MS) return "it does not answer PING";
  if (replica.priority === 0) return "its priority is 0";
  if (replica.infoMs === null || replica.infoMs > infoLimitMs) return "its INFO is too old";
  if (replica.linkDownMs > (master.downMs ?? 0) + 10 * master.downAfterMs) {
    return "it was without its master for too long";
  }
  return facts === null ? null : dataReason(facts, masterFacts);
}

/**
 * It is down for a Sentinel that it answers with errors: NOAUTH, as the password is wrong, or BUSY, as a script runs.
 * C counts PONG, LOADING and MASTERDOWN as answers, and says no more of the others.
 */
export function answersWithErrors({ downMs, answeredMs, repliedMs }: ServerSight): boolean {
  const isAnswering = repliedMs <= 5 * PING_PERIOD_MS;
  return downMs !== null && isAnswering && answeredMs > repliedMs + 2 * PING_PERIOD_MS;
}

/** For how long nobody has had an answer of a master that is not down yet; null: it answers. */
export function silentFor(all: readonly MasterSight[]): number | null {
  const [first] = all;
  if (first === undefined || all.some(({ downMs }) => downMs !== null)) return null;
  const least = all.reduce((min, { answeredMs }) => Math.min(min, answeredMs), first.answeredMs);
  return isSilent(least, first.downAfterMs) ? least : null;
}

/** The master itself, and not because it is just being switched. */
export function saysItIsReplica({ role, roleMs, failoverState }: MasterSight): boolean {
  return role === "slave" && roleMs > REPLICA_FOR_MS && failoverState === null;
}

/** About what it holds. */
function dataReason({ report }: ServerFacts, master: ServerFacts | null): string | null {
  if (report.role === "master") return "it is a master itself";
  if (report.isLoading) return "it is loading its data";
  if (report.isSyncing) return "it is in a full sync";
  if (report.masterLinkDownMs < 0) return "it never had the data";
  if (isForeign(report.history, master?.report.history ?? null) && report.masterLinkUp !== true) {
    return "it holds data of another history than its master";
  }
  return null;
}

type History = ServerFacts["report"]["history"];

/** Neither continues the other. */
export function isForeign(own: History, master: History): boolean {
  if (own === null || master === null || own.id === master.id) return false;
  return own.parent?.id !== master.id && master.parent?.id !== own.id;
}

/**
 * It is up and has no link to its master, which is up, too: what is written there does not reach it. Without an INFO
 * a Sentinel says so as well, and while one is promoted the others change their master.
 */
export function hasLostMaster(replica: ReplicaSight, master: MasterSight): boolean {
  if (master.downMs !== null || master.failoverState !== null) return false;
  return replica.downMs === null && replica.infoMs !== null && replica.linkStatus === "err";
}

/** Whom a Sentinel takes first [SELECT-ORDER]. */
export function byPreference(a: ReplicaSight, b: ReplicaSight): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.offset !== b.offset) return a.offset > b.offset ? -1 : 1;
  return a.runId.toLowerCase() < b.runId.toLowerCase() ? -1 : 1;
}
