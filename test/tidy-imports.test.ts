import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { filesOf, read } from "./support/repository.ts";

// Who takes what from whom: no file is needed by what it needs itself, and what is offered is taken.

/** What a file takes from another one; `*` is everything. */
interface Taken {
  readonly by: string;
  readonly from: string;
  readonly names: readonly string[];
  /** Types only: nothing of it is there when the program runs. */
  readonly isType: boolean;
}

/** `import type { A } from "./b.ts"`, `export * from "./b.ts"`, with all between the words. */
const STATEMENT = /^(?:import|export)\s+(type\s+)?([^;"']*?)\s*from\s+"(\.[^"]+)"/gms;
/** `const { a } = await import("./b.ts")`; what the launcher imports has no name there. */
const LATER = /\{([^{}]*)\} = await import\((?:"(\.[^"]+)"|program\.href)\)/g;
const OFFER =
  /^export (?:abstract )?(?:async )?(?:function\*?|class|const|let|interface|type)\s+(\w+)/gm;

const MAIN = join("src", "main.ts");

const sources = filesOf(["src"], ".ts");
const taken = [
  ...sources,
  ...filesOf(["demo", "test", "packaging"], ".ts"),
  ...filesOf(["bin"], ".js"),
].flatMap((file) => takenBy(file, read(file)));

test("imports are read as they are written", () => {
  const text = [
    'import { a, type B } from "./x.ts";',
    'import {\n  c as d,\n  type E,\n} from "../y.ts";',
    'import type { F } from "./x.ts";',
    'import fs from "node:fs";',
    'export * from "./z.ts";',
    '  const { g } = await import("./x.ts");',
  ].join("\n");
  const by = join("src", "one", "file.ts");
  const x = join("src", "one", "x.ts");
  assert.deepEqual(takenBy(by, text), [
    { by, from: x, names: ["a"], isType: false },
    { by, from: x, names: ["B"], isType: true },
    { by, from: join("src", "y.ts"), names: ["c"], isType: false },
    { by, from: join("src", "y.ts"), names: ["E"], isType: true },
    { by, from: x, names: ["F"], isType: true },
    { by, from: join("src", "one", "z.ts"), names: ["*"], isType: false },
    { by, from: x, names: ["g"], isType: false },
  ]);
});

test("circles are found", () => {
  const arrow = (by: string, from: string) => ({ by, from, names: ["x"], isType: false });
  const arrows = [arrow("a", "b"), arrow("b", "c"), arrow("c", "b"), arrow("c", "d")];
  assert.deepEqual(inCircles(arrows), ["b -> c: x", "c -> b: x"]);
});

test("no file needs itself, by way of others", () => {
  const arrows = taken.filter(({ by, isType }) => by.startsWith("src") && !isType);
  assert.ok(arrows.length > 500);
  assert.deepEqual(inCircles(arrows), []);
});

/** `src/index.ts` is the door for others: what it hands on is used. */
test("what a file exports is used by another one", () => {
  const used = new Set(taken.flatMap(({ from, names }) => names.map((name) => `${from} ${name}`)));
  const offers = sources.flatMap((file) =>
    [...read(file).matchAll(OFFER)].map(([, name]) => ({ file, name })),
  );
  assert.ok(offers.length > 500);
  const unused = offers.filter(
    ({ file, name }) => !used.has(`${file} ${name}`) && !used.has(`${file} *`),
  );
  assert.deepEqual(
    unused.map(({ file, name }) => `${file}: ${name}`),
    [],
  );
});

function takenBy(by: string, text: string): Taken[] {
  const at = (path: string) => join(dirname(by), path);
  const statements = [...text.matchAll(STATEMENT)].flatMap(([, type, what = "", path = ""]) =>
    [...namesIn(what)].map(([isType, names]) => {
      return { by, from: at(path), names, isType: isType || type !== undefined };
    }),
  );
  const later = [...text.matchAll(LATER)].map(([, what = "", path]) => {
    return { by, from: path === undefined ? MAIN : at(path), names: words(what), isType: false };
  });
  return [...statements, ...later];
}

/** Values and types apart, each with its names. */
function namesIn(what: string): Map<boolean, string[]> {
  const names = new Map<boolean, string[]>();
  const [, list] = /\{([^{}]*)\}/.exec(what) ?? [];
  for (const word of list === undefined ? ["*"] : words(list)) {
    const isType = word.startsWith("type ");
    names.set(isType, [...(names.get(isType) ?? []), word.replace(/^type /, "")]);
  }
  return names;
}

/** The names as the file that offers them has them. */
function words(list: string): string[] {
  const all = list.split(",").map((word) => word.trim().replace(/ as \w+$/, ""));
  return all.filter((word) => word !== "");
}

/** The arrows that lead back to where they begin. */
function inCircles(arrows: readonly Taken[]): string[] {
  const next = new Map<string, string[]>();
  for (const { by, from } of arrows) next.set(by, [...(next.get(by) ?? []), from]);
  const leadsTo = (from: string, to: string): boolean => {
    const seen = new Set([from]);
    for (const file of seen) for (const one of next.get(file) ?? []) seen.add(one);
    return seen.has(to);
  };
  return arrows
    .filter(({ by, from }) => leadsTo(from, by))
    .map(({ by, from, names }) => `${by} -> ${from}: ${names.join(", ")}`);
}
