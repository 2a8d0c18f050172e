import assert from "node:assert/strict";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { losingNothing, run, start } from "../support/console-run.ts";
import { type Scene, sceneTest } from "../support/scene.ts";

// The console is killed (SIGKILL) in each step of what it does: no acknowledged write is lost, and the same command
// once more does it, and puts right what the one before has left.

const BY_HAND = ["switchover", "mymaster", "--servers"];

/** Starts it, and kills it as soon as a Sentinel says that event. */
async function killedAt(cluster: Cluster, words: readonly string[], event: string): Promise<void> {
  const { sentinels } = cluster;
  const child = start(cluster, words);
  for (const { events } of sentinels) {
    events.onEvent = ({ channel }) => {
      if (channel === event) child.signal("SIGKILL");
    };
  }
  const { signal } = await child.exited;
  assert.equal(signal, "SIGKILL", child.log.lines.join("\n"));
  for (const { events } of sentinels) events.onEvent = null;
}

async function startC(scene: Scene): Promise<Cluster> {
  const cluster = await startCluster(scene, {
    sentinels: ["c", "c", "c"],
    downAfterMs: 5_000,
    redis: { hasFile: true },
  });
  for (const node of cluster.sentinels) await node.call("SENTINEL", "DEBUG", "info-period", "1000");
  return cluster;
}

/** What is set of the priorities, and what the files say of them. */
async function priorities({ redises }: Cluster): Promise<readonly string[]> {
  const set = redises.map(async (node) => `${await node.call("CONFIG", "GET", "slave-priority")}`);
  const written = redises.flatMap(
    ({ configText }) => configText.match(/^.*-priority \d+$/gm) ?? [],
  );
  const values = [...(await Promise.all(set)), ...written];
  return values.map((text) => /\d+$/.exec(text)?.[0] ?? "");
}

async function onceMore(cluster: Cluster): Promise<void> {
  await losingNothing(cluster, async () => {
    const { code, text } = await run(cluster, BY_HAND);
    assert.equal(code, 0, text);
  });
  assert.deepEqual(new Set(await priorities(cluster)), new Set(["100"]));
}

sceneTest("by hand, killed before the order: `check` tells what is left", async (scene) => {
  const cluster = await startC(scene);
  const [sentinel] = cluster.sentinels;
  assert.ok(sentinel);
  const killed = async () => {
    const child = start(cluster, BY_HAND);
    await scene.until("it has set them", () =>
      child.log.lines.some((line) => /knows the priorities/.test(line)),
    );
    child.signal("SIGKILL");
    await child.exited;
  };
  await losingNothing(cluster, killed, false);
  await scene.until("the Sentinels see it", async () => {
    const rows = await sentinel.replicas();
    return rows.some((row) => row["slave-priority"] === "1000000100");
  });
  const { code, text } = await run(cluster, ["check", "mymaster"]);
  assert.equal(code, 1, text);
  assert.match(text, /PRIORITY_LEFT\n.* has priority 1000000100, and had 100 before/);
  await onceMore(cluster);
});

for (const event of ["+try-failover", "+promoted-slave"]) {
  sceneTest(`by hand, killed at ${event}`, async (scene) => {
    const cluster = await startC(scene);
    await losingNothing(cluster, async () => await killedAt(cluster, BY_HAND, event));
    await onceMore(cluster);
  });
}

sceneTest("a Sentinel of ours goes on without the console", async (scene) => {
  const cluster = await startCluster(scene, { downAfterMs: 5_000 });
  await losingNothing(cluster, async () => {
    await killedAt(cluster, ["switchover", "mymaster"], "+try-failover");
  });
  await losingNothing(cluster, async (old) => {
    await killedAt(cluster, ["handover", "--server", old.address], "+promoted-slave");
  });
  await killedAt(cluster, ["pause", "mymaster", "5m"], "+pause");
  const told = await run(cluster, ["check", "mymaster"]);
  assert.match(told.text, /PAUSED\n.* no failover at [12] of 3 Sentinels for \d+ s/);
  const status = await run(cluster, ["status", "mymaster"]);
  assert.match(status.text, /paused at [12] of 3 Sentinels/);
  const again = await run(cluster, ["pause", "mymaster", "5m"]);
  assert.deepEqual([again.code, /not possible/.test(again.text)], [0, true], again.text);
  const resumed = await run(cluster, ["resume", "mymaster"]);
  assert.match(resumed.text, /3 of 3 Sentinels were paused/);
});
