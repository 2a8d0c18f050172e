// npm run bench:guard
// What a Sentinel of ours costs the processor beside a C one that does the same at the same time. It fails when one of
// the ratios is a third above what it was when its bound was set. For figures, see bench.ts.
import { setTimeout as wait } from "node:timers/promises";
import type { Scene } from "../support/scene.ts";
import type { SentinelKind, SentinelNode } from "../support/sentinel-node.ts";
import { inTurns } from "./benchmark.ts";
import { Farm } from "./farm/farm.ts";
import { mainThreadMillis } from "./process-cost.ts";
import { redisBenchmark } from "./redis-benchmark.ts";
import { summarise } from "./results.ts";
import { allSettled, startWatchers } from "./watchers.ts";
import { cleanUpOnSignals, withScene } from "./with-scene.ts";

const kinds: readonly SentinelKind[] = ["ours", "c"];
const masters = 25;
/** Discovery is over, and the code that recurs is compiled. */
const calmMs = 10_000;
const windows = 3;
const windowMs = 3_000;
/** So many attempts: a machine that is busy just now may be less so a minute later. */
const attempts = 2;

interface Guarded {
  readonly name: string;
  /** The most that ours may take of what the C program takes. */
  readonly bound: number;
  measure(sentinels: Sentinels): Promise<Costs>;
}

type Sentinels = Readonly<Record<SentinelKind, readonly SentinelNode[]>>;
/** Milliseconds of the processor, each of one Sentinel and one turn. */
type Costs = Readonly<Record<SentinelKind, number[]>>;

/** Bounds: four thirds of the ratios of 2026-11-29, on two cores with a load of 20. */
const guarded: readonly Guarded[] = [
  { name: `${masters} masters, idle`, bound: 3.6, measure: idle },
  request("PING, pipeline 1", 2.1, 10_000, ["-P", "1", "PING"]),
  request("GET-MASTER-ADDR, pipeline 16", 2.1, 60_000, [
    ...["-P", "16", "SENTINEL", "GET-MASTER-ADDR-BY-NAME", "m0"],
  ]),
  request(`MASTERS, ${masters} of them`, 2.2, 600, ["-c", "1", "SENTINEL", "MASTERS"]),
];

cleanUpOnSignals();
process.exitCode = await main();

async function main(): Promise<number> {
  let dear: readonly string[] = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    dear = await withScene(compare);
    if (dear.length === 0) return 0;
  }
  process.stderr.write(`bench:guard: dearer by more than a third: ${dear.join("; ")}\n`);
  return 1;
}

/** The names of what is too dear. */
async function compare(scene: Scene): Promise<string[]> {
  const farms = await Promise.all(kinds.map(() => Farm.start(scene, masters)));
  try {
    const sentinels = await watch(scene, farms);
    await wait(calmMs);
    const dear: string[] = [];
    for (const { name, bound, measure } of guarded) {
      const { ours, c } = await measure(sentinels);
      const ratio = summarise(ours).median / summarise(c).median;
      process.stdout.write(`${name}: ${ratio.toFixed(2)} of C, at most ${bound}\n`);
      if (!(ratio <= bound)) dear.push(name);
    }
    return dear;
  } finally {
    await Promise.all(farms.map((farm) => farm.stop()));
  }
}

/** Three of each kind, with servers of their own. */
async function watch(scene: Scene, farms: readonly Farm[]): Promise<Sentinels> {
  const all = kinds.map(async (kind, at) => {
    const farm = farms[at];
    if (farm === undefined) throw new Error("no servers");
    const sentinels = await startWatchers(scene, kind, farm, { downAfterMs: 30_000 });
    await allSettled(sentinels, farm);
    return sentinels;
  });
  const [ours = [], c = []] = await Promise.all(all);
  return { ours, c };
}

/** In the same windows of time, so that what else the machine does falls on both. */
async function idle({ ours, c }: Sentinels): Promise<Costs> {
  const costs: Costs = { ours: [], c: [] };
  for (let window = 0; window < windows; window++) {
    const spent = [...ours, ...c].map(({ child }) => costSince(child.pid));
    await wait(windowMs);
    spent.forEach((cost, at) => {
      costs[at < ours.length ? "ours" : "c"].push(cost());
    });
  }
  return costs;
}

/** Less what watching costs meanwhile, which is little beside it. */
function request(name: string, bound: number, count: number, words: readonly string[]): Guarded {
  const measure = async (sentinels: Sentinels): Promise<Costs> => {
    const costs: Costs = { ours: [], c: [] };
    await inTurns(windows + 1, kinds, async (kind, turn) => {
      const [sentinel] = sentinels[kind];
      if (sentinel === undefined) throw new Error("no Sentinel");
      const cost = costSince(sentinel.child.pid);
      await redisBenchmark(sentinel.port, ["-n", `${count}`, ...words]);
      // The first turn finds the code cold.
      if (turn > 1) costs[kind].push(cost());
    });
    return costs;
  };
  return { name, bound, measure };
}

function costSince(pid: number): () => number {
  const before = mainThreadMillis(pid);
  return () => mainThreadMillis(pid) - before;
}
