import { spawn } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { attempt, planOf } from "./campaign.ts";
import { LifeError } from "./life.ts";
import { MUTANTS, type Mutant } from "./mutant-list.ts";
import { copyOf, plant } from "./plant.ts";

const SEEDS_EACH = 1_500;
const FIRST_SEED = 1;
const MOST_MS = 300_000;
const PARTS = ["test/sim", "test/core"];

const root = fileURLToPath(import.meta.url).split(`${sep}dist${sep}`)[0] ?? "";
interface Find {
  /** Null: a test showed it. */
  readonly seed: number | null;
  readonly message: string;
  /** The shrunk plan, if it was wanted. */
  readonly plan: object | null;
}

/** Resolves with what showed the fault, or null. A seed that the core itself fails shows nothing. */
async function hunt(mutant: Mutant, isShrunk: boolean): Promise<Find | null> {
  const folder = plant(mutant, "mutants", PARTS);
  if (mutant.test !== undefined) return await tryTest(folder, mutant.test);
  const seeds = { next: mutant.firstSeed ?? FIRST_SEED, left: SEEDS_EACH };
  let find = await search(folder, mutant, seeds, isShrunk);
  while (find?.seed != null && !isLivedThrough(mutant, find.seed)) {
    process.stdout.write(`THE CORE ITSELF fails seed ${find.seed}: ${find.message}\n`);
    const next = find.seed + 1;
    find = await search(folder, mutant, { next, left: seeds.left - (next - seeds.next) }, isShrunk);
  }
  rmSync(folder, { recursive: true, force: true });
  return find;
}

/** A schedule that seeds do not come upon: the test that holds it must fail. */
async function tryTest(folder: string, test: string): Promise<Find | null> {
  const isPassed = await passes(folder, test);
  rmSync(folder, { recursive: true, force: true });
  return isPassed ? null : { seed: null, message: `${test} fails`, plan: null };
}

async function passes(folder: string, test: string): Promise<boolean> {
  const file = join(folder, "test", test.replace(/\.ts$/, ".js"));
  if (!existsSync(file)) throw new Error(`there is no ${test}`);
  const child = spawn(process.execPath, ["--test", file], { stdio: "ignore" });
  return (await new Promise((ended) => child.on("close", ended))) === 0;
}

/** In a copy without a fault all these tests must pass, or their failing would show nothing. */
async function proveCopies(mutants: readonly Mutant[]): Promise<void> {
  const folder = copyOf("none", "mutants", PARTS);
  for (const test of new Set(mutants.flatMap((mutant) => mutant.test ?? []))) {
    if (!(await passes(folder, test))) throw new Error(`${test} fails in a copy without a fault`);
  }
  rmSync(folder, { recursive: true, force: true });
}

function isLivedThrough({ isMixed = false, theme }: Mutant, seed: number): boolean {
  const plan = planOf({ isMixed, theme: theme ?? null }, seed);
  return !(attempt(plan) instanceof LifeError);
}

async function search(
  folder: string,
  { isMixed, theme }: Mutant,
  { next, left }: { readonly next: number; readonly left: number },
  isShrunk: boolean,
): Promise<Find | null> {
  const sim = join(folder, "test", "sim", "sim.js");
  const range = ["--from", `${next}`, "--seeds", `${left}`, "--jobs", "1"];
  const kind = [...(isMixed ? ["--mixed"] : []), ...(theme ? ["--theme", theme] : [])];
  const args = [sim, ...range, ...kind, ...(isShrunk ? [] : ["--brief"])];
  // A fault may make a life endless; then nothing is found.
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: MOST_MS,
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await new Promise((ended) => child.on("close", ended));
  const [, seed, message = ""] = /^seed (\d+): (.*)$/m.exec(output) ?? [];
  const plan = /^\{"options.*"faults".*$/m.exec(output)?.[0];
  if (seed === undefined) return null;
  return { seed: Number(seed), message, plan: plan === undefined ? null : JSON.parse(plan) };
}

/** The real core must live through it ever after: `lives.test.ts`. */
function keep({ name }: Mutant, plan: object): void {
  const path = join(root, "test", "sim", "lives", `${name.replaceAll(" ", "-")}.json`);
  writeFileSync(path, `${JSON.stringify({ shows: name, ...plan }, null, 2)}\n`);
}

/** A kept life loses its meaning when the world around the core changes, and passes ever after. */
const BY_A_KEPT_LIFE = "sim/lives.test.ts";

/**
 * With words, only the mutants whose name contains one of them; with `--part 2/6`, each sixth one from the third on, so
 * that six runs have them all, and each that only a kept life shows; with `--keep`, the shrunk life that shows each is
 * kept among the lives that once failed.
 */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals: words } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      keep: { type: "boolean", default: false },
      part: { type: "string", default: "0/1" },
    },
  });
  const { keep: isKept } = values;
  const [part = 0, parts = 1] = values.part.split("/").map(Number);
  if (!(part >= 0 && part < parts)) throw new Error(`--part ${values.part}: not a part of a whole`);
  const isMeant = ({ name }: Mutant) =>
    words.length === 0 || words.some((word) => name.includes(word));
  const isOfPart = ({ test }: Mutant, index: number) =>
    index % parts === part || test === BY_A_KEPT_LIFE;
  const chosen = MUTANTS.filter(isMeant).filter(isOfPart);
  await proveCopies(chosen);
  const waiting = [...chosen];
  let missed = 0;
  const worker = async () => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const found = await hunt(mutant, isKept);
      if (found?.plan) keep(mutant, found.plan);
      if (found === null) missed++;
      const verdict =
        found === null
          ? `NOT FOUND in ${SEEDS_EACH} seeds`
          : `found${found.seed === null ? "" : ` by seed ${found.seed}`}: ${found.message}`;
      process.stdout.write(`${mutant.name}: ${verdict}\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  process.stdout.write(`${chosen.length - missed} passed, ${missed} failed\n`);
  return missed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
