import { setTimeout as wait } from "node:timers/promises";
import type { SentinelKind, SentinelNode } from "../support/sentinel-node.ts";
import { type Benchmark, type BenchmarkRun, inTurns, pureKinds } from "./benchmark.ts";
import type { Farm } from "./farm/farm.ts";
import { atMost, type Figure } from "./figure.ts";
import { cpuSeconds, rssMiB } from "./process-cost.ts";
import { quantile } from "./results.ts";
import { allSettled, outOfTilt, startWatchers, tiltsOf } from "./watchers.ts";
import { withFarm } from "./with-scene.ts";

const costMs = 20_000;
const pingMs = 10_000;
const pingPauseMs = 5;
/** Discovery leaves garbage and delayed work behind, which is not yet the steady state. */
const calmMs = 5000;

const cpuTargets: Readonly<Record<number, number>> = { 100: 1.5, 500: 5, 1000: 9 };
const rssTargets: Readonly<Record<number, number>> = { 1: 60, 1000: 180 };

/** What three Sentinels cost that watch so many masters, each with a replica. */
export const scaleBenchmarks: readonly Benchmark[] = [1, 100, 500, 1000].map((masters) => ({
  name: `masters-${masters}`,
  runs: 1,
  measure: (run) =>
    inTurns(run.runs, pureKinds(run), async (kind) => {
      run.say(`${kind}: ${masters} masters`);
      await withFarm(masters, async (scene, farm) => {
        const startedAtMs = performance.now();
        const sentinels = await startWatchers(scene, kind, farm, { downAfterMs: 30_000 });
        await recordSettling(run, kind, farm, sentinels, startedAtMs);
        await outOfTilt(sentinels);
        await wait(calmMs);
        await recordCost(run, kind, farm, sentinels);
        await recordPing(run, kind, farm, sentinels);
        const tilts = figure(farm, "TILTs since the start", "count", { 1000: 0 });
        for (const sentinel of sentinels) run.record(tilts, kind, tiltsOf(sentinel));
      });
    }),
}));

async function recordSettling(
  run: BenchmarkRun,
  kind: SentinelKind,
  farm: Farm,
  sentinels: readonly SentinelNode[],
  startedAtMs: number,
): Promise<void> {
  await allSettled(sentinels, farm);
  const seconds = (performance.now() - startedAtMs) / 1000;
  run.record(figure(farm, "settled after the start", "s", { 1000: 20 }), kind, seconds);
  run.say(`${kind}: settled after ${seconds.toFixed(1)} s`);
}

async function recordCost(
  run: BenchmarkRun,
  kind: SentinelKind,
  farm: Farm,
  sentinels: readonly SentinelNode[],
): Promise<void> {
  const pids = [...sentinels.map(({ child }) => child.pid), farm.pid];
  const before = pids.map(cpuSeconds);
  const fromMs = performance.now();
  await wait(costMs);
  const minutes = (performance.now() - fromMs) / 60_000;
  const perMinute = pids.map((pid, index) => (cpuSeconds(pid) - (before[index] ?? 0)) / minutes);
  const serversPerMinute = perMinute.pop() ?? Number.NaN;
  for (const each of perMinute) run.record(figure(farm, "CPU", "s/min", cpuTargets), kind, each);
  run.record(figure(farm, "CPU of the simulated servers", "s/min"), kind, serversPerMinute);
  for (const { child } of sentinels) {
    run.record(figure(farm, "RSS", "MiB", rssTargets), kind, rssMiB(child.pid));
  }
}

async function recordPing(
  run: BenchmarkRun,
  kind: SentinelKind,
  farm: Farm,
  [sentinel]: readonly SentinelNode[],
): Promise<void> {
  if (sentinel === undefined) return;
  const times: number[] = [];
  const untilMs = performance.now() + pingMs;
  while (performance.now() < untilMs) {
    const sentAtMs = performance.now();
    await sentinel.call("PING");
    times.push(performance.now() - sentAtMs);
    await wait(pingPauseMs);
  }
  const sorted = times.toSorted((a, b) => a - b);
  run.record(figure(farm, "PING p99", "ms", { 1000: 10 }), kind, quantile(sorted, 0.99));
  run.record(figure(farm, "PING slowest", "ms"), kind, sorted.at(-1) ?? Number.NaN);
}

function figure(
  { groups }: Farm,
  what: string,
  unit: Figure["unit"],
  targets: Readonly<Record<number, number>> = {},
): Figure {
  const name = `${groups} master${groups === 1 ? "" : "s"}: ${what}`;
  const target = targets[groups];
  return target === undefined ? { name, unit } : { name, unit, target: atMost(target) };
}
