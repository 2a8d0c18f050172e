import type { Cluster } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import { firstWriteOnNewMaster } from "./asking-client.ts";
import { type Benchmark, type BenchmarkRun, inTurns } from "./benchmark.ts";
import { stageFigure, withCluster } from "./failover.ts";
import { atMost } from "./figure.ts";
import type { ClusterKind } from "./kinds.ts";
import { firstTime } from "./poll.ts";
import { StageRecorder } from "./stage-recorder.ts";

const master = "mymaster";
const rolePoll = { everyMs: 5, timeoutMs: 60_000 };

/** SENTINEL FAILOVER of a healthy master, from its OK on. */
export const manualBenchmarks: readonly Benchmark[] = [
  { name: "manual-3", runs: 3, measure: (run) => measure(run, 3) },
  { name: "manual-5", runs: 2, measure: (run) => measure(run, 5) },
];

async function measure(run: BenchmarkRun, sentinels: number): Promise<void> {
  await inTurns(run.runs, run.kinds, async (kind, turn) => {
    run.say(`${kind}, ${turn} of ${run.runs}`);
    await withCluster(kind, sentinels, async (cluster) => {
      await failOver(run, kind, turn, cluster);
    });
  });
}

async function failOver(
  run: BenchmarkRun,
  kind: ClusterKind,
  turn: number,
  { master: old, redises, sentinels }: Cluster,
): Promise<void> {
  const leader = sentinels[turn % sentinels.length];
  const asked = sentinels[(turn + 1) % sentinels.length];
  if (leader === undefined || asked === undefined) throw new Error("no Sentinel to ask");
  const recorder = new StageRecorder(sentinels, master, old.address);
  const firstWrite = firstWriteOnNewMaster(asked, master, old.address);
  await leader.call("SENTINEL", "FAILOVER", master);
  const okAtMs = performance.now();
  const oldFollows = firstTime("the old master a replica", () => isReplica(old), rolePoll);
  const others = redises.filter((node) => node !== old);
  const othersFollow = firstTime("all replicas following", () => oneLeads(others), rolePoll);
  const [writtenAtMs, stages, followAtMs, oldFollowsAtMs] = await Promise.all([
    firstWrite,
    recorder.stages(1),
    othersFollow,
    oldFollows,
  ]);
  const record = (what: string, untilMs: number, limitMs: number): void => {
    const figure = stageFigure(sentinels.length, "manual", what, atMost(limitMs));
    run.record(figure, kind, untilMs - okAtMs);
  };
  record("OK to first write", writtenAtMs, 50);
  record("OK to all following and switched", Math.max(followAtMs, stages.allSwitchedAtMs), 250);
  record("two masters, OK to the old one a replica", oldFollowsAtMs, 100);
}

async function isReplica(node: RedisNode): Promise<boolean> {
  const reply = await node.call("ROLE");
  return Array.isArray(reply) && reply[0] === "slave";
}

/** One of them is a master, and each other is a connected replica of it. */
async function oneLeads(nodes: readonly RedisNode[]): Promise<boolean> {
  const roles = await Promise.all(nodes.map((node) => node.call("ROLE")));
  const leader = nodes.find((_, index) => wordsOf(roles[index])[0] === "master");
  const expected = `slave,127.0.0.1,${leader?.port},connected`;
  const following = roles.filter((reply) => wordsOf(reply).slice(0, 4).join() === expected);
  return leader !== undefined && following.length === nodes.length - 1;
}

function wordsOf(reply: unknown): readonly string[] {
  return Array.isArray(reply) ? reply.map(String) : [];
}
