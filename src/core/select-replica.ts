import { type Context, elapsed } from "./context.ts";
import { isPlanned } from "./failover/coordinated/plan.ts";
import { type Claim, claimOf, isFollowedByOurs, lastKnownAliveAt, linkLostAt } from "./heirs.ts";
import { generationOf } from "./history.ts";
import { isForeign } from "./lineage-guard.ts";
import { leftTo } from "./other-names.ts";
import { pauseOfReplica } from "./pause.ts";
import type { Master, Millis, Replica } from "./state.ts";

/** A server that could be promoted now, and what it may claim. */
export interface Candidate {
  readonly replica: Replica;
  readonly claim: Claim;
}

/** The replica to promote, or null if none is fit (sentinelSelectSlave); those in `without` are not. */
export function selectReplica(
  ctx: Context,
  master: Master,
  without: (replica: Replica) => boolean = () => false,
): Replica | null {
  return choose(ctx, readyOnes(presentOnes(ctx, master, without)));
}

function choose(ctx: Context, candidates: readonly Candidate[]): Replica | null {
  const promoted = candidates.find(({ replica }) => isPromotedAlready(ctx, replica));
  return (promoted ?? candidates.find(({ claim }) => claim.kind === "heir"))?.replica ?? null;
}

/** Somebody who is ready but no heir, for when nobody else is to be had. */
export function selectStray(
  ctx: Context,
  master: Master,
  mayBeEmpty: boolean,
  without: (replica: Replica) => boolean = () => false,
): Replica | null {
  const isMeant = ({ kind }: Claim) => kind === "stray" || (mayBeEmpty && kind === "empty");
  const ready = readyOnes(presentOnes(ctx, master, without));
  return ready.find(({ claim }) => isMeant(claim))?.replica ?? null;
}

interface Present {
  /** Those that could take over now, the best one first. */
  readonly fresh: Candidate[];
  /** Those that were without the master for too long. */
  readonly tooOld: Candidate[];
  /** Why others are not even to be considered. */
  readonly absent: Map<Replica, string>;
}

/** The best one first. */
function readyOnes({ fresh, tooOld }: Present): Candidate[] {
  const asGood = tooOld.filter((one) => holdsAsMuch(one, fresh));
  return asGood.length === 0 ? fresh : [...fresh, ...asGood].sort(compareCandidates);
}

function presentOnes(
  ctx: Context,
  master: Master,
  without: (replica: Replica) => boolean = () => false,
): Present {
  const aliveAt = lastKnownAliveAt(ctx, master);
  const fresh: Candidate[] = [];
  const tooOld: Candidate[] = [];
  const absent = new Map<Replica, string>();
  for (const replica of master.replicas.values()) {
    if (without(replica)) continue;
    const reason = whyAbsent(ctx, replica);
    if (reason !== null) {
      absent.set(replica, reason);
      continue;
    }
    const candidate = { replica, claim: claimOf(ctx, replica) };
    (isStale(replica, aliveAt) ? tooOld : fresh).push(candidate);
  }
  return { fresh: fresh.sort(compareCandidates), tooOld, absent };
}

/**
 * At least as much, under the same name, as the one that would be chosen without it: the time without the
 * master says nothing then [D-AGE].
 */
function holdsAsMuch({ claim, replica }: Candidate, fresh: readonly Candidate[]): boolean {
  const best = fresh.find((one) => one.claim.kind === "heir");
  if (!best || claim.kind !== "heir") return false;
  const isSameData = replica.history !== null && replica.history.id === best.replica.history?.id;
  return isSameData && replica.replOffset >= best.replica.replOffset;
}

/**
 * Somebody made it a master since ours went down: a leader that could not finish, or the operator. It
 * may have taken writes, so it is the one to keep [D-PROMOTED], also if the old
 * master is back while a failover goes on. Not so a server that calls itself a master because it was
 * restarted: it may be empty. Nor one that was detached before, and lacks what others hold.
 */
export function isPromotedAlready(ctx: Context, replica: Replica): boolean {
  const { master, roleReported, roleReportedSince, runIdSince } = replica;
  const { failover } = master;
  // In an operator's failover its master may be well, and only who was told so became one.
  const isTold = failover !== null && (!isPlanned(failover) || failover.failed.has(replica));
  const isDownCase = master.sdown || isTold;
  const isSinceDown = isDownCase && roleReportedSince >= (master.sdownSince ?? 0);
  const isPromoted = roleReported === "master" && isSinceDown && runIdSince < roleReportedSince;
  return isPromoted && !isLeftBehind(ctx, replica);
}

