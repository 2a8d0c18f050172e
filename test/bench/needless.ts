import { setTimeout as wait } from "node:timers/promises";
import type { SentinelKind, SentinelNode } from "../support/sentinel-node.ts";
import { type Benchmark, type BenchmarkRun, inTurns, pureKinds } from "./benchmark.ts";
import { atMost, type Figure } from "./figure.ts";
import type { ClusterKind } from "./kinds.ts";
import { RealMasters } from "./masters.ts";
import { allSettled, masterName, startWatchers, type WatcherOptions } from "./watchers.ts";
import { withScene } from "./with-scene.ts";

const kills = 16;
const replicas = 2;
/** The failover is over by then, also with C, when the next master is killed. */
const betweenKillsMs = 2200;
/** After the last: what C's Sentinels said about the old master counts for 5 s. */
const lookMs = 6000;

const NEEDLESS_DOWN_AFTER_MS = 200;
/** How everybody begins: one of three Sentinels is ours. */
const FIRST: readonly SentinelKind[] = ["ours", "c", "c"];
const FIRST_DOWN_AFTER_MS = [300, 700, 1000, 1200, 2000];

interface Figures {
  readonly ofKilled: Figure;
  readonly ofHealthy: Figure;
}

function figuresOf(what: string, downAfterMs: number): Figures {
  const conditions = `${what}${kills} kills one by one, down-after ${downAfterMs}`;
  return {
    ofKilled: { name: `${conditions}: killed masters replaced`, unit: "count" },
    ofHealthy: {
      name: `${conditions}: new masters failed over needlessly`,
      unit: "count",
      target: atMost(0),
    },
  };
}

/** Is the new master, which nobody harmed, failed over as well? */
export const needlessBenchmark: Benchmark = {
  name: "needless",
  runs: 1,
  measure: (run) =>
    inTurns(run.runs, pureKinds(run), async (kind) => {
      const figures = figuresOf("", NEEDLESS_DOWN_AFTER_MS);
      await measureKind(run, kind, figures, { downAfterMs: NEEDLESS_DOWN_AFTER_MS });
    }),
};

/** The same for one of ours with two C Sentinels (`mixed`), beside three C ones. */
export const firstBenchmarks: readonly Benchmark[] = FIRST_DOWN_AFTER_MS.map((downAfterMs) => ({
  name: `first-${downAfterMs}`,
  runs: 1,
  measure: (run) =>
    inTurns(
      run.runs,
      run.kinds.filter((kind) => kind !== "ours"),
      async (kind) => {
        const members = kind === "mixed" ? { members: FIRST } : {};
        const figures = figuresOf("one of three: ", downAfterMs);
        await measureKind(run, kind, figures, { downAfterMs, ...members });
      },
    ),
}));

async function measureKind(
  run: BenchmarkRun,
  kind: ClusterKind,
  { ofKilled, ofHealthy }: Figures,
  options: WatcherOptions,
): Promise<void> {
  await withScene(async (scene) => {
    const masters = await RealMasters.start(scene, kills, replicas);
    const sentinels = await startWatchers(scene, kind, masters, options);
    await allSettled(sentinels, masters);
    run.say(`${kind}: killing ${kills} masters one after another`);
    const groups = Array.from({ length: kills }, (_, group) => group);
    for (const group of groups) {
      await masters.killMasters([group]);
      await wait(betweenKillsMs);
    }
    await wait(lookMs);
    const attempted = groups.map((group) => attemptedAddresses(group, sentinels));
    const count = (isCounted: (addresses: ReadonlySet<string>, group: number) => boolean) =>
      attempted.filter(isCounted).length;
    const isKilled = (one: string, group: number) => one === masters.master(group);
    run.record(
      ofKilled,
      kind,
      count((addresses, group) => addresses.has(masters.master(group))),
    );
    run.record(
      ofHealthy,
      kind,
      count((addresses, group) => [...addresses].some((one) => !isKilled(one, group))),
    );
  });
}

/** The masters of the group that some Sentinel tried to replace. */
function attemptedAddresses(
  group: number,
  sentinels: readonly SentinelNode[],
): ReadonlySet<string> {
  const tries = sentinels
    .flatMap(({ events }) => events.events)
    .filter(({ channel }) => channel === "+try-failover")
    .map(({ payload }) => payload.split(" "))
    .filter(([, name]) => name === masterName(group));
  return new Set(tries.map(([, , host, port]) => `${host}:${port}`));
}
