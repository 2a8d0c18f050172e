import assert from "node:assert/strict";
import { BusyWriters } from "../support/busy-writers.ts";
import { makeCertificate } from "../support/certificate.ts";
import { type Cluster, type ClusterOptions, startCluster } from "../support/cluster.ts";
import { startNamedCluster } from "../support/named-cluster.ts";
import { WITH_PASSWORDS } from "../support/passwords.ts";
import type { RedisNode } from "../support/redis-node.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { Credentials } from "../support/server-node.ts";

// Planned switches of servers that are set up as people do it, by each method, with writers whose every acknowledged
// write is looked for [D-COORDINATED].

const FAILOVER = ["SENTINEL", "FAILOVER"];
const WRITERS = 8;

for (const [what, methods, options] of [
  ["passwords everywhere", ["offset", "failover", "fence"], WITH_PASSWORDS],
  [
    "passwords everywhere, and two C Sentinels",
    ["offset", "failover", "fence"],
    { ...WITH_PASSWORDS, sentinels: ["ours", "c", "c"] },
  ],
  [
    "no FAILOVER and no MULTI",
    ["offset"],
    { redis: { config: ['rename-command FAILOVER ""', 'rename-command MULTI ""'] } },
  ],
  [
    "no CONFIG",
    ["offset", "failover"],
    { redis: { config: ['rename-command CONFIG "ConfigOfOps"'] } },
  ],
  [
    "min-replicas-to-write",
    ["offset", "failover", "fence"],
    { redis: { config: ["min-replicas-to-write 2", "min-replicas-max-lag 10"] } },
  ],
] satisfies [string, string[], ClusterOptions][]) {
  sceneTest(`${what}: no acknowledged write is lost`, async (scene) => {
    const cluster = await startCluster(scene, { downAfterMs: 5_000, ...options });
    await switches(cluster, methods, options.redis?.credentials);
    const setting = "min-replicas-to-write";
    if (what !== setting) return;
    for (const node of cluster.redises) {
      await scene.until("it has its own setting back", async () => {
        return `${await node.call("CONFIG", "GET", setting)}` === `${setting},2`;
      });
    }
  });
}

sceneTest("TLS everywhere: no acknowledged write is lost", async (scene) => {
  const { config, tls } = makeCertificate(scene.folder);
  const cluster = await startCluster(scene, {
    downAfterMs: 5_000,
    redis: { tls: true, config, credentials: { tls } },
    sentinelTls: true,
    sentinelCredentials: { tls },
    sentinelConfig: () => config,
  });
  await switches(cluster, ["offset", "failover", "fence"], { tls });
});

sceneTest("announced names: no acknowledged write is lost", async (scene) => {
  const cluster = await startNamedCluster(scene);
  await switches(cluster, ["offset", "failover", "fence"]);
  for (const node of cluster.sentinels) {
    assert.match((await node.masterAddress()) ?? "", /^localhost:/);
    assert.equal((await node.replicas()).length, 2);
  }
});

sceneTest("a third one in a full sync: it is no target, and follows in the end", async (scene) => {
  const cluster = await startCluster(scene, { downAfterMs: 5_000 });
  const { master, redises, sentinels } = cluster;
  const [leader] = sentinels;
  const [, target, late] = redises;
  assert.ok(leader && target && late);
  // It waits for a minute.
  await master.call("CONFIG", "SET", "repl-diskless-sync-delay", "60");
  await late.call("REPLICAOF", "NO", "ONE");
  await late.call("DEBUG", "CHANGE-REPL-ID");
  await late.call("REPLICAOF", "127.0.0.1", `${master.port}`);
  const place = ["TO", "127.0.0.1", `${late.port}`];
  await scene.until("it is no target", async () => {
    const plan = await leader.call(...FAILOVER, "mymaster", "COORDINATED", ...place, "DRYRUN");
    return /NOGOODSLAVE 127\.0\.0\.1:\d+: /.test(JSON.stringify(plan));
  });
  await switches(cluster, ["offset"]);
  assert.equal(await target.role(), "master");
});

sceneTest(
  "two names of one group: both move, whoever is asked, and both at once",
  async (scene) => {
    const cluster = await startCluster(scene, {
      downAfterMs: 5_000,
      sentinelConfig: (_, { port }) => [
        `sentinel monitor other 127.0.0.1 ${port} 2`,
        "sentinel down-after-milliseconds other 5000",
      ],
    });
    const { sentinels } = cluster;
    const both = async () => {
      const names = ["mymaster", "other"];
      const all = sentinels.flatMap((node) => names.map((name) => node.masterAddress(name)));
      return new Set(await Promise.all(all)).size === 1;
    };
    await switches(cluster, ["offset", "failover", "fence"]);
    await scene.until("both names move", both);
    const writers = new BusyWriters(sentinels, WRITERS);
    await written(scene, writers);
    const asked = await Promise.allSettled(
      ["mymaster", "other"].map((name, at) =>
        sentinels[at]?.call(...FAILOVER, name, "COORDINATED"),
      ),
    );
    assert.ok(asked.some(({ status }) => status === "fulfilled"));
    const master = await quiet(cluster);
    await scene.until("both names mean one", both);
    await written(scene, writers);
    assert.deepEqual(await writers.end(master), []);
  },
);

/** One switch by each method, asked of the first Sentinel. */
async function switches(
  cluster: Cluster,
  methods: readonly string[],
  credentials: Credentials = {},
): Promise<void> {
  const { scene, sentinels } = cluster;
  const [leader] = sentinels;
  let { master } = cluster;
  const writers = new BusyWriters(sentinels, WRITERS, credentials);
  let lost: readonly string[] = [];
  try {
    await written(scene, writers);
    for (const method of methods) {
      await scene.until("it is accepted", async () => {
        return (
          (await leader?.call(...FAILOVER, "mymaster", "COORDINATED", "METHOD", method)) === "OK"
        );
      });
      master = await quiet(cluster, master);
      await written(scene, writers);
    }
  } finally {
    lost = await writers.end(master);
  }
  assert.deepEqual(lost, []);
  for (const { events } of sentinels) assert.ok(!events.has("+sdown", /^master/));
}

/** The one server that all name and follow, once nothing goes on any more. */
async function quiet(
  { scene, sentinels, redises }: Cluster,
  old: RedisNode | null = null,
): Promise<RedisNode> {
  return await scene.until("all name and follow one master", async () => {
    const rows = await Promise.all(sentinels.map((node) => node.master()));
    if (rows.some((row) => row["failover-state"] !== undefined)) return undefined;
    const ports = new Set(rows.map(({ port }) => port));
    const found = redises.find(({ port }) => ports.size === 1 && ports.has(`${port}`));
    if (found === undefined || found === old || (await found.role()) !== "master") return undefined;
    const others = redises.filter((node) => node !== found);
    const following = await Promise.all(others.map((node) => node.isReplicaOf(found)));
    return following.every(Boolean) ? found : undefined;
  });
}

/** All writers get on. */
async function written(scene: Scene, writers: BusyWriters): Promise<void> {
  const enough = writers.count + 50 * WRITERS;
  await scene.until("writes are taken", () => writers.count >= enough);
}
