// Our Sentinel and Debian's redis-sentinel in turns: figures only, for README and for profiling.
import { parseArgs } from "node:util";
import type { Benchmark, BenchmarkRun } from "./benchmark.ts";
import { benchmarks } from "./benchmarks.ts";
import { type ClusterKind, clusterKinds } from "./kinds.ts";
import { defaultJsonPath, writeJson } from "./report.ts";
import { Results } from "./results.ts";
import { table } from "./table.ts";
import { cleanUpOnSignals } from "./with-scene.ts";

const usage = `npm run bench -- [--only NAME[,NAME...]] [--runs N] [--kind KIND[,KIND...]] [--json FILE]

  --only  these only; one of ${listed(benchmarks)}
  --runs  how often each is measured, in place of its own number
  --kind  of ${clusterKinds.join(", ")}; all of them unless named
  --json  where all samples go, by default a new file of the temporary folder
`;
const legend = "median / p90 / max (samples), medians of ours/C";

const results = new Results();
const failures: string[] = [];

cleanUpOnSignals();
process.exitCode = await main();

async function main(): Promise<number> {
  const values = readOptions();
  if (typeof values === "string") return refuse(values);
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const names = values.only?.split(",") ?? benchmarks.map(({ name }) => name);
  const unknown = names.filter((name) => !benchmarks.some((one) => one.name === name));
  if (unknown.length > 0) return refuse(`--only takes ${listed(benchmarks)}, not ${unknown}`);
  const kinds = clusterKinds.filter((kind) => values.kind.split(",").includes(kind));
  if (kinds.length !== values.kind.split(",").length) return refuse(`--kind takes ${clusterKinds}`);
  const runs = values.runs === undefined ? null : Number(values.runs);
  if (runs !== null && !(Number.isInteger(runs) && runs > 0))
    return refuse("--runs takes a number");
  const chosen = benchmarks.filter(({ name }) => names.includes(name));
  for (const one of chosen) await measure(one, kinds, runs ?? one.runs);
  if (chosen.length > 1) print(`\n${legend}\n${table(results.rows())}`);
  writeJson(values.json, results.rows(), failures);
  print(`\nEverything measured: ${values.json}`);
  for (const failure of failures) process.stderr.write(`bench: ${failure}\n`);
  return failures.length === 0 ? 0 : 1;
}

/** Or what is wrong with them. */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: "boolean", short: "h", default: false },
        only: { type: "string" },
        runs: { type: "string" },
        kind: { type: "string", default: clusterKinds.join() },
        json: { type: "string", default: defaultJsonPath() },
      },
    });
    return values;
  } catch (error) {
    return `${error instanceof Error ? error.message : error}\n${usage}`;
  }
}

async function measure(
  { name, measure: body }: Benchmark,
  kinds: readonly ClusterKind[],
  runs: number,
): Promise<void> {
  const startedAtMs = performance.now();
  const seconds = (): string => ((performance.now() - startedAtMs) / 1000).toFixed(0);
  const run: BenchmarkRun = {
    runs,
    kinds,
    record: (figure, kind, value) => results.add(name, figure, kind, value),
    say: (text) => process.stderr.write(`${name}, ${seconds()} s: ${text}\n`),
  };
  const failuresBefore = failures.length;
  try {
    await body(run);
  } catch (error) {
    failures.push(`${name} could not run: ${error instanceof Error ? error.message : error}`);
    run.say("FAILED");
  }
  const rows = results.rows(name);
  if (rows.length === 0 && failures.length === failuresBefore) {
    failures.push(`${name} has no figure for --kind ${kinds}`);
  }
  const command = `npm run bench -- --only ${name} --runs ${runs} --kind ${kinds}`;
  print(`\n${command}  (${seconds()} s)`);
  print(table(rows));
}

function listed(all: readonly Benchmark[]): string {
  return all.map(({ name }) => name).join(", ");
}

function refuse(why: string): number {
  process.stderr.write(`bench: ${why}\n`);
  return 1;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
