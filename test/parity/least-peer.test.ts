import assert from "node:assert/strict";
import { newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { toRecord } from "../support/resp-client.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

/** What a C Sentinel says to another, and nothing else. */
const least =
  "resetchannels &__sentinel__:hello -@all +auth +ping +publish +client|setname +sentinel|is-master-down-by-addr";
/** Ours asks besides who answers at an address, once per connection; nothing depends on the answer. */
const ofOurs = "+sentinel|myid";

for (const [what, rights, denied] of [
  ["", `${least} ${ofOurs}`, []],
  [" that C needs", least, ["sentinel|myid"]],
] as const) {
  const name = `peers of both kinds fail over as a user with the least rights${what}`;
  sceneTest(name, (scene) => failOver(scene, rights, denied));
}

async function failOver(scene: Scene, rights: string, denied: readonly string[]): Promise<void> {
  const cluster = await startCluster(scene, {
    sentinels: ["ours", "c", "ours"],
    sentinelCredentials: { password: "admin-pw" },
    sentinelConfig: () => [
      "user default on >admin-pw ~* &* +@all",
      `user peer on >peer-pw ${rights}`,
      "sentinel sentinel-user peer",
      "sentinel sentinel-pass peer-pw",
    ],
  });
  const old = cluster.master;
  await old.kill();
  await onlyMaster(cluster, await newMaster(cluster, old));
  for (const node of cluster.sentinels) await assertContent(node, denied);
}

/** Both peers are connected as that user, and nothing but this was refused to them. */
async function assertContent(node: SentinelNode, denied: readonly string[]): Promise<void> {
  const clients = String(await node.call("CLIENT", "LIST"))
    .trim()
    .split("\n");
  const peers = clients.filter((line) => / name=sentinel-\S*-cmd /.test(line));
  assert.equal(peers.length, 2, `${node.name}: ${clients.join("\n")}`);
  for (const peer of peers) assert.match(peer, / user=peer /, node.name);
  const log = await node.call("ACL", "LOG");
  const refused = (Array.isArray(log) ? log : []).map((entry) => toRecord(entry).object ?? "");
  assert.deepEqual(
    [...new Set(refused)].filter((one) => !denied.includes(one)),
    [],
    node.name,
  );
}
