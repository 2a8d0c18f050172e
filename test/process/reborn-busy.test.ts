import assert from "node:assert/strict";
import { BusyWriters } from "../support/busy-writers.ts";
import { type Cluster, onlyMaster, startCluster } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import { type Scene, sceneTest } from "../support/scene.ts";

// A master without files is killed and started anew while clients write [D-REBORN]: what its replicas hold is kept.

const KEYS = 500;
const WRITERS = 8;

async function busy(
  scene: Scene,
  replicas: number,
): Promise<{ readonly cluster: Cluster; readonly writers: BusyWriters }> {
  const redis = { config: ["repl-diskless-sync-delay 5"] };
  const cluster = await startCluster(scene, { downAfterMs: 5_000, replicas, redis });
  for (let id = 0; id < KEYS; id++) await cluster.master.call("SET", `key:${id}`, "value");
  for (const sentinel of cluster.sentinels) {
    await scene.until("Sentinels know of it", async () => {
      const cache = JSON.stringify(await sentinel.call("SENTINEL", "INFO-CACHE", "mymaster"));
      return cache.includes("db0:keys=50");
    });
  }
  const writers = new BusyWriters(cluster.sentinels, WRITERS);
  await scene.until("they write", () => writers.count > 50 * WRITERS);
  return { cluster, writers };
}

/** All keys are on all servers again, and one of them is the only master. */
async function assertKept({ scene, sentinels, redises, ...rest }: Cluster): Promise<void> {
  const named = await scene.until("one master is named", async () => {
    const all = new Set(await Promise.all(sentinels.map((node) => node.masterAddress())));
    const [address] = all;
    return all.size === 1 && redises.find((node) => node.address === address);
  });
  await onlyMaster({ scene, sentinels, redises, ...rest }, named as RedisNode, 60_000);
  for (const node of redises) assert.ok(Number(await node.call("DBSIZE")) >= KEYS, node.name);
}

sceneTest(
  "a busy master that comes back empty is replaced, though clients have written to it",
  async (scene) => {
    const { cluster, writers } = await busy(scene, 2);
    await cluster.master.restart();
    await scene.until("it is no master any more", async () => {
      return (await cluster.master.role()) === "slave";
    });
    await assertKept(cluster);
    await writers.end(cluster.master);
  },
);

sceneTest(
  "a target that has all does not follow a master that came back empty in the switch",
  async (scene) => {
    const { cluster, writers } = await busy(scene, 1);
    const { master, sentinels, redises } = cluster;
    const [leader] = sentinels;
    const [, target] = redises;
    assert.ok(leader && target);
    let restarted: Promise<void> | null = null;
    leader.events.onEvent = ({ channel }) => {
      if (channel !== "+failover-state-wait-promotion" || restarted !== null) return;
      target.freeze();
      restarted = master.restart().then(() => target.thaw());
    };
    assert.equal(await leader.call("SENTINEL", "FAILOVER", "mymaster", "COORDINATED"), "OK");
    await scene.until("the master was started anew", () => restarted);
    await restarted;
    await scene.until("the switch is over", async () => {
      const rows = await Promise.all(sentinels.map((node) => node.master()));
      return rows.every((row) => row["failover-state"] === undefined);
    });
    await assertKept(cluster);
    await writers.end(target);
  },
);
