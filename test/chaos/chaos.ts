import { rmSync } from "node:fs";
import { join } from "node:path";
import { arrange, type ClusterKind } from "./choose.ts";
import { prepareSandbox } from "./fabric.ts";
import type { Scenario } from "./scenario.ts";
import { row, table } from "./table.ts";
import { type Outcome, runTrial } from "./trial.ts";

export interface ChaosOptions {
  readonly scenarios: readonly Scenario[];
  readonly kinds: readonly ClusterKind[];
  readonly runs: number;
  /** Clusters at the same time: they mostly wait. */
  readonly jobs: number;
  readonly keep: boolean;
  readonly folder: string;
}

interface Job {
  readonly scenario: Scenario;
  readonly kind: ClusterKind;
  /** Decides which Sentinel stands beside the first master. */
  readonly round: number;
}

export interface Result extends Outcome {
  readonly scenario: string;
  readonly kind: ClusterKind;
}

/** false: a scenario failed in which one of our Sentinels took part. */
export async function chaos(options: ChaosOptions): Promise<boolean> {
  await prepareSandbox();
  const startedMs = performance.now();
  const queue = jobsOf(options);
  const total = queue.length;
  const results: Result[] = [];
  const work = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const result = await runJob(job, options);
      results.push(result);
      process.stdout.write(`${results.length}/${total} ${row(result)}\n`);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  const seconds = (performance.now() - startedMs) / 1000;
  const failed = results.filter(({ failure, kind }) => failure !== null && kind !== "C").length;
  process.stdout.write(
    `\n${table(results, options.kinds)}\n\n${total} runs, ${seconds.toFixed()} s\n`,
  );
  process.stdout.write(`${total - failed} passed, ${failed} failed\n`);
  return failed === 0;
}

function jobsOf({ scenarios, kinds, runs }: ChaosOptions): Job[] {
  return Array.from({ length: runs }, (_, run) =>
    scenarios.flatMap((scenario, index) =>
      kinds.map((kind) => ({ scenario, kind, round: run + index })),
    ),
  ).flat();
}

/** Hosts that cannot be built or taken down are a failure of their run, not the end of all. */
function notEvenStarted(error: unknown): Outcome {
  return { figures: null, failure: String(error), notes: [] };
}

let runCount = 0;

async function runJob(job: Job, options: ChaosOptions): Promise<Result> {
  const { scenario, kind, round } = job;
  const name = `${++runCount}-${scenario.name}-${kind.replaceAll(" ", "")}`;
  const folder = join(options.folder, name);
  const kinds = arrange(kind, round);
  const trial = { scenario, kinds, folder, keep: options.keep };
  const outcome = await runTrial(trial).catch(notEvenStarted);
  if (outcome.failure === null && !options.keep) rmSync(folder, { recursive: true });
  return { ...outcome, scenario: scenario.name, kind };
}
