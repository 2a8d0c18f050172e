import { setTimeout as wait } from "node:timers/promises";
import type { SentinelNode } from "../support/sentinel-node.ts";
import { type Benchmark, inTurns, pureKinds } from "./benchmark.ts";
import { atMost, type Figure } from "./figure.ts";
import { RealMasters } from "./masters.ts";
import { allSettled, masterName, startWatchers } from "./watchers.ts";
import { withScene } from "./with-scene.ts";

const kills = 16;
const replicas = 2;
const downAfterMs = 200;
/** The failover is over by then, also with C, when the next master is killed. */
const betweenKillsMs = 2200;
/** After the last: what C's Sentinels said about the old master counts for 5 s. */
const lookMs = 6000;

const conditions = `${kills} kills one by one, down-after ${downAfterMs}`;
const ofKilled: Figure = { name: `${conditions}: killed masters replaced`, unit: "count" };
const ofHealthy: Figure = {
  name: `${conditions}: new masters failed over needlessly`,
  unit: "count",
  target: atMost(0),
};

/** Is the new master, which nobody harmed, failed over as well? */
export const needlessBenchmark: Benchmark = {
  name: "needless",
  runs: 1,
  measure: (run) =>
    inTurns(run.runs, pureKinds(run), async (kind) => {
      await withScene(async (scene) => {
        const masters = await RealMasters.start(scene, kills, replicas);
        const sentinels = await startWatchers(scene, kind, masters, { downAfterMs });
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
        run.record(
          ofKilled,
          kind,
          count((addresses, group) => addresses.has(masters.master(group))),
        );
        run.record(
          ofHealthy,
          kind,
          count((addresses, group) => [...addresses].some((one) => one !== masters.master(group))),
        );
      });
    }),
};

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
