import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Cluster, newMaster, startCluster } from "../support/cluster.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelKind } from "../support/sentinel-node.ts";

const SYNC_TAKES_MS = 1_950;

sceneTest(
  "storage that takes two seconds for a save does not keep a failover from happening",
  async (scene) => {
    const cluster = await startOnSlowStorage(scene, ["ours", "ours", "ours"]);
    await cluster.master.kill();
    await newMaster(cluster, cluster.master);
    assert.deepEqual(tiltsOf(cluster), []);
  },
);

sceneTest("nor beside a C Sentinel on a disk that works", async (scene) => {
  const cluster = await startOnSlowStorage(scene, ["ours", "ours", "c"]);
  await cluster.master.kill();
  await newMaster(cluster, cluster.master);
  assert.deepEqual(tiltsOf(cluster), []);
});

sceneTest("nor makes it anybody look down who is not", async (scene) => {
  const cluster = await startOnSlowStorage(scene, ["ours"], 1);
  const [ours] = cluster.sentinels;
  assert.ok(ours);
  for (const count of ["3", "4", "5"]) {
    await ours.call("SENTINEL", "SET", "mymaster", "parallel-syncs", count);
  }
  assert.deepEqual(
    ours.events.channels().filter((name) => /^\+(sdown|tilt)$/.test(name)),
    [],
  );
});

/** Sentinels of ours whose every fsync takes long, once all know each other. */
async function startOnSlowStorage(
  scene: Scene,
  sentinels: readonly SentinelKind[],
  quorum = 2,
): Promise<Cluster> {
  const signal = join(scene.folder, "slow");
  const env = { NODE_OPTIONS: `--import ${slowSync(signal)}` };
  const cluster = await startCluster(scene, { sentinels, quorum, downAfterMs: 1_000, env });
  writeFileSync(signal, "");
  assert.ok(existsSync(signal));
  return cluster;
}

/** A module that makes fsync slow from when the file is there, as the data: URL of its text. */
function slowSync(signal: string): string {
  const text = `
    import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    const { fsyncSync } = fs;
    const cell = new Int32Array(new SharedArrayBuffer(4));
    fs.fsyncSync = (fd) => {
      if (fs.existsSync(${JSON.stringify(signal)})) Atomics.wait(cell, 0, 0, ${SYNC_TAKES_MS / 2});
      fsyncSync(fd);
    };
    syncBuiltinESMExports();
  `;
  return `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`;
}

function tiltsOf({ sentinels }: Cluster): readonly string[] {
  return sentinels.flatMap(({ child }) => child.log.lines.filter((line) => /\+tilt\b/.test(line)));
}
