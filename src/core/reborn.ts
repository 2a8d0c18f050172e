import { type Context, elapsed, log } from "./context.ts";
import { NEVER } from "./deadline.ts";
import { event } from "./event.ts";
import { generationOf, type History } from "./history.ts";
import { isPaused } from "./pause.ts";
import { sendInfo } from "./periodic.ts";
import { selectReplica } from "./select-replica.ts";
import type { Master, Millis, RedisInstance, Replica } from "./state.ts";

/** So long after its restart, or the end of its loading, a master is judged: then its replicas follow it again. */
const JUDGED_MS = 5_000;
/** So long it is held for down if nobody else agrees. */
const HELD_MS = 10_000;
/** The replication stream of a master without clients: `PING`, each ten seconds. */
const PING_BYTES = 14n;

/** A master with a new run id, which may lack what it held, until that is known. */
export interface Reborn {
  /** Since when it can be judged: its first INFO, or the first after it had loaded its data. */
  since: Millis;
  /** Keys it held before; null: not known. */
  readonly keysBefore: number | null;
  /** When it was found to lack data that a replica holds, and is held for down therefore. */
  heldSince: Millis | null;
}

/** It says another run id than before: what it held before is compared with what it holds now [D-REBORN]. */
export function noteRebirth(ctx: Context, master: Master): void {
  if (ctx.state.settings.guards.reborn === "off") return;
  master.reborn = { since: ctx.now, keysBefore: master.keys, heldSince: null };
}

/** What its replicas hold now, not some seconds ago, is held against it. */
export function askWitnesses(ctx: Context, master: Master): void {
  const { reborn } = master;
  if (!reborn || reborn.heldSince !== null) return;
  if (master.isLoading) reborn.since = ctx.now;
  else for (const replica of master.replicas.values()) sendInfo(ctx, replica);
}

/** Since when it is held for down for what it lacks, though it answers. */
export function heldDownAt({ reborn }: Master): Millis {
  return reborn?.heldSince ?? NEVER;
}

/**
 * A master that came back empty, or with less than a replica of it holds, makes its replicas drop what they hold as
 * soon as they are in sync with it again. It is as good as down, and one of them takes over, which takes some
 * milliseconds: a replica connects once a second, and a full sync without a disk begins 5 s later.
 */
export function judgeReborn(ctx: Context, master: Master): void {
  const { reborn } = master;
  if (!reborn || master.isLoading) return;
  if (reborn.heldSince !== null) return releaseIfVain(ctx, master, reborn.heldSince);
  const lack = lackOf(ctx, master, reborn);
  if (lack === null) {
    if (elapsed(ctx, reborn.since, JUDGED_MS)) master.reborn = null;
    return;
  }
  event(ctx, "warning", "+guard-reborn", master, ` #${lack}`);
  if (ctx.state.settings.guards.reborn === "failover" && !isPaused(ctx, master)) {
    reborn.heldSince = ctx.now;
    // SDOWN is concluded at a tick.
    ctx.state.agenda.plan(master, ctx.now + 1);
  } else master.reborn = null;
}

/** What it lacks and who has it, in the operator's words; null: nothing that we know of. */
function lackOf(ctx: Context, master: Master, { since, keysBefore }: Reborn): string | null {
  const { infoAt, roleReported, history, lineage } = master;
  const [present] = lineage;
  const isHeard = infoAt !== null && infoAt >= since && roleReported === "master";
  if (!isHeard || !history || !present) return null;
  const witness = selectReplica(ctx, master);
  if (!witness || (witness.infoAt ?? 0) < since || witness.history?.id !== present.id) return null;
  const isUnknown = !isOf(lineage, history.id) && !isOf(lineage, history.parent?.id);
  if (isUnknown) {
    const lack = emptied(master, keysBefore, witness);
    if (lack !== null) return lack;
  }
  const { parent } = history;
  if (parent?.id !== present.id || witness.replOffset < parent.endsAt) return null;
  const bytes = witness.replOffset - (parent.endsAt - 1n);
  const isIdle = bytes % PING_BYTES === 0n && witness.keys !== null && witness.keys === master.keys;
  return isIdle ? null : `behind, ${witness.name} holds ${bytes} bytes more`;
}

/** Clients write again as soon as it is back, so it need not be empty any more when it is asked. */
function hasFew(keys: number | null, before: number | null): boolean {
  return keys !== null && before !== null && 2 * keys < before;
}

function emptied(master: Master, before: number | null, { keys, name }: Replica): string | null {
  const hasLost = beganEmpty(master)
    ? (before ?? 0) > 0 && (keys ?? 0) > 0
    : hasFew(master.keys, before) && hasFew(master.keys, keys);
  if (!hasLost) return null;
  const left = master.keys === 0 ? "empty" : `without its data, with ${master.keys} keys`;
  return `${left}, ${name} holds ${keys} keys`;
}

/** Redis 7 and Valkey say how many keys they loaded at their start. */
export function beganEmpty({ infoText }: RedisInstance): boolean {
  const info = infoText ?? "";
  return /^rdb_last_load_keys_loaded:0\r$/m.test(info) && /^aof_enabled:0\r$/m.test(info);
}

/**
 * Whether a master that was started anew while its writes were held back lacks what it had then. One that loads its
 * data takes no writes that could be lost.
 */
export function lacksHeld(master: Master, held: Pick<History, "id" | "offset">): boolean {
  const { reborn, isLoading, history, keys } = master;
  if (!reborn || isLoading) return isLoading;
  const parent = history?.parent;
  if (parent?.id !== held.id) return hasFew(keys, reborn.keysBefore) || beganEmpty(master);
  const bytes = held.offset - (parent.endsAt - 1n);
  return bytes > 0n && !(bytes % PING_BYTES === 0n && keys === reborn.keysBefore);
}

function isOf(lineage: Master["lineage"], id: string | undefined): boolean {
  return id !== undefined && lineage.some((branch) => branch.id === id);
}

/** Too few agree, or the replicas have dropped what they held: then it is the master that there is. */
function releaseIfVain(ctx: Context, master: Master, heldSince: Millis): void {
  if (master.failover !== null) return;
  const witness = selectReplica(ctx, master);
  const isLost = !witness?.history || generationOf(master.lineage, witness.history) === null;
  if (!isLost && !elapsed(ctx, heldSince, HELD_MS) && !isPaused(ctx, master)) return;
  const why = isLost ? "no replica holds more any longer" : "too few Sentinels agree";
  log(ctx, "warning", `${master.name} is held for down no longer: ${why}`);
  master.reborn = null;
}
