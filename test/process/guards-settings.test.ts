import assert from "node:assert/strict";
import { makeCertificate } from "../support/certificate.ts";
import { type Cluster, type ClusterOptions, startCluster } from "../support/cluster.ts";
import { startNamedCluster } from "../support/named-cluster.ts";
import { WITH_PASSWORDS } from "../support/passwords.ts";
import type { RedisNode } from "../support/redis-node.ts";
import { RespClient } from "../support/resp-client.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { Credentials } from "../support/server-node.ts";
import { takesWritesMs } from "../support/takes-writes.ts";

// What saves data, with servers and Sentinels that are set up as people do it [D-REBORN] [D-RETURNING].

const KEYS = 500;
/** A busy machine may be as slow as this; without the rule it takes more than eight seconds. */
const MOST_MS = 1_000;
/** As Redis is set up by itself. */
const CONFIG = ["repl-diskless-sync-delay 5"];

type Start = (scene: Scene) => Promise<readonly [Cluster, Credentials]>;

const STARTS: readonly (readonly [string, Start])[] = [
  ["passwords everywhere", (scene) => start(scene, WITH_PASSWORDS)],
  ["TLS everywhere", startTls],
  ["announced names", async (scene) => [await startNamedCluster(scene, { config: CONFIG }), {}]],
  ["a C Sentinel", (scene) => start(scene, { sentinels: ["ours", "ours", "c"] })],
];

for (const [what, begin] of STARTS) {
  sceneTest(`${what}: an empty master is replaced, an old one is fenced`, async (scene) => {
    const [cluster, credentials] = await begin(scene);
    await fill(cluster);
    await cluster.master.restart();
    const master = await follows(cluster, cluster.master);
    for (const node of cluster.redises) assert.equal(await node.call("DBSIZE"), KEYS);
    await master.kill();
    const next = await newMaster(cluster, master);
    await allName(cluster, next, credentials);
    const taken = takesWritesMs(scene, master, credentials);
    await master.restart();
    const lasted = await taken;
    assert.ok(lasted < MOST_MS, `${lasted} ms`);
  });
}

async function start(
  scene: Scene,
  options: ClusterOptions,
): Promise<readonly [Cluster, Credentials]> {
  const { redis = {} } = options;
  const config = [...CONFIG, ...(redis.config ?? [])];
  const cluster = await startCluster(scene, {
    ...options,
    downAfterMs: 5_000,
    redis: { ...redis, config },
  });
  return [cluster, redis.credentials ?? {}];
}

async function startTls(scene: Scene): Promise<readonly [Cluster, Credentials]> {
  const { config, tls } = makeCertificate(scene.folder);
  return await start(scene, {
    redis: { tls: true, config, credentials: { tls } },
    sentinelTls: true,
    sentinelCredentials: { tls },
    sentinelConfig: () => config,
  });
}

/** Every server has some keys, and every Sentinel knows of them. */
async function fill({ scene, master, redises, sentinels }: Cluster): Promise<void> {
  for (let id = 0; id < KEYS; id++) await master.call("SET", `key:${id}`, "value");
  for (const node of redises) {
    await scene.until("it has them", async () => (await node.call("DBSIZE")) === KEYS);
  }
  for (const node of sentinels) {
    await scene.until("Sentinels know of them", async () => {
      const cache = JSON.stringify(await node.call("SENTINEL", "INFO-CACHE", "mymaster"));
      return cache.includes(`db0:keys=${KEYS}`);
    });
  }
}

/** Another one, by the port that all Sentinels name. */
async function newMaster({ scene, redises, sentinels }: Cluster, old: RedisNode) {
  return await scene.until("all name a new master", async () => {
    const rows = await Promise.all(sentinels.map((node) => node.master()));
    const ports = new Set(rows.map(({ port }) => port));
    return redises.find((node) => node !== old && ports.size === 1 && ports.has(`${node.port}`));
  });
}

async function follows(cluster: Cluster, old: RedisNode): Promise<RedisNode> {
  const master = await newMaster(cluster, old);
  await cluster.scene.until("all follow it", async () => {
    const others = cluster.redises.filter((node) => node !== master);
    const following = await Promise.all(others.map((node) => node.isReplicaOf(master)));
    return following.every(Boolean);
  });
  return master;
}

/** Hellos on the new master: a majority is the evidence, and with a server that tells no known name it takes all. */
async function allName(
  { scene, sentinels }: Cluster,
  { port }: RedisNode,
  credentials: Credentials,
): Promise<void> {
  const voices = new Set<string>();
  const ear = await RespClient.open({ port, ...credentials });
  await ear.psubscribe("__sentinel__:hello", ([, , , hello = ""]) => {
    const words = hello.split(",");
    if (words[6] === `${port}`) voices.add(words[2] ?? "");
  });
  await scene.until("all Sentinels name the new master", () => voices.size === sentinels.length);
  ear.close();
}
