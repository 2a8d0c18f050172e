import type { Figure } from "./figure.ts";
import type { ClusterKind } from "./kinds.ts";

export interface Summary {
  readonly samples: readonly number[];
  readonly median: number;
  readonly p90: number;
  readonly max: number;
}

export interface ResultRow {
  readonly benchmark: string;
  readonly figure: Figure;
  readonly kinds: Partial<Record<ClusterKind, Summary>>;
  /** Median of ours / median of the C program's. */
  readonly ratio: number | null;
  readonly isMet: boolean | null;
}

interface Samples {
  readonly benchmark: string;
  readonly figure: Figure;
  readonly of: Map<ClusterKind, number[]>;
}

/** Every value that was measured, in the order of its first appearance. */
export class Results {
  readonly #samples = new Map<string, Samples>();

  add(benchmark: string, figure: Figure, kind: ClusterKind, value: number): void {
    const key = `${benchmark}: ${figure.name}`;
    const samples = this.#samples.get(key) ?? { benchmark, figure, of: new Map() };
    this.#samples.set(key, samples);
    samples.of.set(kind, [...(samples.of.get(kind) ?? []), value]);
  }

  rows(benchmark?: string): readonly ResultRow[] {
    return [...this.#samples.values()]
      .filter((samples) => benchmark === undefined || samples.benchmark === benchmark)
      .map(toRow);
  }
}

function toRow({ benchmark, figure, of }: Samples): ResultRow {
  const kinds = Object.fromEntries([...of].map(([kind, values]) => [kind, summarise(values)]));
  const ours = kinds.ours?.median ?? null;
  const c = kinds.c?.median ?? null;
  const ratio = ours === null || c === null || c === 0 ? null : ours / c;
  const isMet = ours === null ? null : (figure.target?.isMet(ours, c) ?? null);
  return { benchmark, figure, kinds, ratio, isMet };
}

export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    samples: values,
    median: medianOf(sorted),
    p90: quantile(sorted, 0.9),
    max: sorted.at(-1) ?? Number.NaN,
  };
}

/** Of an even number of ascending values the mean of the middle two, not the better of them. */
function medianOf(sorted: readonly number[]): number {
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** Of ascending values, by the nearest rank: always a value that was measured. */
export function quantile(sorted: readonly number[], share: number): number {
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}
