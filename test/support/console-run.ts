import assert from "node:assert/strict";
import { BusyWriters } from "./busy-writers.ts";
import type { Child } from "./child.ts";
import { type Cluster, newMaster, onlyMaster, settled } from "./cluster.ts";
import { LAUNCHER } from "./launcher.ts";
import type { RedisNode } from "./redis-node.ts";

// The console before a cluster, and clients that write meanwhile.

export const WRITERS = 4;

export interface Ended {
  readonly code: number | null;
  readonly text: string;
}

/** `at`: which Sentinels it is told of; all, if it is left out. */
export function start({ scene, sentinels }: Cluster, words: readonly string[], at?: string): Child {
  const places = at ?? sentinels.map(({ address }) => address).join(",");
  const command = [process.execPath, LAUNCHER, ...words, "--at", places];
  return scene.spawn({ name: words.join(" "), command });
}

export async function run(cluster: Cluster, words: readonly string[], at?: string): Promise<Ended> {
  const child = start(cluster, words, at);
  const { code } = await child.exited;
  return { code, text: child.log.lines.join("\n") };
}

/** The server that the first running Sentinel names. */
export async function masterOf({ sentinels, redises }: Cluster): Promise<RedisNode> {
  const address = await sentinels.find((node) => node.running)?.masterAddress();
  const found = redises.find((node) => node.address === address);
  assert.ok(found);
  return found;
}

/** Something is done while clients write; nothing that was acknowledged is lost. `isMoved`: to another master. */
export async function losingNothing(
  cluster: Cluster,
  act: (old: RedisNode) => Promise<void>,
  isMoved = true,
): Promise<void> {
  const old = await masterOf(cluster);
  const writers = new BusyWriters(cluster.sentinels, WRITERS);
  let master = old;
  let lost: readonly string[] = [];
  try {
    await cluster.scene.until("they write", () => writers.count > 100);
    await act(old);
    if (isMoved) master = await newMaster(cluster, old);
    await onlyMaster(cluster, master);
    const enough = writers.count + 100;
    await cluster.scene.until("they go on", () => writers.count > enough);
  } finally {
    lost = await writers.end(master);
  }
  assert.deepEqual(lost, []);
  await settled(cluster);
}
