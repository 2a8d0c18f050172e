// npm run test:chaos -- [--scenario NAME] [--runs N] [--kind ours,mixed|c|all] [--jobs N] [--keep]
// Scenarios in network namespaces, then the hostile neighbours (--scenario hostile) on loopback.
import { parseArgs } from "node:util";
import { chaos } from "./chaos.ts";
import { chooseScenarios, kindNames } from "./choose.ts";
import { hostile, runHostile } from "./hostile.ts";
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
  const wanted = values.scenario;
  const scenarios = chooseScenarios(wanted.filter((name) => name !== hostile));
  if (typeof scenarios === "string") return refuse(scenarios);
  const kinds = kindNames(values.kind);
  if (kinds === null) return refuse("--kind is all, or some of ours,mixed,c.");
  const [runs, jobs] = [Number(values.runs), Number(values.jobs)];
  if (!(runs >= 1 && jobs >= 1)) return refuse("--runs and --jobs are numbers from 1 on.");
  if (insideSandbox()) {
    const folder = sandboxFolder();
    const passed = await chaos({ scenarios, kinds, runs, jobs, folder, keep: values.keep });
    return passed ? 0 : 1;
  }
  if (wanted.length === 1 && wanted[0] === hostile) return runHostile(runs);
  const why = whyNoSandbox();
  if (why !== null) return refuse(why);
  const status = await runInSandbox(args);
  const alsoHostile = wanted.length === 0 || wanted.includes(hostile);
  return alsoHostile ? Math.max(status, runHostile(runs)) : status;
}

function refuse(why: string): number {
  process.stderr.write(`test:chaos: ${why}\n`);
  return cannotRun;
}
