import assert from "node:assert/strict";
import { DIFFERENCES, type Difference, type Part } from "./config-differences.ts";

/** The same thing as the two programs show it, one fact a line. */
export interface Pair {
  readonly c: readonly string[];
  readonly ours: readonly string[];
}

const used = new Set<Difference>();

/** Fails unless the two agree in everything but the intended differences. */
export function assertSame(name: string, part: Part, pair: Pair): void {
  const possible = DIFFERENCES.filter((each) => each.part === part && each.cases.test(name));
  let { c, ours } = pair;
  for (const each of possible) {
    const before = [c, ours];
    [c, ours] = "becomes" in each ? [c, translated(each, { c, ours })] : left(each, { c, ours });
    if (before[0]?.length !== c.length || before[1] !== ours) used.add(each);
  }
  assert.deepEqual(ours, c, `${part} of: ${name}`);
}

/** Entries of the list that explained nothing so far. */
export function unusedDifferences(): readonly Difference[] {
  return DIFFERENCES.filter((each) => !used.has(each));
}

/** Our lines in C's form, where C has a line of that form. */
function translated(
  { ours: from, becomes }: Extract<Difference, { becomes: string }>,
  { c, ours }: Pair,
): readonly string[] {
  const wanted = without(c, ours);
  const lines = ours.map((line) => {
    const inC = line.replace(from, becomes);
    return inC !== line && wanted.includes(inC) ? inC : line;
  });
  return lines.some((line, at) => line !== ours[at]) ? lines : ours;
}

/** What remains without the lines that only one of them has, for this reason. */
function left(each: Difference, { c, ours }: Pair): [readonly string[], readonly string[]] {
  const only = {
    c: matching(without(c, ours), each.c),
    ours: matching(without(ours, c), each.ours),
  };
  const complete =
    (each.c === undefined || only.c.length > 0) &&
    (each.ours === undefined || only.ours.length > 0);
  if (!complete) return [c, ours];
  return [without(c, only.c), only.ours.length === 0 ? ours : without(ours, only.ours)];
}

function matching(lines: readonly string[], like: RegExp | undefined): readonly string[] {
  return like === undefined ? [] : lines.filter((line) => like.test(line));
}

/** As multisets; what is left keeps its order. */
function without(lines: readonly string[], taken: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const line of taken) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    if (count > 0) left.set(line, count - 1);
    return count === 0;
  });
}
