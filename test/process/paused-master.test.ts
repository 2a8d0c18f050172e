import assert from "node:assert/strict";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelKind, SentinelNode } from "../support/sentinel-node.ts";

// A server whose writes are paused answers PING, but no PUBLISH, and nothing that comes behind it.

const PAUSE_MS = 5_000;
/** Connections of each Sentinel to a server, as upstream. */
const USUAL_LINKS = 2;

sceneTest("a master that pauses its writes is not down for us", async (scene) => {
  const cluster = await startPausable(scene, ["ours", "ours", "ours"]);
  const { master } = cluster;
  await linksTo(scene, cluster, USUAL_LINKS);
  await master.call("CLIENT", "PAUSE", String(PAUSE_MS), "WRITE");
  await linksTo(scene, cluster, USUAL_LINKS + 1);
  await writesAgain(scene, cluster);
  await linksTo(scene, cluster, USUAL_LINKS);
  assert.deepEqual(cluster.sentinels.flatMap(conclusions), []);
});

sceneTest("nor beside C Sentinels, which see it down", async (scene) => {
  // All three must agree, so C alone does not fail over.
  const cluster = await startPausable(scene, ["ours", "c", "c"], 3);
  const { master, sentinels } = cluster;
  const [ours, ...others] = sentinels;
  assert.ok(ours);
  await master.call("CLIENT", "PAUSE", String(PAUSE_MS), "WRITE");
  await Promise.all(others.map((node) => node.events.next("+sdown", { payload: /^master/ })));
  await writesAgain(scene, cluster);
  assert.deepEqual(conclusions(ours), []);
  assert.equal(await ours.masterAddress(), master.address);
});

sceneTest("nor while it hands its role to a replica that lags", async (scene) => {
  const cluster = await startPausable(scene, ["ours", "ours", "ours"]);
  const { master, redises } = cluster;
  const [, target] = redises;
  assert.ok(target);
  target.freeze();
  await master.call("SET", "key", "more than the target holds");
  const to = ["TO", "127.0.0.1", String(target.port)];
  await master.call("FAILOVER", ...to, "TIMEOUT", String(PAUSE_MS));
  const state = async () => (await master.info("replication")).master_failover_state;
  assert.equal(await state(), "waiting-for-sync");
  await scene.until("it gave up", async () => (await state()) === "no-failover");
  target.thaw();
  const ofMaster = (line: string) => line.includes("+sdown master") || !line.includes("+sdown");
  assert.deepEqual(cluster.sentinels.flatMap(conclusions).filter(ofMaster), []);
});

async function startPausable(
  scene: Scene,
  sentinels: readonly SentinelKind[],
  quorum = 2,
): Promise<Cluster> {
  return await startCluster(scene, { sentinels, quorum, downAfterMs: 1_000 });
}

/** What it took for wrong so far. */
function conclusions({ name, events }: SentinelNode): readonly string[] {
  return events.events
    .filter(({ channel }) => /^\+(sdown|odown|try-failover|tilt)$/.test(channel))
    .map(({ channel, payload }) => `${name} ${channel} ${payload}`);
}

async function writesAgain(scene: Scene, { master }: Cluster): Promise<void> {
  const client = await master.connect();
  const written = client.call("SET", "key", "value");
  try {
    await scene.until("the pause is over", async () => (await written) === "OK", 2 * PAUSE_MS);
  } finally {
    client.close();
  }
}

/** Each Sentinel has so many connections to the master. */
async function linksTo(
  scene: Scene,
  { master, sentinels }: Cluster,
  wanted: number,
): Promise<void> {
  await scene.until(`${wanted} links of each Sentinel`, async () => {
    const list = String(await master.call("CLIENT", "LIST"));
    return list.match(/ name=sentinel-/g)?.length === wanted * sentinels.length;
  });
}
