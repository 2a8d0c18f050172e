import type { SentinelKind } from "../support/sentinel-node.ts";

/** Sentinels of ours only, of the C program only, or both in one quorum. */
export type ClusterKind = SentinelKind | "mixed";

export const clusterKinds: readonly ClusterKind[] = ["ours", "c", "mixed"];

/** Mixed: ours and C in turns, ours first and so in the majority of an odd number. */
export function membersOf(kind: ClusterKind, count: number): readonly SentinelKind[] {
  return Array.from({ length: count }, (_, index) => {
    if (kind !== "mixed") return kind;
    return index % 2 === 0 ? "ours" : "c";
  });
}
