// npm run test:chaos -- [--scenario NAME] [--runs N] [--kind ours|mixed|c|all] [--jobs N] [--keep]
import { parseArgs } from "node:util";
import { chaos } from "./chaos.ts";
import { chooseScenarios, kindNames } from "./choose.ts";
import { insideSandbox, runInSandbox, sandboxFolder, whyNoSandbox } from "./sandbox.ts";

/** Told apart from a failed scenario: nothing was tried. */
const cannotRun = 77;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: "string", multiple: true, default: [] },
      runs: { type: "string", default: "1" },
      kind: { type: "string", default: "all" },
      jobs: { type: "string", default: "3" },
      keep: { type: "boolean", default: false },
    },
  });
  const scenarios = chooseScenarios(values.scenario);
  if (typeof scenarios === "string") return refuse(scenarios);
  const kinds = kindNames(values.kind);
  if (kinds === null) return refuse("--kind is one of ours, mixed, c, all.");
  const why = whyNoSandbox();
  if (why !== null) return refuse(why);
  if (!insideSandbox()) return await runInSandbox(args);
  const { runs, jobs, keep } = values;
  const folder = sandboxFolder();
  const passed = await chaos({
    scenarios,
    kinds,
    keep,
    folder,
    runs: Number(runs),
    jobs: Number(jobs),
  });
  return passed ? 0 : 1;
}

function refuse(why: string): number {
  process.stderr.write(`test:chaos: ${why}\n`);
  return cannotRun;
}
