import assert from "node:assert/strict";
import { newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

/** What one Sentinel says to another, of either kind, and nothing else. */
const least =
  "resetchannels &__sentinel__:hello -@all +auth +ping +publish +client|setname +sentinel|is-master-down-by-addr";

sceneTest("peers of both kinds fail over as a user with the least rights", async (scene) => {
  const cluster = await startCluster(scene, {
    sentinels: ["ours", "c", "ours"],
    sentinelCredentials: { password: "admin-pw" },
    sentinelConfig: () => [
      "user default on >admin-pw ~* &* +@all",
      `user peer on >peer-pw ${least}`,
      "sentinel sentinel-user peer",
      "sentinel sentinel-pass peer-pw",
    ],
  });
  const old = cluster.master;
  await old.kill();
  await onlyMaster(cluster, await newMaster(cluster, old));
  for (const node of cluster.sentinels) await assertContent(node);
});

/** Both peers are connected as that user, and nothing was refused to them. */
async function assertContent(node: SentinelNode): Promise<void> {
  const clients = String(await node.call("CLIENT", "LIST"))
    .trim()
    .split("\n");
  const peers = clients.filter((line) => / name=sentinel-\S*-cmd /.test(line));
  assert.equal(peers.length, 2, `${node.name}: ${clients.join("\n")}`);
  for (const peer of peers) assert.match(peer, / user=peer /, node.name);
  assert.deepEqual(await node.call("ACL", "LOG"), [], node.name);
}
