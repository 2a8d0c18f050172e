import type { Benchmark } from "./benchmark.ts";
import { failoverBenchmarks } from "./failover.ts";
import { manualBenchmarks } from "./manual.ts";
import { requestsBenchmark } from "./requests.ts";
import { scaleBenchmarks } from "./scale.ts";

/** In the order in which they run. */
export const benchmarks: readonly Benchmark[] = [
  ...failoverBenchmarks,
  ...manualBenchmarks,
  requestsBenchmark,
  ...scaleBenchmarks,
];
