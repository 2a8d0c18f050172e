import { spawn } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { attempt } from "./campaign.ts";
import { LifeError } from "./life.ts";
import { MUTANTS, type Mutant } from "./mutant-list.ts";
import { planLife } from "./plan.ts";

const SEEDS_EACH = 1_500;
const FIRST_SEED = 1;

const root = fileURLToPath(import.meta.url).split(`${sep}dist${sep}`)[0] ?? "";
const dist = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** A copy of the compiled tree with one fault in it. */
function plant({ name, file, from, to }: Mutant): string {
  const folder = join(dist, "mutants", name.replaceAll(" ", "-"));
  rmSync(folder, { recursive: true, force: true });
  for (const part of ["src/core", "src/config", "src/runtime", "test/sim"]) {
    cpSync(join(dist, part), join(folder, part), { recursive: true });
  }
  const path = join(folder, ...(file.startsWith("src/") ? [file] : ["src", "core", file]));
  const text = readFileSync(path, "utf8");
  if (text.split(from).length !== 2) throw new Error(`${file} does not have once: ${from}`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  return folder;
}

interface Find {
  readonly seed: number;
  readonly message: string;
  /** The shrunk plan, if it was wanted. */
  readonly plan: object | null;
}

/** Resolves with what showed the fault, or null. A seed that the core itself fails shows nothing. */
async function hunt(mutant: Mutant, isShrunk: boolean): Promise<Find | null> {
  const folder = plant(mutant);
  let find = await search(folder, FIRST_SEED, isShrunk);
  while (find && !isLivedThrough(find.seed)) {
    process.stdout.write(`THE CORE ITSELF fails seed ${find.seed}: ${find.message}\n`);
    find = await search(folder, find.seed + 1, isShrunk);
  }
  rmSync(folder, { recursive: true, force: true });
  return find;
}

function isLivedThrough(seed: number): boolean {
  return !(attempt(planLife(seed)) instanceof LifeError);
}

async function search(folder: string, from: number, isShrunk: boolean): Promise<Find | null> {
  const sim = join(folder, "test", "sim", "sim.js");
  const range = ["--from", `${from}`, "--seeds", `${FIRST_SEED + SEEDS_EACH - from}`];
  const args = [sim, ...range, "--jobs", "1", ...(isShrunk ? [] : ["--brief"])];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
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

/** The real core must live through it ever after: `scenarios.test.ts`. */
function keep({ name }: Mutant, plan: object): void {
  const path = join(root, "test", "sim", "scenarios", `${name.replaceAll(" ", "-")}.json`);
  writeFileSync(path, `${JSON.stringify({ shows: name, ...plan }, null, 2)}\n`);
}

/**
 * With words, only the mutants whose name contains one of them; with `--keep`, the shrunk life that
 * shows each is kept as a scenario.
 */
async function main(args: readonly string[]): Promise<number> {
  const isKept = args.includes("--keep");
  const words = args.filter((arg) => arg !== "--keep");
  const isMeant = ({ name }: Mutant) => words.some((word) => name.includes(word));
  const chosen = words.length === 0 ? MUTANTS : MUTANTS.filter(isMeant);
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
          : `found by seed ${found.seed}: ${found.message}`;
      process.stdout.write(`${mutant.name}: ${verdict}\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  process.stdout.write(`${chosen.length - missed} passed, ${missed} failed\n`);
  return missed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
