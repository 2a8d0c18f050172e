import type { Group } from "./corpus.ts";
import type { Intended } from "./intended.ts";
import type { Protocol, Said } from "./pair.ts";

export interface Case {
  readonly group: Group;
  readonly protocol: Protocol;
  readonly line: string;
  readonly theirs: Said;
  readonly ours: Said;
}

/** Compares cases and remembers which of the intended differences were met. */
export class Comparison {
  readonly failures: string[] = [];
  readonly #intended: readonly Intended[];
  readonly #met = new Set<Intended>();
  cases = 0;
  intendedCases = 0;

  constructor(intended: readonly Intended[]) {
    this.#intended = intended;
  }

  add(one: Case): void {
    this.cases++;
    if (one.theirs.normal === one.ours.normal) return;
    if (this.#isIntended(one)) this.intendedCases++;
    else this.failures.push(describe(one));
  }

  /** Entries that no case needed. */
  unmet(): readonly string[] {
    return this.#intended
      .filter((entry) => !this.#met.has(entry))
      .map(({ request, reason }) => `never met: ${request} (${reason})`);
  }

  #isIntended({ line, theirs, ours }: Case): boolean {
    const used: Intended[] = [];
    let left = theirs.normal;
    let right = ours.normal;
    for (const entry of this.#intended.filter(({ request }) => request.test(line))) {
      const before = left + right;
      for (const [from, to] of entry.theirs ?? []) left = left.replace(from, to);
      for (const [from, to] of entry.ours ?? []) right = right.replace(from, to);
      if (left + right !== before) used.push(entry);
    }
    if (left !== right) return false;
    for (const entry of used) this.#met.add(entry);
    return true;
  }
}

const shown = 600;

function describe({ group, protocol, line, theirs, ours }: Case): string {
  const at = firstDifference(theirs.normal, ours.normal);
  return [
    `${group.topic} / ${group.name}, RESP${protocol}: ${line}`,
    `  theirs: ${around(theirs.normal, at)}`,
    `  ours:   ${around(ours.normal, at)}`,
  ].join("\n");
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

function around(text: string, at: number): string {
  const start = Math.max(0, at - shown / 3);
  const cut = text.slice(start, start + shown);
  return `${start > 0 ? "…" : ""}${cut}${start + shown < text.length ? "…" : ""}`;
}
