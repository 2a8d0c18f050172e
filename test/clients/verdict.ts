import type { ClientLife } from "./life.ts";
import type { ClientSpec } from "./registry.ts";
import { type Gap, medianGapMs } from "./table.ts";
import type { ToolResult } from "./tools/compare.ts";

/** Medians of fewer runs are chance. */
const runsForMedians = 5;

/**
 * An outage ends with the client's next try: two medians that differ by less than the pause between
 * two writes and a little of the machine's noise are one.
 */
const sameMs = 100;

/** Everything that our Sentinels must answer for; nothing: all is well. */
export function faults(
  lives: readonly ClientLife[],
  clients: readonly ClientSpec[],
  tools: readonly ToolResult[],
): string[] {
  return [
    ...lostLives(lives, clients),
    ...longerOutages(lives, clients),
    ...toolDifferences(tools),
  ];
}

function toolDifferences(tools: readonly ToolResult[]): string[] {
  return tools.flatMap(({ title, onlyOurs, onlyC }) => [
    ...onlyOurs.map((fact) => `${title}: only ours: ${fact}`),
    ...onlyC.map((fact) => `${title}: only C: ${fact}`),
  ]);
}

function lostLives(lives: readonly ClientLife[], clients: readonly ClientSpec[]): string[] {
  return lives.flatMap((life) => {
    const { client, kind, scenery, failure } = life;
    if (failure === null || kind === "c" || isOfClient(life, lives, clients)) return [];
    return [`${client}, ${scenery}, ${kind}: ${failure}`];
  });
}

/** It has this flaw, and had a C Sentinel to ask, or was lost so with C Sentinels alone, too. */
function isOfClient(
  { client, kind, failure }: ClientLife,
  lives: readonly ClientLife[],
  clients: readonly ClientSpec[],
): boolean {
  const flaw = clients.find(({ name }) => name === client)?.flaw;
  const isShown = (text: string | null) => flaw?.shows.test(text ?? "") === true;
  if (!isShown(failure)) return false;
  const lostWithC = lives.some((one) => {
    return one.client === client && one.kind === "c" && isShown(one.failure);
  });
  return kind === "mixed" || lostWithC;
}

function longerOutages(lives: readonly ClientLife[], clients: readonly ClientSpec[]): string[] {
  return clients.flatMap(({ name }) => {
    const runs = lives.filter((one) => one.client === name && one.scenery === "plain");
    const count = (kind: string): number => runs.filter((one) => one.kind === kind).length;
    if (Math.min(count("ours"), count("c")) < runsForMedians) return [];
    return (["killGapMs", "failoverGapMs"] as const).flatMap((gap) => longer(lives, name, gap));
  });
}

function longer(lives: readonly ClientLife[], client: string, gap: Gap): string[] {
  const ours = medianGapMs(lives, client, "ours", gap);
  const c = medianGapMs(lives, client, "c", gap);
  if (ours === null || c === null || ours <= c + sameMs) return [];
  const what = gap === "killGapMs" ? "the death of the master" : "a failover on request";
  return [`${client} is without writes after ${what} for ${ours} ms, with C Sentinels ${c} ms`];
}
