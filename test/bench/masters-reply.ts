import { setTimeout as wait } from "node:timers/promises";
import type { SentinelKind } from "../support/sentinel-node.ts";
import { type Benchmark, type BenchmarkRun, inTurns, pureKinds } from "./benchmark.ts";
import { atMostOfC, type Figure } from "./figure.ts";
import { cpuSeconds } from "./process-cost.ts";
import { redisBenchmark } from "./redis-benchmark.ts";
import { allSettled, startWatchers } from "./watchers.ts";
import { withFarm } from "./with-scene.ts";

const watched = 100;
const requests = 5000;
const idleSeconds = 5;

const cpuPerRequest: Figure = {
  name: `SENTINEL MASTERS with ${watched} masters: CPU per request`,
  unit: "us",
  target: atMostOfC(1.2),
};

/** The longest of the common answers, less what the Sentinel costs without any client. */
export const mastersReplyBenchmark: Benchmark = {
  name: "masters-reply",
  runs: 1,
  measure: (run) =>
    inTurns(run.runs, pureKinds(run), async (kind, turn) => {
      run.say(`${kind}, ${turn} of ${run.runs}`);
      await measure(run, kind);
    }),
};

async function measure(run: BenchmarkRun, kind: SentinelKind): Promise<void> {
  await withFarm(watched, async (scene, farm) => {
    const sentinels = await startWatchers(scene, kind, farm, { sentinels: 1 });
    await allSettled(sentinels, farm);
    for (const { child, port } of sentinels) {
      const idle = await cpuWhile(child.pid, () => wait(idleSeconds * 1000));
      const args = ["-n", String(requests), "-c", "1", "SENTINEL", "MASTERS"];
      const busy = await cpuWhile(child.pid, () => redisBenchmark(port, args));
      const forRequests = busy.cpuSeconds - (idle.cpuSeconds / idle.seconds) * busy.seconds;
      run.record(cpuPerRequest, kind, (forRequests * 1e6) / requests);
    }
  });
}

async function cpuWhile(
  pid: number,
  body: () => Promise<unknown>,
): Promise<{ readonly cpuSeconds: number; readonly seconds: number }> {
  const [cpuBefore, startedAtMs] = [cpuSeconds(pid), performance.now()];
  await body();
  const seconds = (performance.now() - startedAtMs) / 1000;
  return { cpuSeconds: cpuSeconds(pid) - cpuBefore, seconds };
}
