import { detached } from "./text.ts";

/** What a replica was seen to have, since it runs and follows whom it follows. */
export interface Inherited {
  /** Data of our master. */
  hasHeldOurs: boolean;
  /** The name of its data when it was last seen in sync; null: it was not. */
  syncedName: string | null;
}

/**
 * What a server's data is called (`master_replid` and what goes with it in INFO). Servers that hold
 * one history hold beginnings of the same stream of writes, so their offsets compare; offsets of two
 * histories say nothing about each other.
 */
export interface History {
  readonly id: string;
  /** How much of it the server holds (`master_repl_offset`). */
  readonly offset: bigint;
  /**
   * The history that this one continues, and the first offset that is no longer its own
   * (`master_replid2`, `second_repl_offset`): where a replica was promoted, its master's goes on
   * under a new name. Null: it began by itself.
   */
  readonly parent: { readonly id: string; readonly endsAt: bigint } | null;
}

/** A name that the data of our master has or had. */
export interface Branch {
  readonly id: string;
  /** Where the next one began; a server that holds more of it went its own way. Null: not known. */
  endsAt: bigint | null;
}

/** More names than this are not remembered; a master gets a new one by a failover or a restart. */
const MAX_BRANCHES = 16;
const ID = /^[0-9a-fA-F]{40}$/;
const NO_ID = /^0+$/;

/** The lines of INFO that tell a history. */
export const HISTORY_FIELDS = [
  "master_replid",
  "master_replid2",
  "master_repl_offset",
  "second_repl_offset",
] as const;

/** Gathers these lines. */
export class HistoryReader {
  #id: string | null = null;
  #parentId: string | null = null;
  #offset: bigint | null = null;
  #endsAt: bigint | null = null;

  read(name: (typeof HISTORY_FIELDS)[number], value: string): void {
    switch (name) {
      case "master_replid":
        this.#id = ID.test(value) ? value : null;
        return;
      case "master_replid2":
        this.#parentId = ID.test(value) && !NO_ID.test(value) ? value : null;
        return;
      case "master_repl_offset":
        this.#offset = offset(value);
        return;
      case "second_repl_offset":
        this.#endsAt = offset(value);
        return;
      default:
        name satisfies never;
    }
  }

  /** Null for servers before 4.0 and other makes that tell none. */
  history(): History | null {
    if (this.#id === null || this.#offset === null) return null;
    const hasParent = this.#parentId !== null && this.#endsAt !== null && this.#endsAt >= 0n;
    const parent = hasParent
      ? { id: this.#parentId as string, endsAt: this.#endsAt as bigint }
      : null;
    return { id: this.#id, offset: this.#offset, parent };
  }
}

function offset(value: string): bigint | null {
  return /^-?\d{1,19}$/.test(value) ? BigInt(value) : null;
}

/** The same with strings of their own, which keep no INFO text in memory. */
export function keepHistory(known: History | null, told: History | null): History | null {
  if (!told) return null;
  const id = known?.id === told.id ? known.id : detached(told.id);
  const { parent } = told;
  if (!parent) return { ...told, id };
  const parentId = known?.parent?.id === parent.id ? known.parent.id : detached(parent.id);
  return { ...told, id, parent: { ...parent, id: parentId } };
}

/**
 * The master of this lineage, newest name first, was heard with this history. If it was promoted, what
 * it continues ended there: nothing beyond belongs to our master. If it only restarted, from a file
 * that may be older, its replicas may hold more of the old name than it does.
 */
export function noteLineage(
  lineage: Branch[],
  { id, parent }: History,
  by: "promotion" | "restart",
): void {
  if (lineage[0]?.id !== id) {
    const at = lineage.findIndex((branch) => branch.id === id);
    const [known] = at < 0 ? [] : lineage.splice(at, 1);
    lineage.unshift({ id, endsAt: known?.endsAt ?? null });
    // It is the present one, so it goes on.
    if (lineage[0]) lineage[0].endsAt = null;
    if (lineage.length > MAX_BRANCHES) lineage.pop();
  }
  if (!parent) return;
  const endsAt = by === "promotion" ? parent.endsAt : null;
  const older = lineage.find((branch) => branch.id === parent.id);
  if (!older) lineage.splice(1, 0, { id: parent.id, endsAt });
  else if (older !== lineage[0]) older.endsAt ??= endsAt;
}

/**
 * Which of our master's names this history has, 0 for the present one; null if it has none, or went
 * on after ours had left that name.
 */
export function generationOf(lineage: readonly Branch[], { id, offset }: History): number | null {
  const at = lineage.findIndex((branch) => branch.id === id);
  const branch = lineage[at];
  if (!branch) return null;
  return branch.endsAt === null || offset < branch.endsAt ? at : null;
}

/** It continues one of our master's names: promoted from it, or restarted with its data. */
export function continuesLineage(lineage: readonly Branch[], { parent }: History): boolean {
  return parent !== null && lineage.some((branch) => branch.id === parent.id);
}
