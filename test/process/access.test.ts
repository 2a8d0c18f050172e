import assert from "node:assert/strict";
import { type Cluster, newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import { sceneTest } from "../support/scene.ts";

/** Commands that hardened servers hide; PING and PUBLISH are also spoken between Sentinels. */
const hidden = ["CONFIG", "SLAVEOF", "MULTI", "EXEC", "SUBSCRIBE", "CLIENT"];

sceneTest("a failover works with renamed commands", async (scene) => {
  const cluster = await startCluster(scene, {
    redis: { config: hidden.map((name) => `rename-command ${name} x-${name}-9d`) },
    sentinelConfig: () =>
      hidden.map((name) => `sentinel rename-command mymaster ${name} x-${name}-9d`),
  });
  await failOver(cluster);
});

const acl =
  "+multi +slaveof +ping +exec +subscribe +config|rewrite +role +publish +info " +
  "+client|setname +client|kill +script|kill";

sceneTest(
  "a failover works as a user with no other rights than a Sentinel needs",
  async (scene) => {
    const cluster = await startCluster(scene, {
      redis: {
        config: [
          "user default on >replpass ~* &* +@all",
          `user watcher on >watchpass allchannels -@all ${acl}`,
          "masterauth replpass",
        ],
        credentials: { password: "replpass" },
      },
      sentinelConfig: () => [
        "sentinel auth-user mymaster watcher",
        "sentinel auth-pass mymaster watchpass",
      ],
    });
    await assertLinksAre(cluster.master, "watcher");
    await failOver(cluster);
    for (const node of cluster.sentinels) {
      assert.ok(!node.child.log.has(/watchpass/), `${node.name} logged the password`);
    }
  },
);

sceneTest("Sentinels with a password of their own reach each other", async (scene) => {
  const cluster = await startCluster(scene, {
    sentinels: ["ours", "c", "ours"],
    sentinelCredentials: { password: "between-us" },
    sentinelConfig: () => ["requirepass between-us", "sentinel sentinel-pass between-us"],
  });
  await failOver(cluster);
  const client = await cluster.sentinels[0]?.connect();
  await assert.rejects(async () => await client?.call("AUTH", "wrong"), /WRONGPASS/);
  client?.close();
});

async function failOver(cluster: Cluster): Promise<void> {
  const old = cluster.master;
  await old.kill();
  const master = await newMaster(cluster, old);
  await onlyMaster(cluster, master);
  await old.restart();
  await onlyMaster(cluster, master);
}

/** Every connection of a Sentinel to the server belongs to that user. */
async function assertLinksAre(redis: RedisNode, user: string): Promise<void> {
  const clients = String(await redis.call("CLIENT", "LIST"))
    .trim()
    .split("\n");
  const links = clients.filter((line) => / name=sentinel-/.test(line));
  assert.equal(links.length, 6, clients.join("\n"));
  for (const link of links) assert.ok(link.includes(` user=${user} `), link);
}
