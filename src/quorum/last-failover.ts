import { textOf } from "../base/bytes.ts";
import type { Answer } from "./answer.ts";
import { isList } from "./rows.ts";

/** The last failover of a master that the journal of a Sentinel of ours has. */
export interface LastFailover {
  /** Of the entry, in the journal of that Sentinel. */
  readonly id: number;
  /** When it was over, in Unix time. */
  readonly atMs: number;
  readonly kind: string;
  /** `done`, or how it was given up. */
  readonly result: string;
  /** From the detection to the new master, or from the request of it; null: not known. */
  readonly tookMs: number | null;
}

/** Of the answer to SENTINEL JOURNAL, the oldest first; null: it has none. Nothing that it holds is relied upon. */
export function lastFailoverIn(answer: Answer): LastFailover | null {
  for (const text of isList(answer) ? [...answer].reverse() : []) {
    const found = typeof text === "string" ? failoverOf(text) : null;
    if (found !== null) return found;
  }
  return null;
}

function failoverOf(text: string): LastFailover | null {
  const entry = objectIn(text);
  if (entry?.type !== "failover") return null;
  const { id, at, kind, result } = entry;
  const isWhole = typeof id === "number" && typeof at === "number";
  if (!isWhole || typeof kind !== "string" || typeof result !== "string") return null;
  return { id, atMs: at, kind, result, tookMs: tookOf(entry.phases) };
}

function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(textOf(text));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function tookOf(phases: unknown): number | null {
  if (!isObject(phases)) return null;
  const { sdown, promoted, switched } = phases;
  const end = typeof promoted === "number" ? promoted : switched;
  if (typeof end !== "number") return null;
  return typeof sdown === "number" ? Math.max(0, end - sdown) : end;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
