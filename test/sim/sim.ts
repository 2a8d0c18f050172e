import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { attempt, type CampaignOptions, type FailedSeed, runCampaign } from "./campaign.ts";
import { LifeError } from "./life.ts";
import { type LifePlan, planLife } from "./plan.ts";
import { shrink } from "./shrink.ts";

const USAGE = `npm run sim -- [--seed N] [--seeds COUNT] [--from N] [--seconds S] [--jobs N] [--plan FILE]

  --seed N        one life, with its timeline when it fails
  --seeds COUNT   so many lives, from --from on (default: a random start)
  --seconds S     lives until the time is over (default 60, without --seeds)
  --jobs N        so many at a time (default: one for each core); a seed's life is the same
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
      brief: { type: "boolean" },
      "keep-going": { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const tell = values.brief ? tellBriefly : report;
  if (values.plan !== undefined) {
    return runPlan(JSON.parse(readFileSync(values.plan, "utf8")), tell);
  }
  if (values.seed !== undefined) return runPlan(planLife(Number(values.seed)), tell);
  const options = {
    from: Number(values.from ?? Math.floor(Math.random() * 1_000_000_000)),
    count: Number(values.seeds ?? Number.POSITIVE_INFINITY),
    seconds: Number(values.seconds ?? (values.seeds === undefined ? 60 : 1e9)),
    jobs: Number(values.jobs ?? availableParallelism()),
    keepGoing: values["keep-going"] === true,
    onFailed: values["keep-going"] ? tellSeed : () => undefined,
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
  const { lives, simulatedMs, elections, failed } = await runCampaign(options);
  const [first] = failed;
  if (first && !options.keepGoing) return runPlan(planLife(first.seed), tell);
  const seconds = (performance.now() - startedAt) / 1_000;
  const minutes = simulatedMs / 60_000;
  const { from, jobs } = options;
  process.stdout.write(
    `seeds ${from} to ${from + lives - 1}: ${failed.length || "no"} violation in ${lives} lives, ` +
      `${Math.round(minutes)} simulated minutes, ${elections} elected leaders; ` +
      `${Math.round((lives / seconds) * 60)} seeds per minute, ` +
      `${Math.round(minutes / seconds)} simulated minutes per second, ${jobs} at a time\n`,
  );
  return failed.length === 0 ? 0 : 1;
}

function tellBriefly({ plan, message }: LifeError): void {
  tellSeed({ seed: plan.options.seed, message });
}

function tellSeed({ seed, message }: FailedSeed): void {
  process.stdout.write(`seed ${seed}: ${message}\n`);
}

/** The seed, what happened, and the smallest plan that still fails in the same way. */
function report(failure: LifeError): void {
  const smallest = shrink(failure, (plan) => {
    const outcome = attempt(plan);
    return outcome instanceof LifeError ? outcome : null;
  });
  const { seed } = failure.plan.options;
  process.stdout.write(
    `${smallest.timeline}\n\nseed ${seed}: ${failure.message}\n` +
      `Replay: npm run sim -- --seed ${seed}\n` +
      `Shrunk from ${failure.plan.faults.length} to ${smallest.plan.faults.length} faults ` +
      `(--plan FILE replays it):\n${JSON.stringify(smallest.plan)}\n`,
  );
}

process.exitCode = await main();
