import assert from "node:assert/strict";
import { isPlanned } from "../../src/core/failover/coordinated/plan.ts";
import type { Master, Replica } from "../../src/core/state.ts";
import type { SimEvent } from "./sentinel-options.ts";
import type { SimSentinel } from "./sentinel-process.ts";

/** Of a host's clock. */
const MAX_DRIFT = 0.01;
/** Servers tell such times in whole seconds. */
const ROUNDING_MS = 1_000;

/**
 * The choice of a replica, held against rules in words and figures of their own, on the data that the
 * leader had at hand [I11]. False: it could not be judged.
 */
export function checkSelection(sentinel: SimSentinel, { payload, atMs }: SimEvent): boolean {
  const [, chosenName = "", , , , masterName = ""] = payload.split(" ");
  const master = sentinel.core.state.masters.get(masterName);
  const chosen = master?.replicas.get(chosenName);
  const failover = master?.failover;
  // What is said after a slow save was concluded before it.
  if (!master || !chosen || !failover || sentinel.disk.saveTakesMs > 0) return false;
  const { now } = sentinel;
  assert.ok(isReady(now, chosen), `${chosenName} is not eligible`);
  const isAsked = isPlanned(failover);
  assert.ok(isAsked || master.sdown, `${masterName} answers, and ${chosenName} is chosen`);
  assert.ok(isAsked || master.odown, `${masterName} is not down to others any more`);
  const others = [...master.replicas.values()].filter(
    (one) =>
      one !== chosen &&
      isReady(now, one) &&
      !failover.failed.has(one) &&
      isFollower(one) &&
      failover.target === null,
  );
  const isPromoted = wasPromoted(chosen) || becameSoTold(sentinel, chosen, atMs);
  for (const other of others) checkNotBetter(chosen, isPromoted, other);
  if (isStray(chosen) && !isPromoted) checkPatience(sentinel, chosen, atMs);
  return isFollower(chosen) || isStray(chosen) || others.length === 0;
}

/** A follower that told how it stands is not passed over for a worse one. */
function checkNotBetter(chosen: Replica, isPromoted: boolean, other: Replica): void {
  const isPassedOver = `${other.name} is better than ${chosen.name}`;
  const lostMs = (one: Replica) => (one.upstreamLinkUp ? 0 : one.masterLinkDownMs);
  const staleMs = lostMs(chosen) - lostMs(other);
  const isSameData = chosen.history?.id === other.history?.id;
  const holdsAsMuch = isSameData && chosen.replOffset >= other.replOffset;
  if (isFollower(chosen) && lostMs(other) >= 0 && !holdsAsMuch) {
    assert.ok(staleMs <= 10 * chosen.downAfterMs + 5_000, `${chosen.name} is stale`);
  }
  if (isStray(chosen)) {
    const parent = isPromoted ? chosen.history?.parent : null;
    const hasMore = parent && other.history?.id === parent.id && other.replOffset >= parent.endsAt;
    assert.ok(isPromoted && !hasMore, isPassedOver);
  } else if (isFollower(chosen) && isSameData) {
    const isTooOld = -staleMs > 10 * other.downAfterMs - ROUNDING_MS;
    if (isTooOld && other.replOffset < chosen.replOffset) return;
    assert.ok(comparePriorities(other, chosen) >= 0, isPassedOver);
  }
}

/** The rule [SELECT-FIT] once more, without the time that it was without its master. */
function isReady(now: number, replica: Replica): boolean {
  const { sdown, priority, infoAt, link, master } = replica;
  const isConnected = link.command?.up === true;
  const isFresh = infoAt !== null && now - infoAt <= (master.sdown ? 5_000 : 30_000);
  const answers = now - link.lastValidPongAt <= 5_000;
  return !sdown && priority > 0 && isConnected && isFresh && answers;
}

/** It follows the master that the Sentinels name, and holds data under the name known of it, all of it. */
function isFollower(replica: Replica): boolean {
  const { roleReported, upstreamHost, upstreamPort, master, history } = replica;
  const isChanging = replica.isLoading || replica.isSyncing;
  if (roleReported !== "slave" || isChanging || !history || holdsNothing(replica)) return false;
  return isAt(master, upstreamHost, upstreamPort) && history.id === master.lineage[0]?.id;
}

/**
 * It has not had its master since it started, and cannot be told from one that never had any data; or it tells
 * that it dropped what it had for a full sync that has not ended.
 */
function holdsNothing({ upstreamLinkUp, masterLinkDownMs, replOffset, history }: Replica): boolean {
  const hasDropped = history !== null && history.offset > 1n;
  return !upstreamLinkUp && replOffset <= 1n && (masterLinkDownMs < 0 || hasDropped);
}

function isAt({ address }: Master, host: string | null, port: number): boolean {
  return port === address.port && (host === address.host || host === address.ip);
}

/** It calls itself a master, and our master does not follow it. */
function isStray({ roleReported, master, address }: Replica): boolean {
  const { upstreamHost, upstreamPort, upstreamLinkUp } = master;
  const isFollowed =
    upstreamHost === address.host && upstreamPort === address.port && upstreamLinkUp;
  return roleReported === "master" && !(master.roleReported === "slave" && isFollowed);
}

/**
 * It became a master while the old one was down, and not by a restart. In an operator's failover the old one may be
 * well: then it is one that this failover told so, and that was lost before it was seen.
 */
function wasPromoted(replica: Replica): boolean {
  const { roleReported, roleReportedSince, runIdSince, master } = replica;
  const { failover, sdown, sdownSince } = master;
  const isTold = failover?.failed.has(replica) === true;
  const isFree = sdown || (failover !== null && !isPlanned(failover));
  const freeSince = (isFree && sdownSince) || Number.POSITIVE_INFINITY;
  const since = !sdown && isTold ? failover.selectingSince : freeSince;
  return roleReported === "master" && roleReportedSince >= since && runIdSince < roleReportedSince;
}

/**
 * An operator's failover told it before, lost it, and finds it a master now, not by a restart: its master is up, and
 * nobody else made it one.
 */
function becameSoTold({ events, now }: SimSentinel, replica: Replica, atMs: number): boolean {
  const { name, master, roleReported, roleReportedSince, runIdSince } = replica;
  if (!master.failover || !isPlanned(master.failover)) return false;
  // The last event is the choice at hand.
  const before = events.slice(
    events.findLastIndex((one) => one.name === "+try-failover"),
    -1,
  );
  const told = before.find(
    (one) => one.name === "+selected-slave" && one.payload.split(" ")[1] === name,
  );
  if (!told || roleReported !== "master" || runIdSince >= roleReportedSince) return false;
  return now - roleReportedSince <= (atMs - told.atMs) * (1 + MAX_DRIFT);
}

/** A stray is taken after 10 s of waiting for a better one, or half a failover timeout. */
function checkPatience({ events }: SimSentinel, chosen: Replica, atMs: number): void {
  const { name, master } = chosen;
  const begun = events.findLast(
    (one) => one.name === "+elected-leader" && one.payload.split(" ")[1] === master.name,
  );
  const waitedMs = (atMs - (begun?.atMs ?? 0)) * (1 + MAX_DRIFT);
  const neededMs = Math.min(10_000, master.settings.failoverTimeoutMs / 2);
  assert.ok(waitedMs >= neededMs, `${name}, a stray master, is chosen after ${waitedMs} ms`);
}

/** Negative if the first is the better one. */
function comparePriorities(a: Replica, b: Replica): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.replOffset !== b.replOffset) return Number(b.replOffset - a.replOffset);
  return (a.runId ?? "~").localeCompare(b.runId ?? "~");
}
