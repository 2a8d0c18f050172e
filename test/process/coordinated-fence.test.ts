import assert from "node:assert/strict";
import { BusyWriters } from "../support/busy-writers.ts";
import { type Cluster, newMaster, onlyMaster, settled, startCluster } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import { type Scene, sceneTest } from "../support/scene.ts";

// Planned switches without a pause of writes [COORD-FENCE], and those that a master announces [D-SHUTDOWN].

const WRITERS = 8;

async function written(scene: Scene, writers: BusyWriters): Promise<void> {
  const enough = writers.count + 50 * WRITERS;
  await scene.until("writes are taken", () => writers.count >= enough);
}

/** Whatever happens, the writers end with the test. */
async function whileWriting(
  cluster: Cluster,
  act: (writers: BusyWriters) => Promise<RedisNode>,
): Promise<void> {
  const writers = new BusyWriters(cluster.sentinels, WRITERS);
  let { master } = cluster;
  let lost: readonly string[] = [];
  try {
    await written(cluster.scene, writers);
    master = await act(writers);
    await written(cluster.scene, writers);
  } finally {
    lost = await writers.end(master);
  }
  assert.deepEqual(lost, []);
}

async function fence({ scene, sentinels }: Cluster): Promise<void> {
  const words = ["SENTINEL", "FAILOVER", "mymaster", "COORDINATED", "METHOD", "fence"];
  await scene.until("it is accepted", async () => {
    return (await sentinels[0]?.call(...words).catch(() => null)) === "OK";
  });
}

async function assertUnfenced({ scene, redises }: Cluster): Promise<void> {
  await scene.until("all have their own setting back", async () => {
    const values = await Promise.all(
      redises.map(async (node) => `${await node.call("CONFIG", "GET", "min-replicas-to-write")}`),
    );
    return values.every((value) => value === "min-replicas-to-write,0");
  });
}

sceneTest(
  "METHOD fence loses no acknowledged write and leaves no setting behind",
  async (scene) => {
    const cluster = await startCluster(scene, { downAfterMs: 5_000 });
    await whileWriting(cluster, async (writers) => {
      let { master } = cluster;
      for (let turn = 0; turn < 3; turn++) {
        await fence(cluster);
        master = await newMaster(cluster, master);
        await onlyMaster(cluster, master);
        await settled(cluster);
        await written(scene, writers);
      }
      return master;
    });
    await assertUnfenced(cluster);
  },
);

sceneTest(
  "a fence is lifted by the leader that was killed in it, when it is back",
  async (scene) => {
    const cluster = await startCluster(scene, { downAfterMs: 5_000, replicas: 1 });
    const [leader] = cluster.sentinels;
    const [master, target] = cluster.redises;
    assert.ok(leader && master && target);
    await whileWriting(cluster, async () => {
      // The target never has all: the fence is up when the leader is killed.
      target.freeze();
      await fence(cluster);
      await scene.until("it is up", async () => {
        return `${await master.call("CONFIG", "GET", "min-replicas-to-write")}`.endsWith(
          ",1000000000",
        );
      });
      leader.child.signal("SIGKILL");
      await leader.child.exited;
      target.thaw();
      await leader.restart("ours");
      await assertUnfenced(cluster);
      return master;
    });
  },
);

sceneTest("a master that waits for a replica at its end is handed over before", async (scene) => {
  const cluster = await startCluster(scene, {
    downAfterMs: 60_000,
    env: { REDIS_SENTINEL_TS_HANDOVER_ON_SHUTDOWN: "yes" },
  });
  const { master, redises, sentinels } = cluster;
  const slow = redises[2];
  assert.ok(slow);
  await whileWriting(cluster, async () => {
    slow.freeze();
    master.child.signal("SIGTERM");
    const since = performance.now();
    const next = await newMaster(cluster, master);
    assert.ok(performance.now() - since < 8_000);
    slow.thaw();
    await master.child.exited;
    await onlyMaster(cluster, next);
    return next;
  });
  assert.ok(sentinels.some(({ events }) => events.has("+shutdown-announced")));
  assert.ok(!sentinels.some(({ events }) => events.has("+odown")));
});
