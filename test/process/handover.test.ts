import assert from "node:assert/strict";
import { newMaster, onlyMaster, settled, startCluster } from "../support/cluster.ts";
import { durableLines } from "../support/durable.ts";
import { sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

const redisPassword = "redis#1";
const sentinelPassword = "s3cret";

/** What an operator has in the file beside the master. */
const config = [
  `sentinel auth-pass mymaster ${redisPassword}`,
  "sentinel resolve-hostnames no",
  `requirepass ${sentinelPassword}`,
  "user ops on >opspass +@all",
  "user watcher on >w1 >w2 ~* &* -@all +ping +sentinel|get-master-addr-by-name",
];

sceneTest("a file of C Sentinels after a failover is taken over, and back again", async (scene) => {
  const redis = {
    config: [`requirepass ${redisPassword}`, `masterauth ${redisPassword}`],
    credentials: { password: redisPassword },
  };
  const cluster = await startCluster(scene, {
    sentinels: ["c", "c", "c"],
    redis,
    sentinelCredentials: { password: sentinelPassword },
    sentinelConfig: () => config,
  });
  await cluster.master.kill();
  const master = await newMaster(cluster, cluster.master);
  await cluster.master.restart();
  await onlyMaster(cluster, master);
  for (const kind of ["ours", "c"] as const) {
    for (const node of cluster.sentinels) await handOver(node, kind, master.address);
    await settled(cluster);
  }
  // The three still fail over together, and count on from the epochs of the file.
  for (const node of cluster.sentinels) await node.restart("ours");
  await settled(cluster);
  await master.kill();
  await onlyMaster(cluster, await newMaster(cluster, master));
  const masters = await Promise.all(cluster.sentinels.map((node) => node.master()));
  const epochs = new Set(masters.map((fields) => Number(fields["config-epoch"])));
  // An election may be lost before, and each takes an epoch.
  assert.equal(epochs.size, 1);
  assert.ok([...epochs].every((epoch) => epoch > 1));
});

// The C program writes such words bare and then cannot read its own file; it reads ours.
sceneTest("what needs quotes in a file of ours loads in ours and in C", async (scene) => {
  const password = 'a "b" c\\';
  const quoted = JSON.stringify(password);
  const redis = await scene.redis({
    config: [`requirepass ${quoted}`],
    credentials: { password },
  });
  const node = await scene.sentinel({
    config: [
      `sentinel monitor mymaster 127.0.0.1 ${redis.port} 1`,
      `sentinel auth-pass mymaster ${quoted}`,
    ],
  });
  for (const kind of ["ours", "c"] as const) {
    await node.restart(kind);
    await scene.until(`${kind} authenticates with ${quoted}`, async () => {
      const { flags, "role-reported": role } = await node.master();
      const links = String(await redis.call("CLIENT", "LIST"));
      return flags === "master" && role === "master" && links.includes("name=sentinel-");
    });
    assert.equal(await node.call("SENTINEL", "FLUSHCONFIG"), "OK");
  }
});

async function handOver(node: SentinelNode, kind: "ours" | "c", master: string): Promise<void> {
  const before = { id: await node.myId(), lines: durableLines(node.configText) };
  assert.ok(before.lines.includes("sentinel leader-epoch mymaster 1"), node.configText);
  await node.restart(kind);
  assert.equal(await node.myId(), before.id);
  assert.equal(await node.masterAddress(), master);
  assert.equal((await node.master())["config-epoch"], "1");
  assert.equal((await node.master())["num-slaves"], "2");
  assert.equal((await node.master())["num-other-sentinels"], "2");
  assert.equal(await node.call("SENTINEL", "FLUSHCONFIG"), "OK");
  assert.deepEqual(durableLines(node.configText), before.lines);
  await assertUsers(node);
}

/** The passwords of the file open what they opened before. */
async function assertUsers(node: SentinelNode): Promise<void> {
  const client = await node.connect();
  for (const [user, password] of [
    ["ops", "opspass"],
    ["watcher", "w2"],
    ["default", sentinelPassword],
  ] as const) {
    assert.equal(await client.call("AUTH", user, password), "OK", user);
    assert.equal(await client.call("PING"), "PONG", user);
  }
  await assert.rejects(client.call("AUTH", "ops", "wrong"), /WRONGPASS/);
  client.close();
}
