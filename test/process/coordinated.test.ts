import assert from "node:assert/strict";
import { BusyWriters } from "../support/busy-writers.ts";
import { type Cluster, newMaster, onlyMaster, settled, startCluster } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelKind, SentinelNode } from "../support/sentinel-node.ts";

// Planned switches of real servers [D-COORDINATED], with writers whose every acknowledged write is looked for.

const FAILOVER = ["SENTINEL", "FAILOVER", "mymaster", "COORDINATED"];
const WRITERS = 8;

for (const [what, kinds] of [
  ["three of ours", ["ours", "ours", "ours"]],
  ["one of ours with two C Sentinels", ["ours", "c", "c"]],
] as const) {
  sceneTest(`switches in a row with ${what} lose no acknowledged write`, async (scene) => {
    const cluster = await startBusy(scene, kinds);
    const writers = new BusyWriters(cluster.sentinels, WRITERS);
    let { master } = cluster;
    await written(scene, writers);
    for (let turn = 0; turn < 5; turn++) {
      const old = master;
      await ask(scene, cluster.sentinels[0]);
      master = await newMaster(cluster, old);
      await onlyMaster(cluster, master);
      await settled(cluster);
      await written(scene, writers);
    }
    assert.deepEqual(await writers.end(master), []);
    for (const { events } of cluster.sentinels) assert.ok(!events.has("+sdown"));
  });
}

sceneTest("by the servers' own FAILOVER as well [COORD-FAILOVER]", async (scene) => {
  const cluster = await startBusy(scene, ["ours", "ours", "ours"]);
  const writers = new BusyWriters(cluster.sentinels, WRITERS);
  await written(scene, writers);
  let { master } = cluster;
  for (let turn = 0; turn < 3; turn++) {
    const old = master;
    await askUntilMoved(scene, cluster.sentinels[0], "METHOD", "failover");
    master = await newMaster(cluster, old);
    await onlyMaster(cluster, master);
    await settled(cluster);
    await written(scene, writers);
  }
  assert.deepEqual(await writers.end(master), []);
});

sceneTest("a target that stands still: given up in time, and writes go on", async (scene) => {
  const options = { replicas: 1, downAfterMs: 6_000 };
  const cluster = await startBusy(scene, ["ours", "ours", "ours"], options);
  const { master, sentinels, redises } = cluster;
  const [leader] = sentinels;
  const [, target] = redises;
  assert.ok(leader && target);
  const writers = new BusyWriters(sentinels, WRITERS);
  await written(scene, writers);
  await ready(scene, leader);
  target.freeze();
  writers.takeLongestGap();
  assert.equal(await leader.call(...FAILOVER, "TIMEOUT", "700"), "OK");
  await leader.events.next("-failover-abort-master-timeout");
  await written(scene, writers);
  const gapMs = writers.takeLongestGap();
  target.thaw();
  assert.ok(gapMs < 1_000, `${gapMs} ms without a write`);
  assert.equal(await leader.masterAddress(), master.address);
  assert.deepEqual(await writers.end(master), []);
  assert.ok(leader.child.log.lines.some((line) => line.includes("has not caught up")));
});

sceneTest("two Sentinels are asked at once, and somebody ends every pause", async (scene) => {
  // Replication PINGs move the offset as well, and are no writes.
  const redis = { config: ["repl-ping-replica-period 1"] };
  const cluster = await startBusy(scene, ["ours", "ours", "ours"], { redis });
  const { sentinels, redises } = cluster;
  const writers = new BusyWriters(sentinels, WRITERS);
  await written(scene, writers);
  for (let turn = 0; turn < 6; turn++) {
    const master = await agreed(scene, sentinels, redises);
    const others = redises.filter((node) => node !== master);
    const end = turn % 2 === 0 ? () => undefined : endPauses(master);
    await Promise.allSettled(
      others.map((node, at) => sentinels[at]?.call(...FAILOVER, "TO", "127.0.0.1", `${node.port}`)),
    );
    await scene.until("none is under way", async () => {
      const rows = await Promise.all(sentinels.map((node) => node.master()));
      return rows.every((row) => row["failover-state"] === undefined);
    });
    end();
    await onlyMaster(cluster, await agreed(scene, sentinels, redises), 60_000);
    await settled(cluster);
    await written(scene, writers);
  }
  assert.deepEqual(await writers.end(await agreed(scene, sentinels, redises)), []);
});

sceneTest("two C Sentinels see nothing down while a target does not catch up", async (scene) => {
  const cluster = await startBusy(scene, ["ours", "c", "c"], { replicas: 1, downAfterMs: 2_000 });
  const { sentinels, redises } = cluster;
  const [leader] = sentinels;
  const [, target] = redises;
  assert.ok(leader && target);
  for (let turn = 0; turn < 3; turn++) {
    const from = leader.events.events.length;
    await ready(scene, leader);
    target.freeze();
    await ask(scene, leader, "TIMEOUT", "1000");
    // Before it was asked how much it has, or after.
    await scene.until("it is given up", () => leader.events.channels(from).some(isGivenUp));
    target.thaw();
    await settled(cluster);
  }
  const ofMaster = (node: SentinelNode) => node.events.has("+sdown", /^master/);
  assert.deepEqual(sentinels.map(ofMaster), [false, false, false]);
});

