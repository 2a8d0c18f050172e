import assert from "node:assert/strict";
import { newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

// What comes after a promotion, in a quorum with C Sentinels: the promoted replica dies before its
// failover has ended, or the old master returns as a master [D-STUCK-LEADER] [D-INFO-ROLE].

const LATE = "sentinel down-after-milliseconds mymaster 30000";

sceneTest(
  "our leader in reconf_slaves replaces the replica that died, with C's vote",
  async (scene) => {
    const { ours, c, old, promoted, left } = await openFailover(scene);
    await promoted.kill();
    await ours.events.next("+failover-end");
    const ended = await ours.events.next("+switch-master");
    assert.equal(ended.payload, `mymaster ${words(old)} ${words(promoted)}`);
    assert.equal(ours.events.has("+failover-end-for-timeout"), false);
    await ours.events.next("+sdown", { payload: RegExp(`^master mymaster ${words(promoted)}`) });
    await c.events.next("+vote-for-leader", { payload: RegExp(`^${await ours.myId()} 2$`) });
    await ours.events.next("+promoted-slave", { payload: RegExp(words(left)) });
    await assertAgreed([ours, c], left);
  },
);

sceneTest("our leader in reconf_slaves votes for a C Sentinel about the replica", async (scene) => {
  const { ours, c, promoted, left } = await openFailover(scene);
  // Ours must not see the death itself, so that it is in that state when C asks.
  await ours.call("SENTINEL", "SET", "mymaster", "down-after-milliseconds", "60000");
  await c.call("SENTINEL", "SET", "mymaster", "down-after-milliseconds", "2000");
  await promoted.kill();
  await ours.events.next("+vote-for-leader", { payload: RegExp(`^${await c.myId()} 2$`) });
  await c.events.next("+promoted-slave", { payload: RegExp(words(left)) });
  await ours.events.next("+switch-master", { payload: RegExp(`${words(left)}$`) });
  assert.equal(ours.events.has("+failover-end"), false);
  await assertAgreed([ours, c], left);
});

sceneTest("of two kinds ours is the one to make the old master a replica", async (scene) => {
  const cluster = await startCluster(scene, { replicas: 1, sentinels: ["ours", "c", "c"] });
  const { sentinels, master: old } = cluster;
  const [ours] = sentinels;
  assert.ok(ours);
  await old.kill();
  const master = await newMaster(cluster, old);
  await Promise.all(sentinels.map((node) => node.events.next("+switch-master")));
  await old.restart();
  const payload = RegExp(`^slave ${old.address} `);
  const seen = await ours.events.next("-role-change", { payload });
  // A C Sentinel waits for eight seconds and the INFO after them. Ours acts on the first INFO after the hellos
  // of a majority have named the new master, those of C among them [D-RETURNING].
  const hasConverted = (node: SentinelNode) => node.events.has("+convert-to-slave", payload);
  await scene.until("the old master is told to follow", () => sentinels.some(hasConverted));
  assert.deepEqual(sentinels.filter(hasConverted), [ours]);
  const { atMs } = await ours.events.next("+convert-to-slave", { payload });
  const tookMs = atMs - seen.atMs;
  assert.ok(tookMs < 4_000, `${tookMs} ms`);
  await onlyMaster(cluster, master);
});

interface OpenFailover {
  readonly ours: SentinelNode;
  readonly c: SentinelNode;
  readonly old: RedisNode;
  readonly promoted: RedisNode;
  /** The other replica. It follows the promoted one, and cannot get its data. */
  readonly left: RedisNode;
}

/**
 * Ours leads, and cannot end its failover. Of the two Sentinels both must vote, so that nothing more
 * happens without C, nor without ours if C leads.
 */
async function openFailover(scene: Scene): Promise<OpenFailover> {
  const cluster = await startCluster(scene, {
    sentinels: ["ours", "c"],
    quorum: 1,
    failoverTimeoutMs: 60_000,
    sentinelConfig: (index) => (index === 0 ? [] : [LATE]),
  });
  const [ours, c] = cluster.sentinels;
  assert.ok(ours && c);
  const replicas = cluster.redises.slice(1);
  // No master asks for a password, so a replica that sends one is refused.
  for (const node of replicas) await node.call("CONFIG", "SET", "masterauth", "refused");
  await cluster.master.kill();
  const { payload } = await ours.events.next("+promoted-slave");
  const promoted = replicas.find((node) => payload.includes(` ${node.address} `));
  const left = replicas.find((node) => node !== promoted);
  assert.ok(promoted && left);
  await c.events.next("+switch-master");
  await ours.events.next("+slave-reconf-inprog", { payload: RegExp(` ${left.address} `) });
  return { ours, c, old: cluster.master, promoted, left };
}

/** Both know the second failover's master, and it is one. */
async function assertAgreed(nodes: readonly SentinelNode[], master: RedisNode): Promise<void> {
  for (const node of nodes) {
    await node.events.next("+switch-master", { payload: RegExp(`${words(master)}$`) });
    assert.equal(await node.masterAddress(), master.address);
    assert.equal((await node.master())["config-epoch"], "2");
  }
  assert.equal(await master.role(), "master");
}

function words(node: RedisNode): string {
  return node.address.replace(":", " ");
}
