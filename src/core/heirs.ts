import { namesAddress } from "./address.ts";
import type { Context } from "./context.ts";
import { continuesLineage, generationOf } from "./history.ts";
import { parseIp } from "./ip.ts";
import { lookUp } from "./resolve.ts";
import type { Master, Millis, RedisInstance, Replica } from "./state.ts";

/**
 * What a server may claim of its master's data.
 *
 * - `heir`: it holds our master's data, as far as it got. Only heirs take over at once [D-HEIRS].
 * - `stray`: it may lack what our master has taken. The last resort.
 * - `empty`: it holds nothing. The last of all.
 * - `foreign`: it holds the data of somebody else. Never promoted.
 */
export interface Claim {
  readonly kind: "heir" | "stray" | "empty" | "foreign";
  /** Among those of a kind, who is to be preferred whatever its priority; the least first. */
  readonly rank: number;
  /** How old the name of its data is; offsets compare only within one. -1: newer than all we know. */
  readonly generation: number;
  /** Why it is no heir, in the operator's words. */
  readonly reason: string;
}

/** Ranks of strays: who lacks least comes first. */
const RANK = { beginning: 0, branched: 1, unknown: 2, changing: 3 } as const;
const EMPTY = 4;
/** Redis up to 6.2 says the seconds since 1970 where later ones say -1. */
const NEVER_LINKED_MS = 1e12;

/**
 * Judges by what the server itself tells: the name of its data, and a chain of `master_host` that ends
 * at our master. Servers that tell no name of their data are judged as upstream does, which asks for
 * neither.
 */
export function claimOf(ctx: Context, replica: Replica): Claim {
  if (replica.roleReported === "master") {
    return isFollowedByOurs(ctx, replica) ? heir(-1) : claimOfMaster(replica);
  }
  if (replica.isLoading) return stray("changing", "it is loading its data");
  if (replica.isSyncing) return stray("changing", "it is in a full sync");
  if (isEmpty(replica))
    return empty("it never had the data, or dropped it for a full sync that has not ended");
  const { history, master } = replica;
  if (!history) return heir(0);
  const generation = generationOf(master.lineage, history);
  switch (chainOf(ctx, replica)) {
    case "ours":
      return claimOfFollower(replica, generation);
    case "unknown":
      return claimOfUnchained(replica, generation);
    case "others":
      return generation === null
        ? claimOfStranger(replica)
        : stray("beginning", "it follows another server and lacks what this master has taken", {
            generation,
          });
  }
}

/** It follows our master, so the question is only whether it was ever in sync with it. */
function claimOfFollower(replica: Replica, generation: number | null): Claim {
  const { history, master, upstreamLinkUp } = replica;
  if (generation !== null) return heir(generation);
  if (master.lineage.length === 0) return heir(0);
  // Our master has a new name that we have not heard yet: it restarted, or died too soon after its promotion.
  if (upstreamLinkUp || wasLinkedHere(replica)) return heir(-1);
  const isRelated = history !== null && continuesLineage(master.lineage, history);
  return stray(isRelated ? "branched" : "unknown", "it was never in sync with this master");
}

/** The link that it lost, some whole seconds ago, was one to the master that it names now. */
function wasLinkedHere(replica: Replica): boolean {
  const { history, syncedName } = replica;
  if (history !== null && history.id === syncedName) return true;
  const lostAt = linkLostAt(replica);
  return lostAt !== null && lostAt - 1_000 > replica.upstreamChangedAt;
}

/**
 * It follows an address that we do not know: our master under another name, as behind a NAT, or
 * somebody else.
 */
function claimOfUnchained(replica: Replica, generation: number | null): Claim {
  if (replica.master.lineage.length === 0) return { ...heir(0), rank: 1 };
  if (generation === 0) return heir(0);
  if (generation === null) return claimOfStranger(replica);
  return stray("beginning", "it follows another server and lacks what this master has taken", {
    generation,
  });
}

function claimOfStranger(replica: Replica): Claim {
  const { history, master, upstreamLinkUp, hasHeldOurs, upstreamHost, upstreamPort } = replica;
  const isKnown = history && master.lineage.some(({ id }) => id === history.id);
  const isRelated = isKnown || (history && continuesLineage(master.lineage, history));
  if (isRelated)
    return stray("branched", "it follows another server, and its data went its own way");
  const reason = `it holds the data of another master (${upstreamHost}:${upstreamPort})`;
  const isForeign = master.lineage.length > 0 && upstreamLinkUp && !hasHeldOurs;
  return isForeign ? { ...stray("unknown", reason), kind: "foreign" } : stray("unknown", reason);
}

