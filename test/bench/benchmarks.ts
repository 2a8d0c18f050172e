import type { Benchmark } from "./benchmark.ts";
import { requestsBenchmark } from "./requests.ts";
import { scaleBenchmarks } from "./scale.ts";

/** In the order in which they run. */
export const benchmarks: readonly Benchmark[] = [requestsBenchmark, ...scaleBenchmarks];
