import type { Benchmark } from "./benchmark.ts";
import { coordinatedBenchmark } from "./coordinated.ts";
import { failoverBenchmarks } from "./failover.ts";
import { fanOutBenchmarks } from "./fan-out.ts";
import { fenceReturnBenchmarks } from "./fence-return.ts";
import { hostileRequestsBenchmark } from "./hostile-requests.ts";
import { lostElectionBenchmark } from "./lost-election.ts";
import { manualBenchmarks } from "./manual.ts";
import { massBenchmarks } from "./mass.ts";
import { mastersReplyBenchmark } from "./masters-reply.ts";
import { firstBenchmarks, needlessBenchmark } from "./needless.ts";
import { onlookersBenchmark } from "./onlookers.ts";
import { requestsBenchmark } from "./requests.ts";
import { scaleBenchmarks } from "./scale.ts";
import { startUpBenchmark } from "./start-up.ts";

/** In the order in which they run. */
export const benchmarks: readonly Benchmark[] = [
  ...failoverBenchmarks,
  ...manualBenchmarks,
  ...fenceReturnBenchmarks,
  coordinatedBenchmark,
  lostElectionBenchmark,
  needlessBenchmark,
  ...firstBenchmarks,
  ...massBenchmarks,
  ...scaleBenchmarks,
  requestsBenchmark,
  mastersReplyBenchmark,
  hostileRequestsBenchmark,
  ...fanOutBenchmarks,
  onlookersBenchmark,
  startUpBenchmark,
];
