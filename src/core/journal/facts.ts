import type { CandidateRecord, Lacked, ServerPlace, VoteRecord } from "../../base/journal-entry.ts";
import { shownHost } from "../address.ts";
import type { Context } from "../context.ts";
import { silentSince } from "../link.ts";
import { chancesOf } from "../select-replica.ts";
import type { Address, Epoch, Failover, Master, Millis, Replica } from "../state.ts";

// What an entry says of a failover, as it is known at the moment of the question.

/** Of one entry; a master may have more replicas and Sentinels, and an entry must stay readable. */
const MOST_NAMED = 64;
/** Of a text that others made. */
const MOST_TEXT = 300;

export function placeOf({ state }: Context, address: Address): ServerPlace {
  return { host: shownHost(state.settings, address) || address.host, port: address.port };
}

export function clipped(text: string): string {
  return text.slice(0, MOST_TEXT);
}

/** Its last sign of life; a master that answers, and is down for another reason, was well until then. */
export function lostAt({ now }: Context, { sdown, sdownSince, link }: Master): Millis {
  const downSince = sdown ? (sdownSince ?? now) : now;
  return Math.min(link.lastValidPongAt, downSince);
}

/** Why this Sentinel takes it for down, in the operator's words. */
export function whyDown({ state: { settings } }: Context, master: Master): string {
  const { link, reborn, refusals, roleReported, downAfterMs, sdownSince } = master;
  if (reborn?.heldSince != null) return "it came back without data that a replica holds";
  if (refusals !== null && settings.guards.refusedAfterMs > 0) return "it refuses connections";
  const silence = silentSince(link);
  const isSilent = silence !== null && (sdownSince ?? 0) - silence >= downAfterMs;
  if (!isSilent && roleReported === "slave") return "it says that it is a replica";
  return link.trouble === null ? "no answer to PING" : `no answer to PING: ${link.trouble}`;
}

export function votesIn({ state: { myId } }: Context, master: Master, epoch: Epoch): VoteRecord[] {
  const votes: VoteRecord[] = [];
  const note = (sentinel: string, leader: string | null, leaderEpoch: Epoch) => {
    if (leader !== null && leaderEpoch === epoch) votes.push({ sentinel, leader });
  };
  note(myId, master.leader, master.leaderEpoch);
  for (const { runId, leader, leaderEpoch } of master.sentinels.values()) {
    if (votes.length < MOST_NAMED) note(runId, leader, leaderEpoch);
  }
  return votes;
}

/** The chosen one first. */
export function candidatesOf(
  ctx: Context,
  master: Master,
  { failed }: Failover,
  chosen: Replica | null,
): CandidateRecord[] {
  const { unfit } = chancesOf(ctx, master);
  const records: CandidateRecord[] = [];
  const note = (replica: Replica, verdict: CandidateRecord["verdict"], reason: string | null) =>
    records.push({ ...placeOf(ctx, replica.address), verdict, reason });
  if (chosen) note(chosen, "chosen", unfit.get(chosen) ?? null);
  for (const replica of master.replicas.values()) {
    if (replica === chosen) continue;
    if (records.length >= MOST_NAMED) break;
    const reason = unfit.get(replica) ?? (failed.has(replica) ? REFUSED : null);
    note(replica, reason === null ? "fit" : "unfit", reason);
  }
  return records;
}

const REFUSED = "it refused its promotion, or was lost in it";

/**
 * What a replica lacks of the last offset that was seen of its master. In a planned switch the master told it once
 * writes had stopped.
 */
export function lackedBy(
  { now }: Context,
  master: Master,
  { coordinated }: Failover,
  replica: Replica,
): Lacked | null {
  const frozen = coordinated?.hold?.frozen;
  if (frozen) return { bytes: 0, seenMs: 0 };
  const { infoAt, history } = master;
  if (infoAt === null || replica.infoAt === null || !history) return null;
  if (replica.history?.id !== history.id) return null;
  const bytes = master.replOffset - replica.replOffset;
  return { bytes: bytes > 0n ? Number(bytes) : 0, seenMs: now - infoAt };
}
