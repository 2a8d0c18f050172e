import { setTimeout as wait } from "node:timers/promises";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { firstWriteOnNewMaster } from "./asking-client.ts";
import { type Benchmark, type BenchmarkRun, inTurns } from "./benchmark.ts";
import { atMost, type Figure, type Target } from "./figure.ts";
import { type ClusterKind, membersOf } from "./kinds.ts";
import { StageRecorder } from "./stage-recorder.ts";
import { withScene } from "./with-scene.ts";

const master = "mymaster";
/** As in the measurements of issue 5; less makes C fail over twice in a row. */
const downAfterMs = 2000;
const replicas = 2;

type Death = "killed" | "hung";

/** Death of the master, stage by stage from the quorum-th +sdown. */
export const failoverBenchmarks: readonly Benchmark[] = [
  ...forDeath("killed", "kill"),
  ...forDeath("hung", "hang"),
];

function forDeath(death: Death, word: string): readonly Benchmark[] {
  return [
    { name: `${word}-3`, runs: 5, measure: (run) => measure(run, 3, death) },
    { name: `${word}-5`, runs: 3, measure: (run) => measure(run, 5, death) },
  ];
}

async function measure(run: BenchmarkRun, sentinels: number, death: Death): Promise<void> {
  await inTurns(run.runs, run.kinds, async (kind, turn) => {
    run.say(`${kind}, ${turn} of ${run.runs}`);
    await withCluster(kind, sentinels, async (cluster) => {
      await failOver(run, kind, turn, cluster, death);
    });
  });
}

/** A fresh, settled cluster for each failover: none inherits the state of the one before. */
export async function withCluster(
  kind: ClusterKind,
  sentinels: number,
  body: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  await withScene(async (scene) => {
    const cluster = await startCluster(scene, {
      replicas,
      sentinels: membersOf(kind, sentinels),
      quorum: quorumOf(sentinels),
      downAfterMs,
    });
    // So that the phase of no period is the same each time.
    await wait(Math.random() * 1000);
    await body(cluster);
  });
}

function quorumOf(sentinels: number): number {
  return Math.floor(sentinels / 2) + 1;
}

async function failOver(
  run: BenchmarkRun,
  kind: ClusterKind,
  turn: number,
  { master: old, sentinels }: Cluster,
  death: Death,
): Promise<void> {
  const asked = sentinels[turn % sentinels.length];
  if (asked === undefined) throw new Error("no Sentinel to ask");
  const recorder = new StageRecorder(sentinels, master, old.address);
  const firstWrite = firstWriteOnNewMaster(asked, master, old.address);
  const diedAtMs = performance.now();
  old.child.signal(death === "killed" ? "SIGKILL" : "SIGSTOP");
  const [writtenAtMs, stages] = await Promise.all([
    firstWrite,
    recorder.stages(quorumOf(sentinels.length)),
  ]);
  const { quorumSdownAtMs, electedAtMs, allAnswerAtMs, allSwitchedAtMs } = stages;
  if (quorumSdownAtMs === null) throw new Error("a failover without the quorum's +sdown");
  const record = (what: string, ms: number, target: Target | null): void =>
    run.record(stageFigure(sentinels.length, death, what, target), kind, ms);
  const toSdown = quorumSdownAtMs - diedAtMs - downAfterMs;
  record("to quorum-th +sdown beyond down-after", toSdown, death === "hung" ? atMost(150) : null);
  record("quorum-th +sdown to +elected-leader", electedAtMs - quorumSdownAtMs, atMost(10));
  record("quorum-th +sdown to first write", writtenAtMs - quorumSdownAtMs, atMost(40));
  record("quorum-th +sdown to all answering", allAnswerAtMs - quorumSdownAtMs, atMost(40));
  record("quorum-th +sdown to all +switch-master", allSwitchedAtMs - quorumSdownAtMs, atMost(250));
}

export function stageFigure(
  sentinels: number,
  incident: string,
  what: string,
  target: Target | null,
): Figure {
  const name = `${sentinels} Sentinels, ${incident}: ${what}`;
  return target === null ? { name, unit: "ms" } : { name, unit: "ms", target };
}
