import assert from "node:assert/strict";
import { startCluster } from "../support/cluster.ts";
import { sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

// What we do sooner than a C Sentinel, or other than it, while two of three are C Sentinels or the
// vote of one is needed [D-DEAD-LEADER] [D-WAIT-REPLICA] [D-DEMOTE-OLD].

const LATE = "sentinel down-after-milliseconds mymaster 30000";

sceneTest("after SENTINEL FAILOVER the old master follows at once, and C agrees", async (scene) => {
  const cluster = await startCluster(scene, { sentinels: ["ours", "c", "c"] });
  const [ours] = cluster.sentinels;
  assert.ok(ours);
  await ours.call("SENTINEL", "FAILOVER", "mymaster");
  const promoted = await ours.events.next("+promoted-slave");
  await scene.until("the old master is a replica", () => isReplica(cluster.master), 2_000);
  await Promise.all(cluster.sentinels.map((node) => node.events.next("+switch-master")));
  const addresses = await Promise.all(cluster.sentinels.map((node) => node.masterAddress()));
  assert.equal(new Set(addresses).size, 1, addresses.join(" "));
  assert.ok(promoted.payload.includes(`${addresses[0]}`.split(":").at(-1) ?? ""));
});

sceneTest("our leader waits for a replica that hangs, with the votes of C", async (scene) => {
  const cluster = await startCluster(scene, {
    sentinels: ["ours", "c", "c"],
    quorum: 1,
    failoverTimeoutMs: 60_000,
    sentinelConfig: (index) => (index === 0 ? [] : [LATE]),
  });
  const [ours] = cluster.sentinels;
  assert.ok(ours);
  const replicas = cluster.redises.slice(1);
  for (const replica of replicas) replica.freeze();
  await ours.events.next("+sdown");
  await cluster.master.kill();
  await ours.events.next("+failover-state-select-slave");
  for (const replica of replicas) replica.thaw();
  await ours.events.next("+promoted-slave");
  await Promise.all(cluster.sentinels.map((node) => node.events.next("+switch-master")));
  assert.equal(ours.events.has("-failover-abort-no-good-slave"), false);
});

sceneTest("a leader of ours that dies is replaced by the next, with C's vote", async (scene) => {
  const cluster = await startCluster(scene, {
    sentinels: ["ours", "ours", "ours", "c"],
    failoverTimeoutMs: 60_000,
    sentinelConfig: (index) => (index === 3 ? [LATE] : []),
  });
  const ours = cluster.sentinels.slice(0, 3);
  const c = cluster.sentinels.at(3);
  assert.ok(c);
  const rehearse = (nodes: readonly SentinelNode[], point: string) =>
    Promise.all(nodes.map((node) => node.call("SENTINEL", "SIMULATE-FAILURE", point)));
  await rehearse(ours, "crash-after-election");
  await cluster.master.kill();
  const dead = await Promise.race(ours.map((node) => node.child.exited.then(() => node)));
  const heirs = ours.filter((node) => node !== dead);
  await rehearse(heirs, "help");
  // Three of four must vote for one of the two that are left: C's vote is among them.
  await Promise.race(heirs.map((node) => node.events.next("+promoted-slave")));
  await c.events.next("+switch-master");
  const addresses = await Promise.all([...heirs, c].map((node) => node.masterAddress()));
  assert.equal(new Set(addresses).size, 1, addresses.join(" "));
});

async function isReplica(server: { role(): Promise<string> }): Promise<boolean> {
  return (await server.role()) === "slave";
}
