import type { Answer } from "../../quorum/answer.ts";
import { isList } from "../../quorum/rows.ts";
import { shown } from "../shown.ts";
import type { Cell } from "../table.ts";

/** What a Sentinel of ours answers to DRYRUN. */
export interface DryRun {
  readonly method: string;
  readonly target: string | null;
  readonly blockedBy: readonly string[];
  readonly pauseLimitMs: number;
  readonly replicas: readonly (readonly Cell[])[];
}

/** Null: it is none. */
export function readDryRun(answer: Answer): DryRun | null {
  if (!isList(answer)) return null;
  const fields = new Map<string, Answer>();
  for (let at = 0; at + 1 < answer.length; at += 2) {
    fields.set(String(answer[at]), answer[at + 1] ?? null);
  }
  const target = fields.get("would-promote");
  const replicas = fields.get("replicas");
  if (!isList(replicas)) return null;
  return {
    method: shown(String(fields.get("method"))),
    target: typeof target === "string" ? shown(target) : null,
    blockedBy: texts(fields.get("blocked-by")),
    pauseLimitMs: Number(fields.get("pause-limit-ms") ?? 0),
    replicas: replicas
      .map(texts)
      .map(([address = "", fit = "", why = ""]) => [
        address,
        [fit, fit === "fit" ? "good" : "bad"],
        why,
      ]),
  };
}

function texts(answer: Answer | undefined): string[] {
  return isList(answer) ? answer.map((one) => shown(String(one))) : [];
}
