/** What one number of the suite means, with the target that issue 5 sets for it. */
export interface Figure {
  readonly name: string;
  readonly unit: "ms" | "s" | "us" | "s/min" | "MiB" | "KiB" | "requests/s" | "count";
  readonly target?: Target;
}

export interface Target {
  readonly text: string;
  /** null: cannot be said without the other program's figure. */
  isMet(ours: number, c: number | null): boolean | null;
}

export function atMost(limit: number): Target {
  return { text: `<= ${limit}`, isMet: (ours) => ours <= limit };
}

export function atMostOfC(factor: number): Target {
  return {
    text: `<= ${factor} of C`,
    isMet: (ours, c) => (c === null ? null : ours <= factor * c),
  };
}

export function atLeastOfC(factor: number): Target {
  return {
    text: `>= ${factor} of C`,
    isMet: (ours, c) => (c === null ? null : ours >= factor * c),
  };
}
