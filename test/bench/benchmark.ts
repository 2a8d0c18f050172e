import type { SentinelKind } from "../support/sentinel-node.ts";
import type { Figure } from "./figure.ts";
import type { ClusterKind } from "./kinds.ts";

export interface Benchmark {
  readonly name: string;
  /** How often everything is measured unless --runs says otherwise. */
  readonly runs: number;
  measure(run: BenchmarkRun): Promise<void>;
}

/** What a benchmark is given. */
export interface BenchmarkRun {
  readonly runs: number;
  /** Those of --kind, of which a benchmark takes what it has a use for. */
  readonly kinds: readonly ClusterKind[];
  record(figure: Figure, kind: ClusterKind, value: number): void;
  /** A line of progress. */
  say(text: string): void;
}

/** For what a single process does, there is no mixed kind. */
export function pureKinds({ kinds }: BenchmarkRun): readonly SentinelKind[] {
  return kinds.filter((kind) => kind !== "mixed");
}

/** Each kind in turns, so that a disturbance of the machine falls on all. */
export async function inTurns<K>(
  runs: number,
  kinds: readonly K[],
  body: (kind: K, run: number) => Promise<void>,
): Promise<void> {
  for (let run = 1; run <= runs; run++) for (const kind of kinds) await body(kind, run);
}