/** Another replica holds more of what this one held when it became a master. */
function isLeftBehind(ctx: Context, { history, master }: Replica): boolean {
  const parent = history?.parent;
  if (!parent) return false;
  const { id, endsAt } = parent;
  const leftAt = generationOf(master.lineage, { id, offset: endsAt - 1n, parent: null });
  return [...master.replicas.values()].some((other) => {
    const claim = claimOf(ctx, other);
    if (claim.kind !== "heir" || !other.history || other.sdown) return false;
    if (other.history.id === id) return other.replOffset >= endsAt;
    return leftAt !== null && claim.generation < leftAt;
  });
}

/** What becomes of the replicas if a failover has to choose at this moment. */
interface Chances {
  readonly chosen: Replica | null;
  /** Those that may not become the master at once, and why, in the operator's words. */
  readonly unfit: ReadonlyMap<Replica, string>;
}

export function chancesOf(ctx: Context, master: Master): Chances {
  const present = presentOnes(ctx, master);
  const unfit = present.absent;
  for (const { replica, claim } of present.fresh) {
    if (claim.kind === "heir" || isPromotedAlready(ctx, replica)) continue;
    unfit.set(replica, claim.reason);
  }
  for (const one of present.tooOld) {
    if (holdsAsMuch(one, present.fresh)) continue;
    unfit.set(one.replica, "it was without its master for too long");
  }
  return { chosen: choose(ctx, readyOnes(present)), unfit };
}

export function unfitOnes(ctx: Context, master: Master): ReadonlyMap<Replica, string> {
  return chancesOf(ctx, master).unfit;
}

/** Why it is not even to be considered, whatever it holds [SELECT-FIT]. */
function whyAbsent(ctx: Context, replica: Replica): string | null {
  const { master, link } = replica;
  const { pingPeriod, infoPeriod } = ctx.state.periods;
  const infoLimit = master.sdown ? 5 * pingPeriod : 3 * infoPeriod;
  if (replica.sdown) return "it is down";
  if (!link.command?.up) return "it is disconnected";
  if (elapsed(ctx, link.lastValidPongAt, 5 * pingPeriod)) return "it does not answer PING";
  if (replica.priority === 0) return "its priority is 0";
  if (isForeign(ctx, replica)) return "it belongs to another group by now";
  const pause = pauseOfReplica(ctx, replica);
  if (pause && !isPromotedAlready(ctx, replica))
    return `it is paused: ${pause.reason || "no reason given"}`;
  const other = leftTo(ctx, replica);
  if (other && !isPromotedAlready(ctx, replica) && !isFollowedByOurs(ctx, replica))
    return `it is the master of ${other.name}`;
  if (elapsed(ctx, replica.infoAt, infoLimit)) return "its INFO is too old";
  return null;
}

/**
 * It lost the master clearly before that was last known alive. Upstream counts from SDOWN, as its own
 * Sentinel saw it: one that starts when the master is long dead never finds a fit replica. What counts is the
 * earlier of the two: a replica in a cut still calls its link to a dead master up [D-AGE].
 */
function isStale(replica: Replica, aliveAt: Millis | null): boolean {
  const lostAt = linkLostAt(replica);
  if (lostAt === null || aliveAt === null) return false;
  const { sdown, sdownSince } = replica.master;
  const countedFrom = sdown ? Math.min(aliveAt, sdownSince ?? aliveAt) : aliveAt;
  return countedFrom - lostAt > 10 * replica.downAfterMs;
}

/**
 * The better one first: who lacks least by its claim, then upstream's order: smaller priority, more
 * data, smaller run id (missing last) [SELECT-ORDER]. More data is a newer name of it, or more under
 * the same name.
 */
export function compareCandidates(a: Candidate, b: Candidate): number {
  if (a.claim.rank !== b.claim.rank) return a.claim.rank - b.claim.rank;
  const [one, two] = [a.replica, b.replica];
  if (one.priority !== two.priority) return one.priority - two.priority;
  const older = a.claim.generation - b.claim.generation;
  if (older !== 0) return older;
  if (one.replOffset !== two.replOffset) return one.replOffset > two.replOffset ? -1 : 1;
  return compareRunIds(one.runId, two.runId);
}

function compareRunIds(a: string | null, b: string | null): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
