import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { LifeError, type LifeReport, live } from "./life.ts";
import { type LifePlan, planLife } from "./plan.ts";
import { shrink } from "./shrink.ts";

const USAGE = `npm run sim -- [--seed N] [--seeds COUNT] [--from N] [--seconds S] [--plan FILE]

  --seed N        one life, with its timeline when it fails
  --seeds COUNT   so many lives, from --from on (default: a random start)
  --seconds S     lives until the time is over
  --plan FILE     the life of a plan that an earlier failure printed`;

/** Lives clusters under fire until something breaks or the wish is fulfilled. */
function main(): number {
  const { values } = parseArgs({
    options: {
      seed: { type: "string" },
      seeds: { type: "string" },
      from: { type: "string" },
      seconds: { type: "string" },
      plan: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (values.plan !== undefined) return runPlan(JSON.parse(readFileSync(values.plan, "utf8")));
  if (values.seed !== undefined) return runPlan(planLife(Number(values.seed)));
  const from = Number(values.from ?? Math.floor(Math.random() * 1_000_000_000));
  const count = values.seeds === undefined ? Number.POSITIVE_INFINITY : Number(values.seeds);
  const seconds = Number(values.seconds ?? (values.seeds === undefined ? 60 : 1e9));
  return runMany(from, count, seconds);
}

function runPlan(plan: LifePlan): number {
  const failure = failureOf(plan);
  if (failure === null) {
    process.stdout.write(`seed ${plan.options.seed}: no violation\n`);
    return 0;
  }
  report(failure);
  return 1;
}

function runMany(from: number, count: number, seconds: number): number {
  const startedAt = performance.now();
  const total = { lives: 0, simulatedMs: 0, failovers: 0 };
  const elapsed = () => (performance.now() - startedAt) / 1_000;
  for (let seed = from; total.lives < count && elapsed() < seconds; seed++) {
    const outcome = attempt(planLife(seed));
    if (outcome instanceof LifeError) {
      report(outcome);
      return 1;
    }
    total.lives++;
    total.simulatedMs += outcome.simulatedMs;
    total.failovers += outcome.failovers;
  }
  const perMinute = Math.round((total.lives / elapsed()) * 60);
  const minutes = Math.round(total.simulatedMs / 60_000);
  process.stdout.write(
    `seeds ${from} to ${from + total.lives - 1}: no violation in ${total.lives} lives, ` +
      `${minutes} simulated minutes, ${total.failovers} elected leaders; ${perMinute} seeds per minute\n`,
  );
  return 0;
}

function attempt(plan: LifePlan): LifeReport | LifeError {
  try {
    return live(plan);
  } catch (error) {
    if (error instanceof LifeError) return error;
    throw error;
  }
}

function failureOf(plan: LifePlan): LifeError | null {
  const outcome = attempt(plan);
  return outcome instanceof LifeError ? outcome : null;
}

/** The seed, what happened, and the smallest plan that still fails in the same way. */
function report(failure: LifeError): void {
  const smallest = shrink(failure, failureOf);
  const { seed } = failure.plan.options;
  process.stdout.write(
    `${smallest.timeline}\n\nseed ${seed}: ${failure.message}\n` +
      `Replay: npm run sim -- --seed ${seed}\n` +
      `Shrunk from ${failure.plan.faults.length} to ${smallest.plan.faults.length} faults ` +
      `(--plan FILE replays it):\n${JSON.stringify(smallest.plan)}\n`,
  );
}

process.exitCode = main();
