import { setImmediate as turn } from "node:timers/promises";
import { type Cluster, newMaster, onlyMaster } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import { RespClient } from "../support/resp-client.ts";
import { type Benchmark, type BenchmarkRun, inTurns } from "./benchmark.ts";
import { withCluster } from "./failover.ts";
import { atMost } from "./figure.ts";
import type { ClusterKind } from "./kinds.ts";

const SENTINELS = 3;
const LIMIT_MS = 200;

/** How long an old master takes writes after its return, all of which are lost. */
export const fenceReturnBenchmarks: readonly Benchmark[] = [
  { name: "fence-return", runs: 3, measure },
];

async function measure(run: BenchmarkRun): Promise<void> {
  await inTurns(run.runs, run.kinds, async (kind, round) => {
    run.say(`${kind}, ${round} of ${run.runs}`);
    await withCluster(kind, SENTINELS, async (cluster) => await comeBack(run, kind, cluster));
  });
}

async function comeBack(run: BenchmarkRun, kind: ClusterKind, cluster: Cluster): Promise<void> {
  const old = cluster.master;
  await old.kill();
  const master = await newMaster(cluster, old);
  await onlyMaster(cluster, master);
  const taken = takesWritesMs(old);
  await old.restart();
  const name = "restarted old master: first to last write it takes";
  run.record({ name, unit: "ms", target: atMost(LIMIT_MS) }, kind, await taken);
}

/** A busy writer that knows its address and asks nobody, until it is refused. */
async function takesWritesMs({ port }: RedisNode): Promise<number> {
  let client: RespClient | null = null;
  let [firstAt, lastAt] = [0, 0];
  for (;;) {
    while (client === null || client.closed) {
      client = await RespClient.open({ port }).catch(() => null);
      await turn();
    }
    const reply = await client.call("SET", "key", "value").catch(String);
    if (`${reply}`.includes("READONLY")) return lastAt - firstAt;
    if (reply !== "OK") continue;
    lastAt = performance.now();
    firstAt ||= lastAt;
  }
}
