import assert from "node:assert/strict";
import { type Cluster, newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import { sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

const KEYS = 500;
/** As Redis is set up by itself: a full sync without a disk begins after five seconds. */
const REDIS = { config: ["repl-diskless-sync-delay 5"] };

/** A master with keys that every Sentinel and every replica knows of. */
async function fill(cluster: Cluster): Promise<void> {
  const { master, redises, scene, sentinels } = cluster;
  for (let id = 0; id < KEYS; id++) await master.call("SET", `key:${id}`, "value");
  for (const node of redises.slice(1)) {
    await scene.until("replicas have it", async () => (await node.call("DBSIZE")) === KEYS);
  }
  for (const sentinel of sentinels) {
    await scene.until("Sentinels know of it", async () => {
      const cache = JSON.stringify(await sentinel.call("SENTINEL", "INFO-CACHE", "mymaster"));
      return cache.includes(`db0:keys=${KEYS}`);
    });
  }
}

function countOf({ events }: SentinelNode, wanted: string): number {
  return events.events.filter(({ channel }) => channel === wanted).length;
}

async function keysOf(node: RedisNode): Promise<unknown> {
  return await node.call("DBSIZE");
}

sceneTest(
  "a master that comes back empty is replaced, and nothing is lost [D-REBORN]",
  async (scene) => {
    const cluster = await startCluster(scene, { downAfterMs: 5_000, redis: REDIS });
    await fill(cluster);
    await cluster.master.restart();
    const master = await newMaster(cluster, cluster.master);
    assert.equal(await keysOf(master), KEYS);
    await onlyMaster(cluster, master);
    for (const node of cluster.redises) assert.equal(await keysOf(node), KEYS);
    assert.ok(cluster.sentinels.some((one) => countOf(one, "+guard-reborn") === 1));
  },
);

sceneTest("with 'off' it stays the master, as with C [D-REBORN]", async (scene) => {
  const env = { REDIS_SENTINEL_TS_GUARD: "reborn=off" };
  const cluster = await startCluster(scene, { downAfterMs: 5_000, env });
  await fill(cluster);
  await cluster.master.restart();
  for (const node of cluster.redises) {
    await scene.until("they are empty", async () => (await keysOf(node)) === 0);
  }
  for (const node of cluster.sentinels) {
    assert.equal(await node.masterAddress(), cluster.master.address);
    assert.equal(countOf(node, "+guard-reborn"), 0);
  }
});

sceneTest("one of ours among two C Sentinels only tells of it [D-REBORN]", async (scene) => {
  const sentinels = ["ours", "c", "c"] as const;
  const cluster = await startCluster(scene, { sentinels, downAfterMs: 5_000, redis: REDIS });
  await fill(cluster);
  await cluster.master.restart();
  const [ours] = cluster.sentinels;
  assert.ok(ours);
  await ours.events.next("+guard-reborn", { payload: /#empty, 127\.0\.0\.1:\d+ holds 500 keys$/ });
  await ours.events.next("-sdown", { payload: /^master mymaster/ });
  for (const node of cluster.sentinels) {
    assert.equal(await node.masterAddress(), cluster.master.address);
  }
});

sceneTest("a restart with all data is none [D-REBORN]", async (scene) => {
  const redis = { config: ["appendonly yes", "appendfsync always"] };
  const cluster = await startCluster(scene, { downAfterMs: 5_000, redis });
  await fill(cluster);
  for (let round = 0; round < 5; round++) {
    await cluster.master.call("INCR", "round");
    await cluster.master.restart();
    await onlyMaster(cluster, cluster.master);
  }
  for (const node of cluster.sentinels) {
    assert.ok(countOf(node, "+reboot") > 0);
    assert.equal(countOf(node, "+guard-reborn"), 0);
  }
});
