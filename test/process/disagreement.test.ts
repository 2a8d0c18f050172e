import assert from "node:assert/strict";
import type { RedisNode } from "../support/redis-node.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelKind, SentinelNode } from "../support/sentinel-node.ts";

// Sentinels that name different masters in one config epoch. A C Sentinel never changes its mind then.

/** The state after two forced failovers on both sides of a partition: two masters, one epoch. */
for (const kinds of [
  ["ours", "c", "c"],
  ["c", "ours", "ours"],
  ["ours", "ours", "ours"],
] as const) {
  sceneTest(`two masters in one epoch become one, with ${kinds.join(", ")}`, async (scene) => {
    const left = await scene.redis();
    const right = await scene.redis();
    const named = [left, right, right];
    const sentinels = await Promise.all(
      kinds.map((kind, index) => {
        const own = named[index] ?? left;
        const other = own === left ? right : left;
        return start(scene, kind, own, [
          "sentinel config-epoch mymaster 5",
          `sentinel known-replica mymaster 127.0.0.1 ${other.port}`,
        ]);
      }),
    );
    await agree(scene, sentinels, [left, right]);
  });
}

/** Three servers, three Sentinels, and each file names another server; who follows whom settles it. */
for (const kinds of [
  ["ours", "ours", "ours"],
  ["ours", "c", "c"],
  ["c", "ours", "ours"],
] as const) {
  sceneTest(`files that name three servers, with ${kinds.join(", ")}`, async (scene) => {
    const master = await scene.redis();
    const replicas = [await scene.redis({ master }), await scene.redis({ master })];
    const servers = [master, ...replicas];
    const sentinels = await Promise.all(
      kinds.map((kind, index) => start(scene, kind, servers[index] ?? master, [])),
    );
    const agreed = await agree(scene, sentinels, servers);
    assert.equal(agreed, master);
  });
}

async function start(
  scene: Scene,
  kind: SentinelKind,
  master: RedisNode,
  more: readonly string[],
): Promise<SentinelNode> {
  const config = [
    `sentinel monitor mymaster 127.0.0.1 ${master.port} 2`,
    "sentinel down-after-milliseconds mymaster 5000",
    "sentinel failover-timeout mymaster 10000",
    ...more,
  ];
  return await scene.sentinel({ kind, config });
}

/** The one server that all name and that is the only master. */
async function agree(
  scene: Scene,
  sentinels: readonly SentinelNode[],
  servers: readonly RedisNode[],
): Promise<RedisNode> {
  const master = await scene.until(
    "all name one server",
    async () => {
      const named = new Set(await Promise.all(sentinels.map((node) => node.masterAddress())));
      return named.size === 1 && servers.find(({ address }) => named.has(address));
    },
    30_000,
  );
  await scene.until(
    "it is the only master",
    async () => {
      const roles = await Promise.all(servers.map((server) => server.role()));
      return servers.every((server, i) => (roles[i] === "master") === (server === master));
    },
    30_000,
  );
  return master;
}
