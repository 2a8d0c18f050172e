import assert from "node:assert/strict";
import {
  type Cluster,
  type ClusterOptions,
  newMaster,
  onlyMaster,
  startCluster,
} from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import { type Scene, sceneTest } from "../support/scene.ts";

// What happened in the field, with real servers: a failover acts on what is true now, chooses by the
// history of the data, and never stalls. Each schedule runs on virtual time in test/core as well.

interface Servers {
  readonly cluster: Cluster;
  readonly master: RedisNode;
  readonly one: RedisNode;
  readonly two: RedisNode;
}

async function start(scene: Scene, options: ClusterOptions = {}): Promise<Servers> {
  const cluster = await startCluster(scene, options);
  const [, one, two] = cluster.redises;
  assert.ok(one !== undefined);
  return { cluster, master: cluster.master, one, two: two ?? one };
}

/** Every Sentinel has heard this of a replica. */
async function heard(cluster: Cluster, node: RedisNode, field: string, value: string) {
  for (const sentinel of cluster.sentinels) {
    await cluster.scene.until(`${sentinel.name} hears ${field} ${value}`, async () => {
      const rows = await sentinel.replicas();
      return rows.some((row) => row.port === `${node.port}` && row[field] === value);
    });
  }
}

function logged({ sentinels }: Cluster, part: string): boolean {
  return sentinels.some(({ child }) => child.log.lines.some((line) => line.includes(part)));
}

sceneTest(
  "a living master that was out of sight is not replaced, and its death later is",
  async (scene) => {
    const { cluster, master, one, two } = await start(scene);
    for (const node of cluster.redises) node.freeze();
    const selecting = cluster.sentinels.map(({ events }) =>
      events.next("+failover-state-select-slave"),
    );
    await Promise.any(selecting);
    for (const node of [one, two, master]) node.thaw();
    await Promise.any(
      cluster.sentinels.map(({ events }) => events.next("-failover-abort-no-good-slave")),
    );
    for (const node of cluster.sentinels) {
      const isCalm = async () => (await node.master()).flags === "master";
      await scene.until(`${node.name} sees the master up`, isCalm);
    }
    assert.equal(await master.role(), "master");
    const killedAt = performance.now();
    await master.kill();
    const next = await newMaster(cluster, master);
    const tookMs = performance.now() - killedAt;
    assert.ok(tookMs < 8_000, `${tookMs} ms`);
    await onlyMaster(cluster, next);
    const promotions = cluster.sentinels.flatMap(({ events }) =>
      events.events.filter(({ channel }) => channel === "+promoted-slave"),
    );
    assert.equal(promotions.length, 1);
  },
);

sceneTest("a ring of replicas ends with one master", async (scene) => {
  const { cluster, master, one } = await start(scene, { failoverTimeoutMs: 180_000 });
  await master.call("SET", "key", "value");
  await scene.until("the write arrives", async () => (await one.call("GET", "key")) === "value");
  await master.restart();
  await master.call("REPLICAOF", "127.0.0.1", `${one.port}`);
  const next = await newMaster(cluster, master, 20_000);
  assert.equal(await next.role(), "master");
  // The old one may follow a replica of the new one: that is put right after failover-timeout.
  for (const node of cluster.redises.filter((other) => other !== next)) {
    await scene.until(`${node.name} is in sync`, async () => {
      const { role, master_link_status } = await node.info("replication");
      return role === "slave" && master_link_status === "up";
    });
  }
});

sceneTest("a candidate that refuses is passed over at once", async (scene) => {
  const { cluster, master, one, two } = await start(scene, { failoverTimeoutMs: 180_000 });
  await one.call("CONFIG", "SET", "replica-priority", "1");
  await one.call("ACL", "SETUSER", "default", "-slaveof");
  await heard(cluster, one, "slave-priority", "1");
  await master.kill();
  assert.equal(await newMaster(cluster, master, 10_000), two);
  assert.ok(logged(cluster, "refused to change its role: NOPERM"));
});

sceneTest("servers that refuse CLIENT are failed over all the same", async (scene) => {
  const redis = { config: ['rename-command CLIENT ""'] };
  const { cluster, master } = await start(scene, { redis, failoverTimeoutMs: 180_000 });
  await master.kill();
  const next = await newMaster(cluster, master, 10_000);
  await onlyMaster(cluster, next);
});

sceneTest("a role that will not outlive a restart is a warning", async (scene) => {
  const { cluster, master } = await start(scene);
  await master.kill();
  await onlyMaster(cluster, await newMaster(cluster, master));
  await scene.until("the warning", () =>
    logged(cluster, "CONFIG REWRITE failed, so it will have its old role after a restart"),
  );
});

sceneTest(
  "a late replica is taken within about a second, long after nobody was fit",
  async (scene) => {
    const redis = { config: ["save 3600 1"] };
    const options = { replicas: 1, failoverTimeoutMs: 4_000, redis };
    const { cluster, master, one } = await start(scene, options);
    await master.call("SET", "key", "value");
    await scene.until("the write arrives", async () => (await one.call("GET", "key")) === "value");
    await one.stop();
    await master.kill();
    const aborted = cluster.sentinels.map(({ events }) =>
      events.next("-failover-abort-no-good-slave"),
    );
    await Promise.any(aborted);
    await one.restart();
    const upAt = performance.now();
    assert.equal(await newMaster(cluster, master, 20_000), one);
    const tookMs = performance.now() - upAt;
    assert.ok(tookMs < 4_000, `${tookMs} ms`);
  },
);

sceneTest("Sentinels that start when the master is long dead fail over", async (scene) => {
  const { cluster, master } = await start(scene, { failoverTimeoutMs: 180_000 });
  for (const node of cluster.sentinels) await node.kill();
  await master.kill();
  // More than ten times down-after, which is what upstream allows.
  await scene.until("the replicas are long without it", async () => {
    const { master_link_down_since_seconds } = await (cluster.redises[1] as RedisNode).info(
      "replication",
    );
    return Number(master_link_down_since_seconds) >= 12;
  });
  for (const node of cluster.sentinels) await node.restart();
  await onlyMaster(cluster, await newMaster(cluster, master, 15_000));
});

sceneTest(
  "a replica that never finished a sync loses to one that holds the data",
  async (scene) => {
    const { cluster, master, one, two } = await start(scene, { failoverTimeoutMs: 180_000 });
    await master.call("SET", "key", "value");
    await master.call("CONFIG", "SET", "repl-diskless-sync-delay", "60");
    await one.restart();
    await one.call("CONFIG", "SET", "replica-priority", "1");
    await heard(cluster, one, "slave-priority", "1");
    await heard(cluster, one, "master-link-status", "err");
    await master.kill();
    assert.equal(await newMaster(cluster, master), two);
    assert.equal(await two.call("GET", "key"), "value");
  },
);

sceneTest(
  "a replica that was detached before the master's death lacks what the others hold",
  async (scene) => {
    const { cluster, master, one, two } = await start(scene, { failoverTimeoutMs: 180_000 });
    await one.call("CONFIG", "SET", "replica-priority", "1");
    await heard(cluster, one, "slave-priority", "1");
    await one.call("REPLICAOF", "NO", "ONE");
    for (let i = 0; i < 100; i++) await master.call("SET", `key-${i}`, "value");
    await scene.until("the writes arrive", async () => (await two.call("EXISTS", "key-99")) === 1);
    await master.kill();
    assert.equal(await newMaster(cluster, master), two);
    assert.equal(await two.call("DBSIZE"), 100);
  },
);
