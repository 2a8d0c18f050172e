import assert from "node:assert/strict";
import { assertInOrder, followerEvents, leaderEvents } from "../support/assertions.ts";
import { type Cluster, newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelKind, SentinelNode } from "../support/sentinel-node.ts";

const mixtures: readonly (readonly SentinelKind[])[] = [
  ["c", "c", "ours"],
  ["c", "ours", "ours"],
];

for (const kinds of mixtures) {
  for (const winner of ["ours", "c"] as const) {
    sceneTest(`of ${kinds.join(", ")} a Sentinel of kind ${winner} wins an election`, (scene) =>
      electionWonBy(scene, kinds, winner),
    );
  }
  sceneTest(`of ${kinds.join(", ")} whoever wins a natural election is followed`, (scene) =>
    naturalElection(scene, kinds),
  );
  sceneTest(`of ${kinds.join(", ")} each kind leads a failover on request`, (scene) =>
    requestedFailovers(scene, kinds),
  );
}

/**
 * With quorum 1 the first to see the master down stands for election, and still needs the votes
 * of the majority. Only the winner's down-after is short.
 */
async function electionWonBy(
  scene: Scene,
  kinds: readonly SentinelKind[],
  winner: SentinelKind,
): Promise<void> {
  const first = kinds.indexOf(winner);
  const cluster = await startCluster(scene, {
    sentinels: kinds,
    quorum: 1,
    sentinelConfig: (index) =>
      index === first ? [] : ["sentinel down-after-milliseconds mymaster 30000"],
  });
  await cluster.master.kill();
  const leader = await assertFailover(cluster);
  assert.equal(leader, cluster.sentinels[first]);
  for (const node of cluster.sentinels) {
    const vote = await node.events.next("+vote-for-leader");
    assert.equal(vote.payload, `${await leader.myId()} 1`, `the vote of ${node.name}`);
  }
}

async function naturalElection(scene: Scene, kinds: readonly SentinelKind[]): Promise<void> {
  const cluster = await startCluster(scene, { sentinels: kinds });
  await cluster.master.kill();
  await assertFailover(cluster);
}

/** One after the other, so that each kind first leads and then follows. */
async function requestedFailovers(scene: Scene, kinds: readonly SentinelKind[]): Promise<void> {
  const cluster = await startCluster(scene, { sentinels: kinds, failoverTimeoutMs: 2000 });
  const ours = cluster.sentinels[kinds.indexOf("ours")];
  const c = cluster.sentinels[kinds.indexOf("c")];
  let old = cluster.master;
  for (const [turn, leader] of [ours, c].entries()) {
    assert.ok(leader !== undefined);
    await scene.until("the failover is accepted", async () => {
      return (await leader.call("SENTINEL", "FAILOVER", "mymaster")) === "OK";
    });
    await leader.events.next("+failover-end");
    const master = await newMaster(cluster, old);
    await onlyMaster(cluster, master);
    assert.equal((await leader.master())["config-epoch"], String(turn + 1));
    old = master;
  }
}

async function assertFailover(cluster: Cluster): Promise<SentinelNode> {
  const { sentinels, master: old } = cluster;
  const master = await newMaster(cluster, old);
  await onlyMaster(cluster, master);
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
