import { BusyWriters } from "../support/busy-writers.ts";
import { type Cluster, newMaster, onlyMaster, settled } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";
import { type Benchmark, type BenchmarkRun, inTurns } from "./benchmark.ts";
import { withCluster } from "./failover.ts";
import { atMost, type Figure } from "./figure.ts";
import type { ClusterKind } from "./kinds.ts";

/** In one cluster, of each method. */
const SWITCHES = 5;
const METHODS = ["offset", "failover"] as const;

/**
 * Planned switches while one client writes without a pause: the longest time between two writes that were accepted, and
 * how many acknowledged ones the new master lacks. C has only a plain FAILOVER.
 */
export const coordinatedBenchmark: Benchmark = {
  name: "coordinated-3",
  runs: 3,
  measure: async (run) => {
    await inTurns(run.runs, run.kinds, async (kind, turn) => {
      run.say(`${kind}, ${turn} of ${run.runs}`);
      await withCluster(kind, 3, async (cluster) => await measure(run, kind, cluster));
    });
  },
};

async function measure(run: BenchmarkRun, kind: ClusterKind, cluster: Cluster): Promise<void> {
  if (kind === "c") {
    await switchOnce(run, kind, "plain", cluster, cluster.master);
    return;
  }
  let { master } = cluster;
  for (let turn = 0; turn < SWITCHES; turn++) {
    for (const method of METHODS) master = await switchOnce(run, kind, method, cluster, master);
  }
}

async function switchOnce(
  run: BenchmarkRun,
  kind: ClusterKind,
  method: "plain" | (typeof METHODS)[number],
  cluster: Cluster,
  old: RedisNode,
): Promise<RedisNode> {
  const { sentinels, scene } = cluster;
  const leader = sentinels.find((node) => node.kind === (kind === "c" ? "c" : "ours"));
  if (leader === undefined) throw new Error("no Sentinel to ask");
  const writers = new BusyWriters(sentinels, 1);
  await scene.until("it writes", () => writers.count > 100);
  writers.takeLongestGap();
  await scene.until("it is accepted", () => isAccepted(leader, method));
  const master = await newMaster(cluster, old);
  await onlyMaster(cluster, master);
  const enough = writers.count + 100;
  await scene.until("it goes on", () => writers.count > enough);
  const gapMs = writers.takeLongestGap();
  const lost = await writers.end(master);
  run.record(gap(method), kind, gapMs);
  run.record(lostWrites(method), kind, lost.length);
  await settled(cluster);
  return master;
}

async function isAccepted(leader: SentinelNode, method: string): Promise<boolean> {
  const words = method === "plain" ? [] : ["COORDINATED", "METHOD", method];
  const reply = leader.call("SENTINEL", "FAILOVER", "mymaster", ...words);
  return (await reply.catch(() => null)) === "OK";
}

/** C's only way stands beside ours by `offset`. */
function gap(method: string): Figure {
  const name = method === "failover" ? "by the servers' FAILOVER" : "planned switch";
  const figure = {
    name: `3 Sentinels, ${name}: longest time without a write`,
    unit: "ms",
  } as const;
  return method === "failover" ? figure : { ...figure, target: atMost(50) };
}

function lostWrites(method: string): Figure {
  const name = method === "failover" ? "by the servers' FAILOVER" : "planned switch";
  return { name: `3 Sentinels, ${name}: writes lost`, unit: "count", target: atMost(0) };
}
