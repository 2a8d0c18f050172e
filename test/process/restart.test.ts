import assert from "node:assert/strict";
import { newMaster, onlyMaster, settled, startCluster } from "../support/cluster.ts";
import { durableLines } from "../support/durable.ts";
import { sceneTest } from "../support/scene.ts";

sceneTest("a Sentinel restarted on its file knows all that it knew", async (scene) => {
  const cluster = await startCluster(scene);
  await cluster.master.kill();
  const master = await newMaster(cluster, cluster.master);
  await onlyMaster(cluster, master);
  await cluster.master.restart();
  await onlyMaster(cluster, master);
  for (const node of cluster.sentinels) {
    const before = { lines: durableLines(node.configText), id: await node.myId() };
    assert.ok(before.lines.includes("sentinel current-epoch 1"), node.configText);
    assert.ok(before.lines.includes("sentinel leader-epoch mymaster 1"), node.configText);
    await node.restart();
    assert.equal(await node.myId(), before.id);
    assert.equal(await node.masterAddress(), master.address);
    assert.deepEqual(durableLines(node.configText), before.lines);
  }
  await settled(cluster);
});

sceneTest("a Sentinel killed with kill -9 restarts on its file", async (scene) => {
  const cluster = await startCluster(scene, { sentinels: ["ours"], quorum: 1 });
  const [node] = cluster.sentinels;
  assert.ok(node !== undefined);
  assert.equal(await node.call("SENTINEL", "SET", "mymaster", "quorum", "3"), "OK");
  const before = durableLines(node.configText);
  await node.kill();
  await node.restart();
  assert.equal((await node.master()).quorum, "3");
  assert.deepEqual(durableLines(node.configText), before);
});
