import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import {
  attempt,
  type CampaignOptions,
  type CampaignReport,
  type FailedSeed,
  planOf,
  runCampaign,
} from "./campaign.ts";
import { LifeError } from "./life.ts";
import type { LifePlan } from "./plan.ts";
import { shrink } from "./shrink.ts";
import { BRANCHES, branchesMissed } from "./sometimes.ts";
import { ALL_THEMES } from "./themes.ts";

/** A campaign that takes longer says so often how far it is. */
const PROGRESS_MS = 60_000;

const USAGE = `npm run sim -- [--seed N] [--seeds COUNT] [--from N] [--seconds S] [--jobs N] [--mixed] [--theme T] [--plan FILE]

  --seed N        one life, with its timeline when it fails
  --seeds COUNT   so many lives, from --from on (default: a random start)
  --seconds S     lives until the time is over (default 60, without --seeds)
  --jobs N        so many at a time (default: one for each core); a seed's life is the same
  --mixed         C Sentinels (a model of their rules) live among ours
  --theme T       what all of them are mostly about, in place of what each seed draws:
                  ${ALL_THEMES.join(", ")}
  --brief         of a failure, its seed and message only
  --keep-going    goes on after a failure and tells each seed that failed in a line
  --plan FILE     the life of a plan that an earlier failure printed`;

/** Lives clusters under fire until something breaks or the wish is fulfilled. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string" },
      seeds: { type: "string" },
      from: { type: "string" },
      seconds: { type: "string" },
      jobs: { type: "string" },
      plan: { type: "string" },
      mixed: { type: "boolean" },
      theme: { type: "string" },
      brief: { type: "boolean" },
      "keep-going": { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const tell = values.brief ? tellBriefly : tellWhole;
  if (values.plan !== undefined) {
    return runPlan(JSON.parse(readFileSync(values.plan, "utf8")), tell);
  }
  const theme = ALL_THEMES.find((one) => one === values.theme) ?? null;
  if (values.theme !== undefined && theme === null) throw new Error(`no theme ${values.theme}`);
  const kind = { isMixed: values.mixed === true, theme };
  if (values.seed !== undefined) return runPlan(planOf(kind, Number(values.seed)), tell);
  const options = {
    from: Number(values.from ?? Math.floor(Math.random() * 1_000_000_000)),
    count: Number(values.seeds ?? Number.POSITIVE_INFINITY),
    seconds: Number(values.seconds ?? (values.seeds === undefined ? 60 : 1e9)),
    jobs: Number(values.jobs ?? availableParallelism()),
    ...kind,
    keepGoing: values["keep-going"] === true,
    onFailed: values["keep-going"] ? tellSeed : () => undefined,
    progressMs: PROGRESS_MS,
    onProgress: tellProgress,
  };
  return runMany(options, tell);
}

type Tell = (failure: LifeError) => void;

function runPlan(plan: LifePlan, tell: Tell): number {
  const outcome = attempt(plan);
  if (outcome instanceof LifeError) {
    tell(outcome);
    return 1;
  }
  process.stdout.write(`seed ${plan.options.seed}: no violation\n`);
  return 0;
}

async function runMany(options: CampaignOptions, tell: Tell): Promise<number> {
  const startedAt = performance.now();
  const report = await runCampaign(options);
  const { lives, simulatedMs, elections, cElections, failed } = report;
  const [first] = failed;
  if (first && !options.keepGoing) return runPlan(planOf(options, first.seed), tell);
  const seconds = (performance.now() - startedAt) / 1_000;
  const minutes = simulatedMs / 60_000;
  const { from, jobs } = options;
  process.stdout.write(
    `seeds ${from} to ${from + lives - 1}: ${failed.length || "no"} violation in ${lives} lives, ` +
      `${Math.round(minutes)} simulated minutes, ${elections} elected leaders` +
      `${options.isMixed ? ` and ${cElections} C Sentinels` : ""}; ` +
      `${Math.round((lives / seconds) * 60)} seeds per minute, ` +
      `${Math.round(minutes / seconds)} simulated minutes per second, ${jobs} at a time\n`,
  );
  tellBranches(report);
  // Where C Sentinels lead, ours take a branch less often.
  const missed = options.isMixed ? [] : branchesMissed(lives, report.branches);
  for (const { name, within } of missed) {
    process.stdout.write(`No life of ${lives} shows this, one of ${within} should: ${name}\n`);
  }
  return failed.length + missed.length === 0 ? 0 : 1;
}

/** A line a minute, so that whoever waits for many lives, or reads a log, sees how they go. */
function tellProgress(sofar: CampaignReport, elapsedMs: number): void {
  const { lives, simulatedMs, elections, cElections, failed } = sofar;
  const minutes = elapsedMs / 60_000;
  process.stderr.write(
    `${Math.round(minutes)} min: ${lives} lives, ${Math.round(lives / minutes)} a minute, ` +
      `${Math.round(simulatedMs / 60_000)} simulated minutes, ${elections + cElections} elections, ` +
      `${failed.length} failures\n`,
  );
}

/** What the lives came upon, so that nobody trusts checks that had nothing to look at. */
function tellBranches(report: CampaignReport): void {
  const { lives, selections, judged, owed, given, branches } = report;
  const share = Math.round((1_000 * judged) / Math.max(1, selections)) / 10;
  process.stdout.write(`${selections} replicas chosen, ${share} % of the choices judged\n`);
  process.stdout.write(
    `${owed} times a majority and a fit replica were without a master amid faults, ` +
      `${given} times they had one in time and nothing changed before\n`,
  );
  for (const { name } of BRANCHES) {
    process.stdout.write(`${`${branches.get(name) ?? 0}`.padStart(8)} of ${lives}: ${name}\n`);
  }
}

function tellBriefly({ plan, message }: LifeError): void {
  tellSeed({ seed: plan.options.seed, message });
}

function tellSeed({ seed, message }: FailedSeed): void {
  process.stdout.write(`seed ${seed}: ${message}\n`);
}

/** The seed, what happened, and the smallest plan that still fails in the same way. */
function tellWhole(failure: LifeError): void {
  const smallest = shrink(failure, (plan) => {
    const outcome = attempt(plan);
    return outcome instanceof LifeError ? outcome : null;
  });
  const { seed, cSentinels = 0 } = failure.plan.options;
  process.stdout.write(
    `${smallest.timeline}\n\nseed ${seed}: ${failure.message}\n` +
      `Replay: npm run sim -- ${cSentinels > 0 ? "--mixed " : ""}--seed ${seed}\n` +
      `Shrunk from ${failure.plan.faults.length} to ${smallest.plan.faults.length} faults ` +
      `(--plan FILE replays it):\n${JSON.stringify(smallest.plan)}\n`,
  );
}

process.exitCode = await main();