for (const step of [
  "+elected-leader",
  "+selected-slave",
  "+failover-state-send-slaveof-noone",
  "+failover-state-wait-promotion",
  "+promoted-slave",
  "+slave-reconf-sent",
]) {
  sceneTest(`a leader killed at ${step} loses no acknowledged write`, async (scene) => {
    const cluster = await startBusy(scene, ["ours", "ours", "ours"]);
    const { sentinels, redises } = cluster;
    const [leader, ...others] = sentinels;
    assert.ok(leader);
    const writers = new BusyWriters(others, WRITERS);
    await written(scene, writers);
    leader.events.onEvent = ({ channel }) => {
      if (channel === step) leader.child.signal("SIGKILL");
    };
    await ask(scene, leader);
    await scene.until("the leader is dead", () => !leader.running);
    leader.disconnect();
    const master = await agreed(scene, others, redises);
    await onlyMaster(cluster, master, 60_000);
    await written(scene, writers);
    assert.deepEqual(await writers.end(master), []);
  });
}

for (const [right, sentence] of [
  ["client|pause", /the master refuses CLIENT PAUSE: NOPERM/],
  ["client|unpause", /CLIENT UNPAUSE failed, so it holds writes back/],
] as const) {
  sceneTest(`a missing right to ${right} is said`, async (scene) => {
    const rules =
      "+ping +info +multi +exec +slaveof +config|rewrite +client|setname +client|kill +client|pause +client|unpause +script|kill +subscribe +publish";
    const cluster = await startBusy(scene, ["ours", "ours", "ours"], {
      redis: {
        config: [
          `user sentinel on >secret resetchannels &__sentinel__:hello -@all ${rules.replace(`+${right}`, "")}`,
        ],
      },
      sentinelConfig: () => [
        "sentinel auth-user mymaster sentinel",
        "sentinel auth-pass mymaster secret",
      ],
    });
    const { sentinels } = cluster;
    const [leader] = sentinels;
    assert.ok(leader);
    const writers = new BusyWriters(sentinels, WRITERS);
    await written(scene, writers);
    await ask(scene, leader);
    await scene.until("it is said", () => leader.child.log.lines.some((one) => sentence.test(one)));
    await written(scene, writers);
    const master = await agreed(scene, sentinels, cluster.redises);
    await onlyMaster(cluster, master);
    assert.deepEqual(await writers.end(master), []);
  });
}

async function startBusy(
  scene: Scene,
  sentinels: readonly SentinelKind[],
  options: Parameters<typeof startCluster>[1] = {},
): Promise<Cluster> {
  return await startCluster(scene, { sentinels, downAfterMs: 2_000, ...options });
}

/** As fast as it answers, until that is called. */
function endPauses(server: RedisNode): () => void {
  let isOver = false;
  const go = async () => {
    while (!isOver) await server.call("CLIENT", "UNPAUSE").catch(() => undefined);
  };
  void go();
  return () => {
    isOver = true;
  };
}

/** Until no other failover is under way, and INFO of the servers is known. */
async function ask(
  scene: Scene,
  sentinel: SentinelNode | undefined,
  ...words: readonly string[]
): Promise<void> {
  await scene.until("it is accepted", async () => {
    const reply = sentinel?.call(...FAILOVER, ...words);
    return (await reply?.catch((error: unknown) => error)) === "OK";
  });
}

/** The servers have a second for their own failover, in which a replica acknowledges once. */
async function askUntilMoved(
  scene: Scene,
  sentinel: SentinelNode | undefined,
  ...words: readonly string[]
): Promise<void> {
  const from = sentinel?.events.events.length;
  await ask(scene, sentinel, ...words);
  const end = await scene.until("it is moved, or given up", () => {
    const channels = sentinel?.events.channels(from) ?? [];
    return channels.find((channel) => channel === "+switch-master" || isGivenUp(channel));
  });
  if (isGivenUp(end)) await askUntilMoved(scene, sentinel, ...words);
}

function isGivenUp(channel: string): boolean {
  return (
    channel === "-failover-abort-master-timeout" || channel === "-failover-abort-slave-timeout"
  );
}

/** Until nothing would hold a planned switch up. */
async function ready(scene: Scene, sentinel: SentinelNode): Promise<void> {
  await scene.until("nothing holds it up", async () => {
    const plan = await sentinel.call(...FAILOVER, "DRYRUN");
    const obstacles: unknown = Array.isArray(plan) ? plan[plan.indexOf("blocked-by") + 1] : plan;
    return Array.isArray(obstacles) && obstacles.length === 0;
  });
}

/** All writers get on. */
async function written(scene: Scene, writers: BusyWriters): Promise<void> {
  const enough = writers.count + 50 * WRITERS;
  await scene.until("writes are taken", () => writers.count >= enough);
}

/** The server that all of these Sentinels name. */
async function agreed(
  scene: Scene,
  sentinels: readonly SentinelNode[],
  redises: readonly RedisNode[],
): Promise<RedisNode> {
  return await scene.until("all name one master", async () => {
    const named = await Promise.all(sentinels.map((node) => node.masterAddress()));
    const [address] = named;
    const isOne = new Set(named).size === 1;
    const found = redises.find((node) => node.address === address);
    return isOne && found && (await found.role()) === "master" ? found : undefined;
  });
}
