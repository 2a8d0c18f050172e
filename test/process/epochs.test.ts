import assert from "node:assert/strict";
import { type Cluster, newMaster, startCluster } from "../support/cluster.ts";
import { sceneTest } from "../support/scene.ts";
import type { SentinelKind } from "../support/sentinel-node.ts";

// Questions that anybody may ask: with an epoch far ahead, and in invented names.

const FORGED = `${2n ** 62n}`;
const LAST = `${2n ** 63n - 1n}`;
const STRANGER = "f".repeat(40);

async function askAll({ sentinels, master }: Cluster, epoch: string): Promise<void> {
  const question = ["SENTINEL", "IS-MASTER-DOWN-BY-ADDR", "127.0.0.1", `${master.port}`];
  await Promise.all(sentinels.map((node) => node.call(...question, epoch, STRANGER)));
}

const epochOf = (text: string) => /current-epoch (\d+)/.exec(text)?.[1];

for (const [kinds, epoch] of [
  [["ours", "ours", "ours"], LAST],
  [["ours", "ours", "ours"], FORGED],
  [["ours", "ours", "c"], FORGED],
  [["ours", "c", "c"], FORGED],
] as readonly (readonly [readonly SentinelKind[], string])[]) {
  sceneTest(
    `epoch ${epoch} from a stranger ends no failover of ${kinds.join(", ")}`,
    async (scene) => {
      const cluster = await startCluster(scene, { sentinels: kinds, failoverTimeoutMs: 3_000 });
      await askAll(cluster, epoch);
      const [ours] = cluster.sentinels;
      assert.ok(ours);
      if (kinds.filter((kind) => kind === "c").length > 1) {
        // Most Sentinels that it reaches are there: it follows them, or its votes would be missed.
        await scene.until("ours follows", () => epochOf(ours.configText) === epoch, 30_000);
      }
      assert.equal(await ours.call("SENTINEL", "FAILOVER", "mymaster"), "OK");
      const second = await newMaster(cluster, cluster.master);
      await second.kill();
      await newMaster(cluster, second);
    },
  );
}

sceneTest("votes asked for in an invented name delay a failover by little", async (scene) => {
  const cluster = await startCluster(scene, { failoverTimeoutMs: 60_000 });
  await cluster.master.kill();
  const killedAt = Date.now();
  let isDone = false;
  const done = newMaster(cluster, cluster.master).finally(() => {
    isDone = true;
  });
  for (let epoch = 1; !isDone; epoch++) {
    await askAll(cluster, `${epoch}`);
    await Promise.race([done, cluster.scene.until("a moment", () => Date.now() % 200 < 20)]);
  }
  await done;
  assert.ok(Date.now() - killedAt < 10_000, `${Date.now() - killedAt} ms`);
});

sceneTest("a file of C with the last epoch starts, and is mended by RESET-EPOCH", async (scene) => {
  const cluster = await startCluster(scene, {
    failoverTimeoutMs: 3_000,
    sentinelConfig: () => ["sentinel current-epoch 18446744073709551615"],
  });
  for (const node of cluster.sentinels) {
    await assert.rejects(
      async () => await node.call("SENTINEL", "FAILOVER", "mymaster"),
      /RESET-EPOCH/,
    );
    assert.equal(await node.call("SENTINEL", "RESET-EPOCH"), "OK");
    assert.equal(epochOf(node.configText), "0");
  }
  await cluster.master.kill();
  await newMaster(cluster, cluster.master);
});
