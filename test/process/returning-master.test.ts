import assert from "node:assert/strict";
import { type Cluster, newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import { RespClient } from "../support/resp-client.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelKind } from "../support/sentinel-node.ts";
import { takesWritesMs } from "../support/takes-writes.ts";

/** A busy machine may be as slow as this; without the rule it takes more than eight seconds. */
const MOST_MS = 1_000;

async function failOver(cluster: Cluster): Promise<RedisNode> {
  await cluster.master.kill();
  const master = await newMaster(cluster, cluster.master);
  await onlyMaster(cluster, master);
  return master;
}

/** Its data has no name that is known, so it takes the hellos of all: those of C come every two seconds. */
async function allName(scene: Scene, { sentinels }: Cluster, { port }: RedisNode): Promise<void> {
  const voices = new Set<string>();
  const ear = await RespClient.open({ port });
  await ear.psubscribe("__sentinel__:hello", ([, , , hello = ""]) => {
    const [, , id = "", , , , named] = hello.split(",");
    if (named === `${port}`) voices.add(id);
  });
  await scene.until("all Sentinels name the new master", () => voices.size === sentinels.length);
  ear.close();
}

for (const sentinels of [
  ["ours", "ours", "ours"],
  ["ours", "ours", "c"],
] satisfies SentinelKind[][]) {
  sceneTest(
    `an old master takes writes for a moment after its return: ${sentinels} [D-RETURNING]`,
    async (scene) => {
      const cluster = await startCluster(scene, { sentinels });
      const master = await failOver(cluster);
      await allName(scene, cluster, master);
      const taken = takesWritesMs(scene, cluster.master);
      await cluster.master.restart();
      const lasted = await taken;
      assert.ok(lasted < MOST_MS, `${lasted} ms`);
      await onlyMaster(cluster, master);
    },
  );
}

sceneTest(
  "an old master that stood still is told as soon as it goes on [D-RETURNING]",
  async (scene) => {
    const cluster = await startCluster(scene);
    cluster.master.child.signal("SIGSTOP");
    const master = await newMaster(cluster, cluster.master);
    const taken = takesWritesMs(scene, cluster.master);
    cluster.master.child.signal("SIGCONT");
    const lasted = await taken;
    assert.ok(lasted < MOST_MS, `${lasted} ms`);
    await onlyMaster(cluster, master);
  },
);
