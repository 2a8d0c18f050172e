import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Cluster, newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { type Scene, sceneTest } from "../support/scene.ts";

// The worked example of conf/practice, on ports of the test.
const redisConfig = exampleLines("redis-master.conf", /^(port|bind|dir) /);
const sentinelConfig = exampleLines("sentinel.conf", /^(port|bind|sentinel monitor) /);
const password = "redis";

sceneTest(
  "a set-up from practice: writes stop without replicas, and go on after a failover",
  async (scene) => {
    const cluster = await startPractice(scene);
    const { master, redises } = cluster;
    const [node] = cluster.sentinels;
    assert.equal((await node?.master())?.["down-after-milliseconds"], "300");
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
    redis: { config: redisConfig, credentials: { password } },
    sentinelConfig: () => sentinelConfig,
  });
}

async function acceptsWrites(scene: Scene, { master }: Cluster): Promise<void> {
  await scene.until("writes are accepted", async () => {
    return (await master.call("SET", "key", "value")) === "OK";
  });
}

/** Directives of an example file, without those that every test sets itself. */
function exampleLines(file: string, except: RegExp): readonly string[] {
  const [root] = import.meta.url.split("/dist/");
  const text = readFileSync(fileURLToPath(`${root}/conf/practice/${file}`), "utf8");
  return text.split("\n").filter((line) => /^[a-z]/.test(line) && !except.test(line));
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
