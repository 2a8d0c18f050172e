import type { SentinelKind, SentinelNode } from "../support/sentinel-node.ts";
import { type Benchmark, type BenchmarkRun, inTurns, pureKinds } from "./benchmark.ts";
import { atLeastOfC, type Figure } from "./figure.ts";
import { redisBenchmark } from "./redis-benchmark.ts";
import { withScene } from "./with-scene.ts";

const clients = 50;

/** Each lasts a second or so. */
const requestsByPipeline = { 1: 100_000, 16: 1_000_000, 64: 2_000_000 };

const questions = [
  {
    name: "GET-MASTER-ADDR",
    words: ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster"],
    figure: { unit: "requests/s", target: atLeastOfC(0.9) },
  },
  { name: "PING", words: ["PING"], figure: { unit: "requests/s" } },
] as const;

/** redis-benchmark against one Sentinel of each kind that watches one real master. */
export const requestsBenchmark: Benchmark = {
  name: "requests",
  runs: 3,
  measure: async (run) => {
    await withScene(async (scene) => {
      const master = await scene.redis();
      const config = [`sentinel monitor mymaster 127.0.0.1 ${master.port} 1`];
      const sentinels = new Map<SentinelKind, SentinelNode>();
      for (const kind of pureKinds(run))
        sentinels.set(kind, await scene.sentinel({ kind, config }));
      for (const question of questions) {
        for (const pipeline of [1, 16, 64] as const) {
          const figure: Figure = {
            name: `${question.name}, pipeline ${pipeline}`,
            ...question.figure,
          };
          run.say(figure.name);
          await measureAlternately(run, figure, sentinels, [
            ...["-n", String(requestsByPipeline[pipeline]), "-P", String(pipeline)],
            ...["-c", String(clients), ...question.words],
          ]);
        }
      }
    });
  },
};

async function measureAlternately(
  run: BenchmarkRun,
  figure: Figure,
  sentinels: ReadonlyMap<SentinelKind, SentinelNode>,
  args: readonly string[],
): Promise<void> {
  await inTurns(run.runs, [...sentinels], async ([kind, { port }]) => {
    run.record(figure, kind, await redisBenchmark(port, args));
  });
}
