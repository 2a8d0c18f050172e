import assert from "node:assert/strict";
import { type Cluster, newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { type Scene, sceneTest } from "../support/scene.ts";

// One master and four replicas that share a password; writes need two replicas in sync.
const password = "redis";
const redisConfig = [
  `requirepass ${password}`,
  `masterauth ${password}`,
  "min-replicas-to-write 2",
  "min-replicas-max-lag 10",
];

sceneTest(
  "a set-up from practice: writes stop without replicas, and go on after a failover",
  async (scene) => {
    const cluster = await startPractice(scene);
    const { master, redises } = cluster;
    await acceptsWrites(scene, cluster);
    const stopped = redises.slice(1, 4);
    for (const node of stopped) await node.stop();
    await scene.until("writes are refused with NOREPLICAS", async () => {
      const reply = await master.call("SET", "key", "value").catch(String);
      return String(reply).includes("NOREPLICAS");
    });
    for (const node of stopped) await node.restart();
    await acceptsWrites(scene, cluster);
    await allKnown(cluster);
    await master.kill();
    const promoted = await newMaster(cluster, master);
    await onlyMaster(cluster, promoted);
    await scene.until("the new master accepts writes", async () => {
      return (await promoted.call("SET", "key", "after")) === "OK";
    });
    await master.restart();
    await onlyMaster(cluster, promoted, 40_000);
    assert.equal(await master.call("GET", "key"), "after");
  },
  { timeoutMs: 120_000 },
);

async function startPractice(scene: Scene): Promise<Cluster> {
  return await startCluster(scene, {
    replicas: 4,
    downAfterMs: 300,
    failoverTimeoutMs: 3000,
    redis: { config: redisConfig, credentials: { password } },
    sentinelConfig: () => [`sentinel auth-pass mymaster ${password}`],
  });
}

async function acceptsWrites(scene: Scene, { master }: Cluster): Promise<void> {
  await scene.until("writes are accepted", async () => {
    return (await master.call("SET", "key", "value")) === "OK";
  });
}

/** The restarted replicas are healthy in the eyes of every Sentinel. */
async function allKnown({ scene, sentinels }: Cluster): Promise<void> {
  for (const node of sentinels) {
    await scene.until(`${node.name} sees four replicas in sync`, async () => {
      const rows = await node.replicas();
      return rows.every((row) => row.flags === "slave" && row["master-link-status"] === "ok");
    });
  }
}
