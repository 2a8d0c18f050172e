import { type Cluster, newMaster, onlyMaster, settled, startCluster } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import type { Scene } from "../support/scene.ts";

const downAfterMs = 1000;

/** Milliseconds after the kill, or after the restart of the old master. */
interface Round {
  readonly switchedMs: number;
  readonly agreedMs: number;
  readonly followedMs: number;
  readonly returnedMs: number;
}

/**
 * Kills the master, whoever that is, again and again; the killed one comes back by itself before
 * the next kill. True when every round ended with one master that all Sentinels name.
 */
export async function failOverAgainAndAgain(scene: Scene, kills: number): Promise<boolean> {
  const cluster = await startCluster(scene, { downAfterMs });
  const rounds: Round[] = [];
  let failed = 0;
  for (let kill = 1; kill <= kills; kill++) {
    try {
      const round = await failOverOnce(cluster);
      rounds.push(round);
      print(`kill ${kill}: switched ${round.switchedMs} ms, agreed ${round.agreedMs} ms`);
    } catch (error) {
      failed += 1;
      print(`kill ${kill} FAILED: ${String(error)}\n${scene.describe()}`);
      await recover(cluster);
    }
  }
  print(`\nafter the kill, in ms, with down-after ${downAfterMs} ms of it:`);
  print(`  first +switch-master     ${summary(rounds.map((round) => round.switchedMs))}`);
  print(`  all Sentinels agree      ${summary(rounds.map((round) => round.agreedMs))}`);
  print(`  all replicas in sync     ${summary(rounds.map((round) => round.followedMs))}`);
  print("after the restart of the old master:");
  print(`  it is a replica in sync  ${summary(rounds.map((round) => round.returnedMs))}`);
  print(`${rounds.length} passed, ${failed} failed`);
  return failed === 0;
}

async function failOverOnce(cluster: Cluster): Promise<Round> {
  const { sentinels } = cluster;
  const old = await currentMaster(cluster);
  const marks = sentinels.map((node) => node.events.events.length);
  const killedAt = performance.now();
  await old.kill();
  const switched = sentinels.map((node, at) =>
    node.events.next("+switch-master", { from: marks[at] ?? 0 }),
  );
  const firstAt = (await Promise.race(switched)).atMs;
  await Promise.all(switched);
  const master = await newMaster(cluster, old);
  const agreedAt = performance.now();
  await onlyMaster(cluster, master);
  const followedAt = performance.now();
  await old.restart();
  const restartedAt = performance.now();
  await onlyMaster(cluster, master, 40_000);
  const returnedAt = performance.now();
  await settled(cluster);
  return {
    switchedMs: Math.round(firstAt - killedAt),
    agreedMs: Math.round(agreedAt - killedAt),
    followedMs: Math.round(followedAt - killedAt),
    returnedMs: Math.round(returnedAt - restartedAt),
  };
}

async function currentMaster({ redises, sentinels }: Cluster): Promise<RedisNode> {
  const address = await sentinels[0]?.masterAddress();
  const master = redises.find((node) => node.address === address);
  if (master === undefined) throw new Error(`No server is at ${address}.`);
  return master;
}

/** So that one failed round does not fail those after it. */
async function recover(cluster: Cluster): Promise<void> {
  for (const node of cluster.redises) if (!node.running) await node.restart();
  await onlyMaster(cluster, await currentMaster(cluster), 120_000);
  await settled(cluster);
}

function summary(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return `median ${at(0.5)}, 95 of 100 below ${at(0.95)}, longest ${at(1)}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
