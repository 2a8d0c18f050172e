import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BusyWriters } from "../support/busy-writers.ts";
import { type Cluster, onlyMaster, startCluster } from "../support/cluster.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

// What operators, servers and neighbours do to a planned switch [D-COORDINATED].

const COORDINATED = ["SENTINEL", "FAILOVER", "mymaster", "COORDINATED"];
const WRITERS = 8;

// Whether it moves is up to who is faster, until the target is promoted.
for (const [step, isMoved] of [
  ["+failover-state-send-slaveof-noone", null],
  ["+failover-state-wait-promotion", null],
  ["+promoted-slave", true],
] as const) {
  sceneTest(`the master's links are cut at ${step}: nothing is lost`, async (scene) => {
    const cluster = await startCluster(scene, { downAfterMs: 5_000, replicas: 1 });
    const { master, sentinels, redises } = cluster;
    const leader = leaderOf(cluster);
    const operator = await master.connect();
    const writers = new BusyWriters(sentinels, WRITERS);
    let lost: readonly string[] = [];
    let named = master;
    let isCut = false;
    leader.events.onEvent = ({ channel }) => {
      if (channel !== step || isCut) return;
      isCut = true;
      for (const type of ["normal", "pubsub", "replica"]) {
        void operator.call("CLIENT", "KILL", "TYPE", type).catch(() => undefined);
      }
    };
    try {
      await written(scene, writers);
      await scene.until("it is accepted", async () => (await leader.call(...COORDINATED)) === "OK");
      await scene.until("it is over", async () => isCut && (await isQuiet(cluster)));
      await written(scene, writers);
      named = await scene.until("all name one", async () => {
        const all = new Set(await Promise.all(sentinels.map((node) => node.masterAddress())));
        return redises.find(({ address }) => all.size === 1 && all.has(address));
      });
      await onlyMaster(cluster, named);
    } finally {
      lost = await writers.end(named);
      operator.close();
    }
    assert.deepEqual(lost, []);
    if (isMoved !== null) assert.equal(named !== master, isMoved);
  });
}

sceneTest("a master that a script keeps busy refuses, and nothing is changed", async (scene) => {
  const config = ["busy-reply-threshold 50"];
  const cluster = await startCluster(scene, { downAfterMs: 5_000, redis: { config } });
  const { master } = cluster;
  const leader = leaderOf(cluster);
  const client = await master.connect();
  const script = client.call("EVAL", "while true do end", "0").catch(String);
  await scene.until("it is busy", async () => {
    return /^BUSY|: BUSY/.test(`${await master.call("PING").catch(String)}`);
  });
  assert.equal(await leader.call(...COORDINATED), "OK");
  await leader.events.next("-failover-abort-master-timeout");
  assert.ok(
    leader.child.log.lines.some((line) => /refuses CLIENT PAUSE: BUSY/.test(line)),
    leader.child.log.tail(10),
  );
  await master.call("SCRIPT", "KILL");
  await script;
  assert.equal(await leader.masterAddress(), master.address);
  assert.equal(await master.call("SET", "key", "value"), "OK");
  client.close();
});

sceneTest("DRYRUN leaves files, epochs and connections as they were [D-DRY-RUN]", async (scene) => {
  const cluster = await startCluster(scene, { downAfterMs: 5_000 });
  const leader = leaderOf(cluster);
  const clientsOf = async () => {
    const lists = await Promise.all(cluster.redises.map((node) => node.call("CLIENT", "LIST")));
    // A server turns its list round as it looks after its clients.
    return lists.map((list) => `${list}`.match(/^id=\d+/gm)?.sort());
  };
  const before = [filesOf(leader), (await leader.master())["config-epoch"], await clientsOf()];
  const plan = await leader.call(...COORDINATED, "DRYRUN");
  assert.match(JSON.stringify(plan), /"would-promote","127\.0\.0\.1:\d+","blocked-by",\[\]/);
  const after = [filesOf(leader), (await leader.master())["config-epoch"], await clientsOf()];
  assert.deepEqual(after, before);
});

function leaderOf({ sentinels }: Cluster): SentinelNode {
  const [leader] = sentinels;
  assert.ok(leader);
  return leader;
}

function filesOf({ folder }: SentinelNode): readonly string[] {
  const names = readdirSync(folder).sort();
  return names.map((name) => `${name}\n${readFileSync(join(folder, name), "utf8")}`);
}

async function isQuiet({ sentinels }: Cluster): Promise<boolean> {
  const rows = await Promise.all(sentinels.map((node) => node.master()));
  return rows.every((row) => row["failover-state"] === undefined);
}

/** All writers get on. */
async function written(scene: Scene, writers: BusyWriters): Promise<void> {
  const enough = writers.count + 50 * WRITERS;
  await scene.until("writes are taken", () => writers.count >= enough);
}
