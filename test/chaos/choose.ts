import type { SentinelKind } from "../support/sentinel-node.ts";
import { fileScenarios } from "./file-scenarios.ts";
import { networkScenarios } from "./network-scenarios.ts";
import { processScenarios } from "./process-scenarios.ts";
import type { Scenario } from "./scenario.ts";

export const allScenarios = [...networkScenarios, ...processScenarios, ...fileScenarios];

/** The Sentinels of a cluster, in the words of the table. */
export const clusterKinds = {
  ours: ["ours", "ours", "ours"],
  "2 ours + C": ["ours", "ours", "c"],
  "ours + 2 C": ["ours", "c", "c"],
  C: ["c", "c", "c"],
} as const satisfies Record<string, readonly SentinelKind[]>;

export type ClusterKind = keyof typeof clusterKinds;

/** A sentence when there is no such scenario. */
export function chooseScenarios(names: readonly string[]): readonly Scenario[] | string {
  const unknown = names.filter((name) => !allScenarios.some((one) => one.name === name));
  if (unknown.length > 0) {
    const known = allScenarios.map(({ name, says }) => `  ${name.padEnd(22)} ${says}`);
    return `No scenario ${unknown.join(", ")}. There are:\n${known.join("\n")}`;
  }
  return allScenarios.filter(({ name }) => names.length === 0 || names.includes(name));
}

/** Of "ours", "ours,mixed", "c", "all" ...; null when a word is none of these. */
export function kindNames(choice: string): readonly ClusterKind[] | null {
  const chosen = choice.split(",").map((word) => kindsByWord.get(word));
  return chosen.includes(undefined) ? null : chosen.flatMap((kinds) => kinds ?? []);
}

const kindsByWord: ReadonlyMap<string, readonly ClusterKind[]> = new Map([
  ["ours", ["ours"]],
  ["mixed", ["2 ours + C", "ours + 2 C"]],
  ["c", ["C"]],
  ["all", ["ours", "2 ours + C", "ours + 2 C", "C"]],
]);

/** The host of the first master gets another Sentinel in each round. */
export function arrange(kind: ClusterKind, round: number): readonly SentinelKind[] {
  const kinds = clusterKinds[kind];
  const shift = round % kinds.length;
  return [...kinds.slice(shift), ...kinds.slice(0, shift)];
}
