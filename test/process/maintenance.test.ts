import assert from "node:assert/strict";
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { durableLines } from "../support/durable.ts";
import { sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

async function pause(node: SentinelNode, seconds: number): Promise<unknown> {
  return await node.call("SENTINEL", "PAUSE", "mymaster", `${seconds}`, "new disks");
}

function countOf({ events }: SentinelNode, wanted: string): number {
  return events.events.filter(({ channel }) => channel === wanted).length;
}

async function forget(node: SentinelNode, ...words: readonly string[]): Promise<string> {
  return await node.call("SENTINEL", "FORGET", "mymaster", ...words).then(String, String);
}

sceneTest(
  "a pause of all three holds a failover back, also over a restart [D-PAUSE]",
  async (scene) => {
    const cluster = await startCluster(scene);
    const [first, second, third] = cluster.sentinels;
    assert.ok(first && second && third);
    const still = "2 of 3 Sentinels are not paused: automatic failover is still possible";
    assert.deepEqual(await pause(first, 3_600), ["OK", still]);
    const not = "1 of 3 Sentinels is not paused: automatic failover is not possible";
    assert.deepEqual(await pause(second, 3_600), ["OK", not]);
    await pause(third, 3_600);
    const before = durableLines(first.configText);
    assert.ok(!first.configText.includes("pause"));
    assert.equal(statSync(`${first.file}.extra`).mode & 0o777, 0o600);
    await first.restart();
    assert.deepEqual(durableLines(first.configText), before);
    await cluster.master.kill();
    for (const node of cluster.sentinels) {
      await scene.until(`${node.name} sees it down`, async () => {
        return (await node.master()).flags?.includes("s_down");
      });
    }
    for (const node of cluster.sentinels) {
      assert.equal(countOf(node, "+try-failover"), 0);
      assert.equal(countOf(node, "+vote-for-leader"), 0);
      assert.equal(await node.masterAddress(), cluster.master.address);
      assert.equal(await node.call("SENTINEL", "RESUME", "*"), 1);
    }
    await newMaster(cluster, cluster.master);
  },
);

sceneTest("two C Sentinels fail over beside a pause, which said so", async (scene) => {
  const cluster = await startCluster(scene, { sentinels: ["ours", "c", "c"] });
  const [ours] = cluster.sentinels;
  assert.ok(ours);
  const still = "2 of 3 Sentinels are not paused: automatic failover is still possible";
  assert.deepEqual(await pause(ours, 3_600), ["OK", still]);
  await cluster.master.kill();
  const master = await newMaster(cluster, cluster.master);
  await onlyMaster(cluster, master);
  assert.equal(countOf(ours, "+vote-for-leader"), 0);
});

sceneTest(
  "a damaged file beside the file keeps nobody from starting [EXTRA-FILE]",
  async (scene) => {
    const cluster = await startCluster(scene, { sentinels: ["ours"], quorum: 1 });
    const [node] = cluster.sentinels;
    assert.ok(node);
    await pause(node, 3_600);
    writeFileSync(`${node.file}.extra`, '{"version":1,"masters":{"mymas');
    await node.restart();
    assert.deepEqual(await node.call("SENTINEL", "PAUSES"), []);
    assert.ok(existsSync(`${node.file}.extra.damaged`));
    await pause(node, 3_600);
    rmSync(`${node.file}.extra`);
    await node.restart();
    assert.deepEqual(await node.call("SENTINEL", "PAUSES"), []);
  },
);

sceneTest(
  "three of five Sentinels, once the others are forgotten, lose one more [D-FORGET]",
  async (scene) => {
    const cluster = await startCluster(scene, { sentinels: ["ours", "ours", "ours", "ours", "c"] });
    const gone = cluster.sentinels.slice(3);
    const left = cluster.sentinels.slice(0, 3);
    const ids = await Promise.all(gone.map((node) => node.myId()));
    for (const node of gone) await node.stop();
    for (const node of left) {
      for (const id of ids) {
        await scene.until(`${node.name} forgets ${id}`, async () => {
          return /^OK The majority is \d of \d/.test(await forget(node, "SENTINEL", id));
        });
      }
      assert.equal((await node.sentinels()).length, 2);
    }
    await left[2]?.stop();
    await cluster.master.kill();
    const rest = { ...cluster, sentinels: left };
    const master = await newMaster(rest, cluster.master);
    await onlyMaster(cluster, master);
  },
);

sceneTest(
  "a C Sentinel goes on with the file of one that forgot a replica [D-FORGET]",
  async (scene) => {
    const cluster = await startCluster(scene);
    const [node] = cluster.sentinels;
    const gone = cluster.redises[2];
    assert.ok(node && gone);
    await gone.stop();
    await scene.until("it is forgotten", async () => {
      return (await forget(node, "REPLICA", "127.0.0.1", `${gone.port}`)) === "OK";
    });
    await node.restart("c");
    await scene.until("it knows one replica", async () => (await node.replicas()).length === 1);
    assert.equal(await node.masterAddress(), cluster.master.address);
    await gone.restart();
    await scene.until("who lives comes back", async () => (await node.replicas()).length === 2);
  },
);
