import assert from "node:assert/strict";
import { newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { sceneTest } from "../support/scene.ts";

const DOWN_AFTER_MS = 60_000;
const env = { REDIS_SENTINEL_TS_REFUSED_AFTER: "1500" };

sceneTest(
  "a killed master is replaced in seconds though down-after is a minute [D-REFUSED]",
  async (scene) => {
    const cluster = await startCluster(scene, { downAfterMs: DOWN_AFTER_MS, env });
    await cluster.master.restart();
    await onlyMaster(cluster, cluster.master);
    for (const node of cluster.sentinels) {
      assert.equal(await node.masterAddress(), cluster.master.address);
    }
    await cluster.master.kill();
    const master = await newMaster(cluster, cluster.master, 15_000);
    await onlyMaster(cluster, master);
  },
);
