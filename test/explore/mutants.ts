import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { plant } from "../sim/plant.ts";
import { type ExplorersMutant, explorersMutants } from "./mutant-list.ts";
import { LARGE } from "./scenarios.ts";

/** The first line behind the trace. */
const VIOLATION = /^(?:S\d+: )?(?:I\d+|quorum): .*$/m;

/** Each must be found within the small bounds, or the larger one that it names. */
export async function huntMutants(word: string, jobs: number): Promise<number> {
  const chosen = explorersMutants().filter(({ name }) => name.includes(word));
  const waiting = [...chosen];
  let missed = 0;
  const worker = async () => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const found = await hunt(mutant);
      if (found === null) missed++;
      process.stdout.write(`${mutant.name}: ${found ?? "NOT FOUND"}\n\n`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  process.stdout.write(`${chosen.length - missed} passed, ${missed} failed\n`);
  return missed === 0 ? 0 : 1;
}

/** The invariant that broke, and the trace that broke it; null: none did. */
async function hunt(mutant: ExplorersMutant): Promise<string | null> {
  const folder = plant(mutant, "explore-mutants", ["test/sim", "test/explore"]);
  const file = join(folder, "test", "explore", "explore.js");
  const { bound } = mutant;
  const where = bound === undefined ? [] : ["--only", bound];
  if (LARGE.some(({ name }) => name === bound)) where.push("--large");
  const child = spawn(process.execPath, [file, "--until-found", ...where], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await new Promise((ended) => child.on("close", ended));
  rmSync(folder, { recursive: true, force: true });
  const [violation] = VIOLATION.exec(output) ?? [];
  if (violation === undefined) return null;
  const lines = output.slice(0, output.indexOf(violation)).trimEnd().split("\n");
  const at = lines.findIndex((line) => line.includes("VIOLATION"));
  const [scenario] = (lines[at] ?? "").split(" (");
  // Behind the lines of what was reached and met.
  const trace = lines.slice(at + 3);
  const steps = trace.filter((line) => /^ *\d+ {2}/.test(line)).length;
  return `found: ${violation}; ${scenario}, in ${steps} steps:\n${trace.join("\n")}`;
}
