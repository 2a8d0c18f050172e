import type { Reply } from "../base/reply.ts";
import type { HostPort } from "./config.ts";
import type { Context } from "./context.ts";
import type { ClientId } from "./input.ts";
import type { KnownName } from "./lineage-guard.ts";
import type { Master, Millis, RequestId, SentinelState } from "./state.ts";

/**
 * What outlives the process beside its file [EXTRA-FILE]: nothing that votes or epochs depend on, so that it may be
 * lost at any time. Points in time are on the core's own clock.
 */
export interface Extra {
  /** By the name of the master. */
  readonly masters: ReadonlyMap<string, ExtraOfMaster>;
}

export interface ExtraOfMaster {
  /** An operator's maintenance (pause.ts), and what was forgotten on request (tombstones.ts). */
  readonly pause: Pause | null;
  readonly pausedReplicas: readonly PausedReplica[];
  readonly tombstones: readonly Tombstone[];
  /** Names of its data, the last one first; known without this soon after the start, but for those adopted. */
  readonly names: readonly KnownName[];
  /** Servers that are to get their own settings back (failover/coordinated/fences.ts). */
  readonly fences: readonly Fence[];
}

/** The same in a master that is watched. */
export type Kept = { -readonly [Field in keyof ExtraOfMaster]: ExtraOfMaster[Field] };

/** A server that refuses writes for a planned switch (METHOD fence), and what it is to have again [COORD-FENCE]. */
export interface Fence {
  readonly address: HostPort;
  /** Its own `min-slaves-to-write`. */
  readonly value: number;
  /** Not before that it is given it back. */
  readonly dueAt: Millis;
  /** The last question whether it has it. */
  readonly question?: RequestId;
  /** It was said that it refuses. */
  readonly isTold?: boolean;
  /** The order to refuse writes, as long as it was not answered; of a process before, unknown which. */
  readonly order?: { readonly request: RequestId | null; readonly at: Millis };
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
  /** Null: nobody is answered. */
  readonly client: ClientId | null;
  readonly ifKept: (ctx: Context) => Reply | null;
  readonly ifNot: (ctx: Context) => Reply | null;
}

/** What of it a master that begins to be watched knows. */
export function extraOf({ masters }: Extra, name: string) {
  const known = masters.get(name);
  return {
    pause: known?.pause ?? null,
    pausedReplicas: [...(known?.pausedReplicas ?? [])],
    tombstones: [...(known?.tombstones ?? [])],
    names: [...(known?.names ?? [])],
    fences: [...(known?.fences ?? [])],
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
  const reply = isKept ? awaiting.ifKept(ctx) : awaiting.ifNot(ctx);
  if (reply && awaiting.client !== null)
    ctx.effects.push({ type: "reply", client: awaiting.client, reply });
}

function persistentExtra({ masters }: SentinelState): Extra {
  const kept = new Map<string, ExtraOfMaster>();
  for (const master of masters.values())
    if (!isEmpty(master)) kept.set(master.name, copyOf(master));
  return { masters: kept };
}

/** What is heard anyway makes no file. */
function isEmpty({ pause, pausedReplicas, tombstones, names, fences }: Master): boolean {
  const isAdopted = names.some((one) => one.isAdopted);
  const count = pausedReplicas.length + tombstones.length + fences.length;
  return pause === null && count === 0 && !isAdopted;
}

function copyOf({ pause, pausedReplicas, tombstones, names, fences }: Master): ExtraOfMaster {
  const lists = { pausedReplicas: [...pausedReplicas], tombstones: [...tombstones] };
  return { pause, ...lists, names: [...names], fences: [...fences] };
}
