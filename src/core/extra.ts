import type { Reply } from "../base/reply.ts";
import type { HostPort } from "./config.ts";
import type { Context } from "./context.ts";
import type { ClientId } from "./input.ts";
import type { KnownName } from "./lineage-guard.ts";
import type { Master, Millis, SentinelState } from "./state.ts";

/**
 * What outlives the process beside its file [EXTRA-FILE]: nothing that votes or epochs depend on, so that it may be
 * lost at any time. Points in time are on the core's own clock.
 */
export interface Extra {
  /** By the name of the master. */
  readonly masters: ReadonlyMap<string, ExtraOfMaster>;
}

export interface ExtraOfMaster {
  readonly pause: Pause | null;
  readonly pausedReplicas: readonly PausedReplica[];
  readonly tombstones: readonly Tombstone[];
  /** Names of its data; known without this soon after the start, but for those that were adopted. */
  readonly names: readonly KnownName[];
}

/** An operator's maintenance, which ends by itself. */
export interface Pause {
  readonly until: Millis;
  /** In the operator's words; may be empty. */
  readonly reason: string;
}

export interface PausedReplica extends Pause {
  readonly address: HostPort;
}

/** What was forgotten on request, and is not taken up again by what is still said of it. */
export interface Tombstone {
  readonly kind: "replica" | "sentinel";
  /** `host port` of a replica, the id of a Sentinel. */
  readonly key: string;
  readonly until: Millis;
}

export const NO_EXTRA: Extra = { masters: new Map() };

/** An answer that waits until the state beside the file was written, or could not be. */
export interface AwaitingKeep {
  readonly client: ClientId;
  readonly ifKept: (ctx: Context) => Reply | null;
  readonly ifNot: Reply;
}

/** What of it a master that begins to be watched knows. */
export function extraOf({ masters }: Extra, name: string) {
  const known = masters.get(name);
  return {
    pause: known?.pause ?? null,
    pausedReplicas: [...(known?.pausedReplicas ?? [])],
    tombstones: [...(known?.tombstones ?? [])],
    names: [...(known?.names ?? [])],
  };
}

/** Asks for it to be written, and answers a client then. */
export function keep(ctx: Context, awaiting: AwaitingKeep | null = null): null {
  ctx.effects.push({ type: "keep", extra: persistentExtra(ctx.state) });
  if (awaiting) ctx.state.awaitingKeep.push(awaiting);
  else ctx.state.awaitingKeep.push(null);
  return null;
}

/** The outcome of the eldest writing that was asked for. */
export function hearKept(ctx: Context, isKept: boolean): void {
  const awaiting = ctx.state.awaitingKeep.shift();
  if (!awaiting) return;
  const reply = isKept ? awaiting.ifKept(ctx) : awaiting.ifNot;
  if (reply) ctx.effects.push({ type: "reply", client: awaiting.client, reply });
}

function persistentExtra({ masters }: SentinelState): Extra {
  const kept = new Map<string, ExtraOfMaster>();
  for (const master of masters.values())
    if (!isEmpty(master)) kept.set(master.name, copyOf(master));
  return { masters: kept };
}

/** What is heard anyway makes no file. */
function isEmpty({ pause, pausedReplicas, tombstones, names }: Master): boolean {
  const isAdopted = names.some((one) => one.isAdopted);
  return pause === null && pausedReplicas.length === 0 && tombstones.length === 0 && !isAdopted;
}

function copyOf({ pause, pausedReplicas, tombstones, names }: Master): ExtraOfMaster {
  const lists = { pausedReplicas: [...pausedReplicas], tombstones: [...tombstones] };
  return { pause, ...lists, names: [...names] };
}
