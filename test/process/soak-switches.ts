import { BusyWriters } from "../support/busy-writers.ts";
import { type Cluster, newMaster, onlyMaster, settled, startCluster } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import type { Scene } from "../support/scene.ts";
import type { SentinelKind } from "../support/sentinel-node.ts";

const WRITERS = 8;
/** After so many the writers end, and each write that was acknowledged is looked for. */
const BATCH = 50;
const PATIENCE_MS = 60_000;

interface Figures {
  /** The longest time between two acknowledged writes of whichever writer, for each switch, in ms. */
  readonly gaps: number[];
  lost: number;
}

export interface SwitchOptions {
  readonly switches: number;
  /** In turns. */
  readonly methods: readonly string[];
  readonly kinds: readonly SentinelKind[];
}

/** Planned switches in a row, with writers. True when no acknowledged write was lost, and none failed. */
export async function switchAgainAndAgain(
  scene: Scene,
  { switches, methods, kinds }: SwitchOptions,
): Promise<boolean> {
  const cluster = await startCluster(scene, { sentinels: kinds, downAfterMs: 5_000 });
  const figures = new Map<string, Figures>(methods.map((one) => [one, { gaps: [], lost: 0 }]));
  let { master } = cluster;
  let acknowledged = 0;
  for (let done = 0; done < switches; ) {
    const method = methods[(done / BATCH) % methods.length] ?? "offset";
    const of = figures.get(method);
    if (of === undefined) throw new Error(`no figures of ${method}`);
    const count = Math.min(BATCH, switches - done);
    const batch = await switchWhileWriting(cluster, master, method, count);
    of.gaps.push(...batch.gaps);
    of.lost += batch.lost.length;
    acknowledged += batch.acknowledged;
    master = batch.master;
    done += count;
    print(`${done} of ${switches}: ${method} ${summary(batch.gaps)}, ${batch.lost.length} lost`);
    await master.call("FLUSHALL");
  }
  print(`\nlongest time between two acknowledged writes of ${WRITERS} writers, in ms:`);
  for (const [method, { gaps, lost }] of figures) {
    print(`  ${method}, ${gaps.length} switches: ${summary(gaps)}; writes lost: ${lost}`);
  }
  print(`${acknowledged} writes acknowledged`);
  return [...figures.values()].every(({ lost }) => lost === 0);
}

interface Batch {
  readonly master: RedisNode;
  readonly gaps: readonly number[];
  readonly lost: readonly string[];
  readonly acknowledged: number;
}

async function switchWhileWriting(
  cluster: Cluster,
  from: RedisNode,
  method: string,
  count: number,
): Promise<Batch> {
  const writers = new BusyWriters(cluster.sentinels, WRITERS);
  const gaps: number[] = [];
  let master = from;
  try {
    await goOn(cluster, writers);
    for (let turn = 0; turn < count; turn++) {
      writers.takeLongestGap();
      await ask(cluster, method);
      master = await newMaster(cluster, master, PATIENCE_MS);
      await onlyMaster(cluster, master, PATIENCE_MS);
      await goOn(cluster, writers);
      gaps.push(Math.round(writers.takeLongestGap()));
      await settled(cluster);
    }
  } catch (error) {
    await writers.end(master);
    throw error;
  }
  const lost = await writers.end(master);
  return { master, gaps, lost, acknowledged: writers.count };
}

async function ask({ scene, sentinels }: Cluster, method: string): Promise<void> {
  const leader = sentinels.find(({ kind }) => kind === "ours");
  const words = ["SENTINEL", "FAILOVER", "mymaster", "COORDINATED", "METHOD", method];
  const isAccepted = async () => (await leader?.call(...words).catch(() => null)) === "OK";
  await scene.until("it is accepted", isAccepted, PATIENCE_MS);
}

async function goOn({ scene }: Cluster, writers: BusyWriters): Promise<void> {
  const enough = writers.count + 25 * WRITERS;
  await scene.until("writes are taken", () => writers.count >= enough, PATIENCE_MS);
}

function summary(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return `median ${at(0.5)}, 95 of 100 below ${at(0.95)}, worst ${at(1)}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
