import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { name, withRule } from "./facts.ts";
import { huntMutants } from "./mutants.ts";
import { LARGE, type Scenario, SMALL } from "./scenarios.ts";
import type { Outcome } from "./search.ts";
import { SITUATIONS } from "./situations.ts";

const USAGE = `npm run explore -- [--large] [--only WORDS] [--jobs N] [--mutants] [--until-found]

  --large        the bounds that take most of an hour, not those of CI
  --only WORDS   scenarios whose name contains this
  --jobs N       so many at a time (default: one for each core)
  --mutants      puts each known fault of votes, epochs and promotions into a copy of the core: each
                 must be found within the small bounds; --only WORDS: faults of that name
  --until-found  ends with the first violation`;

/** What a worker is asked for. */
export interface Task {
  readonly scenario: Scenario;
  readonly maxStates: number;
}

/** Most violations are near the beginning: each bound is looked at so far, before any is exhausted. */
const STATES_UNTIL_FOUND = [2_000, 8_000, Number.POSITIVE_INFINITY];

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      large: { type: "boolean" },
      only: { type: "string" },
      jobs: { type: "string" },
      mutants: { type: "boolean" },
      "until-found": { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const jobs = Number(values.jobs ?? availableParallelism());
  if (values.mutants) return await huntMutants(values.only ?? "", jobs);
  const isMeant = (scenario: Scenario) => scenario.name.includes(values.only ?? "");
  const bounds = values.large ? LARGE : SMALL;
  const scenarios = bounds.filter(isMeant);
  if (values["until-found"]) return await exploreUntilFound(scenarios);
  const met = new Set<string>();
  const failed = await exploreAll(scenarios, jobs, met);
  if (failed > 0 || scenarios.length < bounds.length) return failed;
  return tellMissing(met);
}

/** All bounds were exhausted: then they must have come upon everything that they are there for. */
function tellMissing(met: ReadonlySet<string>): number {
  const missing = SITUATIONS.filter((situation) => !met.has(situation));
  for (const situation of missing) process.stdout.write(`NEVER MET: ${situation}\n`);
  process.stdout.write(`${met.size} of ${SITUATIONS.length} situations met\n`);
  return missing.length;
}

/** How many violations were found: one, or none in all bounds. */
async function exploreUntilFound(scenarios: readonly Scenario[]): Promise<number> {
  for (const maxStates of STATES_UNTIL_FOUND) {
    for (const scenario of scenarios) {
      const startedAt = performance.now();
      const outcome = await explore(scenario, maxStates);
      if (outcome.found === null) continue;
      report(scenario, outcome, (performance.now() - startedAt) / 1_000);
      return 1;
    }
  }
  return 0;
}

async function exploreAll(
  scenarios: readonly Scenario[],
  jobs: number,
  met: Set<string>,
): Promise<number> {
  const waiting = [...scenarios];
  let failed = 0;
  const worker = async () => {
    for (let scenario = waiting.shift(); scenario; scenario = waiting.shift()) {
      const startedAt = performance.now();
      const outcome = await explore(scenario, Number.POSITIVE_INFINITY);
      report(scenario, outcome, (performance.now() - startedAt) / 1_000);
      for (const situation of outcome.situations) met.add(situation);
      if (outcome.found !== null || !outcome.isExhausted) failed++;
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  process.stdout.write(`${scenarios.length - failed} passed, ${failed} failed\n`);
  return failed;
}

async function explore(scenario: Scenario, maxStates: number): Promise<Outcome> {
  const task: Task = { scenario, maxStates };
  const file = fileURLToPath(new URL("worker.js", import.meta.url));
  const worker = new Worker(file, {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: 8_192 },
  });
  return await new Promise((resolve, reject) => {
    worker.on("message", resolve);
    worker.on("error", reject);
  });
}

function report(scenario: Scenario, outcome: Outcome, seconds: number): void {
  const { states, depth, moves, localStates, isExhausted, found, reached, situations } = outcome;
  const what = found ? "VIOLATION" : isExhausted ? "exhausted, no violation" : "NOT EXHAUSTED";
  process.stdout.write(
    `${scenario.name} (${boundOf(scenario)}): ${what}; ${states} states, depth ${depth}, ` +
      `${moves} moves, ${localStates} states of one Sentinel, ${Math.ceil(seconds)} s\n  reached: ${reached.join(" ")}\n  met: ${situations.join("; ")}\n`,
  );
  if (found) process.stdout.write(`${found.trace.join("\n")}\n${withRule(found.violation)}\n`);
}

/** Everything that bounds the exploration, in words. */
function boundOf(scenario: Scenario): string {
  const { sentinels, c, names, replicas, quorum, begins, budget, maxEpoch } = scenario;
  const limits = Object.entries(budget).filter(([, count]) => count > 0);
  const words = limits.map(([name, count]) => `${name} ${count}`).join(", ");
  return (
    `${sentinels} Sentinels${c.map((index) => `, ${name(index)} a C Sentinel`).join("")}, ` +
    `quorum ${quorum}, names: ${names}, ${replicas} replicas, begins ${begins}; ` +
    `at most: ${words}; epochs to ${maxEpoch}`
  );
}

process.exitCode = (await main()) === 0 ? 0 : 1;