/** Our master is its replica by now, in sync: it holds all that ours holds. */
export function isFollowedByOurs(ctx: Context, replica: Replica): boolean {
  const { master } = replica;
  return (
    replica.roleReported === "master" &&
    master.roleReported === "slave" &&
    master.upstreamLinkUp &&
    upstreamIn(ctx, master) === replica
  );
}

/**
 * It calls itself a master and is none of ours: an old master that is back and was not told yet, a
 * server restarted without its configuration. It lacks what ours has taken since, or everything.
 */
function claimOfMaster({ isLoading, history, master }: Replica): Claim {
  const reason = "it is a master itself and does not hold what this master has taken";
  if (isLoading) return stray("changing", reason);
  if (!history) return stray("branched", reason);
  if (history.offset <= 1n && !history.parent) return empty(reason);
  const isRelated =
    continuesLineage(master.lineage, history) || master.lineage.some(({ id }) => id === history.id);
  return stray(isRelated ? "branched" : "unknown", reason);
}

/**
 * It never finished a sync in its life, neither with our master nor with another, or it dropped what it held for
 * one that has not ended: then it tells no place in the stream any more (`slave_repl_offset:1`), and still
 * the offset that it once had (`master_repl_offset`).
 */
function isEmpty(replica: Replica): boolean {
  const { upstreamLinkUp, replOffset, history } = replica;
  if (upstreamLinkUp || replOffset > 1n) return false;
  return isNeverLinked(replica) || (history !== null && history.offset > 1n);
}

function isNeverLinked({ masterLinkDownMs }: Replica): boolean {
  return masterLinkDownMs < 0 || masterLinkDownMs >= NEVER_LINKED_MS;
}

/** When a replica last had its master; null: not known, or not since its start. */
export function linkLostAt(replica: Replica): Millis | null {
  const { infoAt, upstreamLinkUp, masterLinkDownMs } = replica;
  if (infoAt === null || replica.roleReported !== "slave") return null;
  if (upstreamLinkUp) return infoAt;
  return isNeverLinked(replica) ? null : infoAt - masterLinkDownMs;
}

/** When the master was last known alive, by ourselves, our peers, or its replicas. */
export function lastKnownAliveAt(ctx: Context, master: Master): Millis | null {
  let latest = master.lastAliveAt;
  for (const replica of master.replicas.values()) {
    const { upstreamHost, upstreamPort } = replica;
    if (upstreamHost === null) continue;
    if (!namesAddress(ctx, master.address, upstreamHost, upstreamPort)) continue;
    const at = linkLostAt(replica);
    if (at !== null && (latest === null || at > latest)) latest = at;
  }
  return latest;
}

/** Where the chain of a server's masters ends; `unknown`: at an address that we do not watch. */
function chainOf(ctx: Context, replica: Replica): "ours" | "others" | "unknown" {
  const { master } = replica;
  let at: Replica = replica;
  for (let hops = 0; hops <= master.replicas.size; hops++) {
    const { upstreamHost: host, upstreamPort: port } = at;
    if (host === null) return "unknown";
    if (namesAddress(ctx, master.address, host, port)) return "ours";
    const next = upstreamIn(ctx, at);
    if (!next) return isMasterOfAnotherName(ctx, master, host, port) ? "others" : "unknown";
    if (next.infoAt === null || next.roleReported !== "slave") return "others";
    at = next;
  }
  return "others";
}

/** A master that is the replica of its own replica, at whatever distance. */
export function followsItself(ctx: Context, master: Master): boolean {
  const next = upstreamIn(ctx, master);
  if (!next || next.infoAt === null || next.roleReported !== "slave") return false;
  return chainOf(ctx, next) === "ours";
}

/** The replica of the same master that a server follows, if it follows one. */
function upstreamIn(ctx: Context, server: RedisInstance): Replica | undefined {
  const { upstreamHost: host, upstreamPort: port } = server;
  if (host === null) return undefined;
  const master = server.kind === "master" ? server : server.master;
  return [...master.replicas.values()].find(({ address }) =>
    namesAddress(ctx, address, host, port),
  );
}

function isMasterOfAnotherName(ctx: Context, master: Master, host: string, port: number): boolean {
  const there = ctx.places?.at(host, parseIp(host) ?? lookUp(ctx, host).ip, port);
  return [...(there ?? ctx.state.masters.values())].some(
    (other) => other !== master && namesAddress(ctx, other.address, host, port),
  );
}

function heir(generation: number): Claim {
  return { kind: "heir", rank: 0, generation, reason: "" };
}

function empty(reason: string): Claim {
  return { kind: "empty", rank: EMPTY, generation: 0, reason };
}

function stray(
  rank: keyof typeof RANK,
  reason: string,
  { generation }: { generation: number } = { generation: 0 },
): Claim {
  return { kind: "stray", rank: RANK[rank], generation, reason };
}
