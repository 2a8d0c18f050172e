import assert from "node:assert/strict";
import { assertInOrder, followerEvents, leaderEvents } from "../support/assertions.ts";
import { type Cluster, newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import { sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

sceneTest("a master killed with kill -9 is replaced and returns as a replica", async (scene) => {
  const cluster = await startCluster(scene);
  const old = cluster.master;
  await old.kill();
  const master = await newMaster(cluster, old);
  await onlyMaster(cluster, master);
  await assertEpoch(cluster, "1");
  await assertOneLeader(cluster);
  await old.restart();
  await onlyMaster(cluster, master);
  await assertKnowsAsReplica(cluster, old);
});

sceneTest("a master stopped with SIGSTOP is replaced and returns as a replica", async (scene) => {
  const cluster = await startCluster(scene);
  const old = cluster.master;
  old.freeze();
  const master = await newMaster(cluster, old);
  old.thaw();
  await onlyMaster(cluster, master);
  await assertEpoch(cluster, "1");
  await assertOneLeader(cluster);
  await assertKnowsAsReplica(cluster, old);
});

sceneTest("SENTINEL FAILOVER replaces a healthy master", async (scene) => {
  const cluster = await startCluster(scene);
  const old = cluster.master;
  const leader = at(cluster, 1);
  assert.equal(await leader.call("SENTINEL", "FAILOVER", "mymaster"), "OK");
  const master = await newMaster(cluster, old);
  await onlyMaster(cluster, master);
  await assertEpoch(cluster, "1");
  assert.equal(await assertOneLeader(cluster), leader);
  assert.ok(!leader.events.has("+sdown", /^master /), "nothing was down");
});

/** One Sentinel led and said so in order; the others followed it. */
async function assertOneLeader({ sentinels }: Cluster): Promise<SentinelNode> {
  const leaders = sentinels.filter((node) => node.events.has("+promoted-slave"));
  const [leader] = leaders;
  assert.ok(leader !== undefined && leaders.length === 1, `${leaders.length} leaders`);
  await leader.events.next("+failover-end");
  await Promise.all(sentinels.map((node) => node.events.next("+switch-master")));
  assertInOrder(leader.events.events, leaderEvents);
  for (const node of sentinels.filter((other) => other !== leader)) {
    assertInOrder(node.events.events, followerEvents);
  }
  return leader;
}

async function assertEpoch({ sentinels }: Cluster, epoch: string): Promise<void> {
  for (const node of sentinels) assert.equal((await node.master())["config-epoch"], epoch);
}

async function assertKnowsAsReplica(cluster: Cluster, redis: RedisNode): Promise<void> {
  for (const node of cluster.sentinels) {
    await cluster.scene.until(`${node.name} sees ${redis.address} as a healthy replica`, async () =>
      (await node.replicas()).some((row) => row.name === redis.address && row.flags === "slave"),
    );
  }
}

function at(cluster: Cluster, index: number): SentinelNode {
  const node = cluster.sentinels[index];
  assert.ok(node !== undefined);
  return node;
}
