import type { Scene } from "../support/scene.ts";
import type { SentinelKind } from "../support/sentinel-node.ts";
import { type Benchmark, type BenchmarkRun, inTurns, pureKinds } from "./benchmark.ts";
import { atMost, type Figure, type Target } from "./figure.ts";
import { type Masters, RealMasters } from "./masters.ts";
import { firstTime } from "./poll.ts";
import { SwitchCounter } from "./switch-counter.ts";
import { allSettled, masterName, outOfTilt, startWatchers, tiltsOf } from "./watchers.ts";
import { withFarm, withScene } from "./with-scene.ts";

/** After this the rest counts as not switched: the time printed is then a lower bound. */
const switchPoll = { everyMs: 50, timeoutMs: 90_000 };

interface Mass {
  readonly watched: number;
  readonly killed: number;
  readonly downAfterMs: number;
  /** For the last switch of all, beyond down-after. */
  readonly targetMs?: number;
}

/** Masters that die in the same instant, as when a rack or a network is lost. */
export const massBenchmarks: readonly Benchmark[] = [
  {
    name: "mass-12",
    runs: 3,
    measure: (run) =>
      inTurns(run.runs, pureKinds(run), async (kind) => {
        await withScene(async (scene) => {
          const masters = await RealMasters.start(scene, 12, 1);
          const mass = { watched: 12, killed: 12, downAfterMs: 2000, targetMs: 150 };
          await killMany(run, kind, scene, masters, mass);
        });
      }),
  },
  simulated({ watched: 100, killed: 100, downAfterMs: 5000 }),
  simulated({ watched: 500, killed: 250, downAfterMs: 5000, targetMs: 1500 }),
];

function simulated(mass: Mass): Benchmark {
  return {
    name: `mass-${mass.watched}`,
    runs: 1,
    measure: (run) =>
      inTurns(run.runs, pureKinds(run), async (kind) => {
        await withFarm(mass.watched, (scene, farm) => killMany(run, kind, scene, farm, mass));
      }),
  };
}

async function killMany(
  run: BenchmarkRun,
  kind: SentinelKind,
  scene: Scene,
  masters: Masters,
  mass: Mass,
): Promise<void> {
  const { killed, downAfterMs, targetMs } = mass;
  const sentinels = await startWatchers(scene, kind, masters, { downAfterMs });
  await allSettled(sentinels, masters);
  await outOfTilt(sentinels);
  const tiltsBefore = sentinels.map(tiltsOf);
  // Every other one, where not all die: neighbours in no order that a Sentinel keeps.
  const step = mass.watched / killed;
  const groups = Array.from({ length: killed }, (_, index) => index * step);
  const switches = new SwitchCounter(sentinels, groups.map(masterName));
  run.say(`${kind}: killing ${killed} of ${mass.watched}`);
  const killedAtMs = performance.now();
  await masters.killMasters(groups);
  const endedAtMs = await firstTime(
    "all switched",
    async () => switches.missing === 0,
    switchPoll,
  ).catch(() => performance.now());
  const lastAtMs = switches.missing === 0 ? switches.lastAtMs : endedAtMs;
  const target = targetMs === undefined ? null : atMost(targetMs);
  const record = (what: string, unit: Figure["unit"], value: number, limit: Target | null): void =>
    run.record(massFigure(mass, what, unit, limit), kind, value);
  record(
    "last +switch-master beyond down-after",
    "ms",
    lastAtMs - killedAtMs - downAfterMs,
    target,
  );
  record("never switched", "count", switches.missing, null);
  sentinels.forEach((sentinel, index) => {
    record("TILTs", "count", tiltsOf(sentinel) - (tiltsBefore[index] ?? 0), null);
  });
  run.say(`${kind}: ${(lastAtMs - killedAtMs).toFixed()} ms after the kill`);
}

function massFigure(
  { watched, killed }: Mass,
  what: string,
  unit: Figure["unit"],
  target: Target | null,
): Figure {
  const name = `${killed} of ${watched} masters killed at once: ${what}`;
  return target === null ? { name, unit } : { name, unit, target };
}
