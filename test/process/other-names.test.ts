import assert from "node:assert/strict";
import type { RedisNode } from "../support/redis-node.ts";
import { sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

// Two names that come to mean one server, as after `monitor a 7001`, `monitor b 7002`, where 7002 is a
// replica of 7001: nothing may be torn apart.

for (const kinds of [
  ["ours", "ours", "ours"],
  ["ours", "c", "ours"],
] as const) {
  sceneTest(`two names for one group, with ${kinds.join(", ")}`, async (scene) => {
    const first = await scene.redis();
    const second = await scene.redis({ master: first });
    const third = await scene.redis({ master: first });
    const servers = [first, second, third];
    const config = [...monitor("a", first), ...monitor("b", second)];
    const sentinels = await Promise.all(kinds.map((kind) => scene.sentinel({ kind, config })));
    const [leader] = sentinels;
    assert.ok(leader);
    await scene.until("all know each other", async () => {
      const peers = await Promise.all(sentinels.map((node) => node.sentinels("a")));
      const replicas = await leader.replicas("a");
      return peers.every((rows) => rows.length === 2) && replicas.length === 2;
    });
    await second.call("CONFIG", "SET", "replica-priority", "1");
    await scene.until("the priority is known", async () =>
      (await leader.replicas("a")).some((row) => row["slave-priority"] === "1"),
    );
    assert.equal(await leader.call("SENTINEL", "FAILOVER", "a"), "OK");
    const settled = async () => await isSettled(sentinels, servers);
    await scene.until("both names mean the one master", settled, 60_000);
    // Both die together, and both are found again together.
    await second.kill();
    const heirs = [first, third];
    await scene.until("both names moved", async () => await isSettled(sentinels, heirs), 60_000);
  });
}

function monitor(name: string, server: RedisNode): string[] {
  return [
    `sentinel monitor ${name} 127.0.0.1 ${server.port} 2`,
    `sentinel down-after-milliseconds ${name} 2000`,
    `sentinel failover-timeout ${name} 6000`,
  ];
}

/** All name one server under both names, and it is the only master. */
async function isSettled(
  sentinels: readonly SentinelNode[],
  servers: readonly RedisNode[],
): Promise<boolean> {
  const names = ["a", "b"].flatMap((name) => sentinels.map((node) => node.masterAddress(name)));
  const named = new Set(await Promise.all(names));
  if (named.size !== 1) return false;
  const roles = await Promise.all(servers.map((server) => server.role()));
  return servers.every((one, i) => (roles[i] === "master") === named.has(one.address));
}
