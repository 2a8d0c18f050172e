import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../../../packaging/run.ts";
import { newMaster, onlyMaster, settled, startCluster } from "../../support/cluster.ts";
import { sceneTest } from "../../support/scene.ts";
import { DEB, VERSION } from "../artefacts.ts";

test("lintian finds nothing in the Debian package", () => {
  // The last releases of Debian and of lintian know different versions of the policy.
  const options = ["--allow-root", "--fail-on=error,warning", "--suppress-tags", SUPPRESSED];
  const done = spawnSync("lintian", [...options, DEB], { encoding: "utf8" });
  assert.equal(done.status, 0, done.stdout + done.stderr);
  assert.equal(done.stdout, "");
});

/** Of a package that was not made for Debian itself. */
const SUPPRESSED = "initial-upload-closes-no-bugs";

test("the Debian package has no file of redis-sentinel, and no conffile", () => {
  const listed = run(["dpkg-deb", "--contents", DEB]);
  const paths = listed
    .trim()
    .split("\n")
    .map((line) => line.split(/\s+/)[5] ?? "");
  for (const path of [
    "./usr/bin/redis-sentinel-ts",
    "./usr/lib/redis-sentinel-ts/bin/redis-sentinel-ts.js",
    "./usr/lib/systemd/system/redis-sentinel-ts@.service",
    "./usr/share/man/man1/redis-sentinel-ts.1.gz",
    "./usr/share/bash-completion/completions/redis-sentinel-ts",
    "./usr/share/redis-sentinel-ts/sentinel.conf",
    "./usr/share/doc/redis-sentinel-ts/copyright",
  ]) {
    assert.ok(paths.includes(path), path);
  }
  assert.deepEqual(
    paths.filter(
      (path) =>
        /^.\/(etc|var)|\/redis-sentinel$/.test(path) &&
        !path.includes("/usr/lib/redis-sentinel-ts/"),
    ),
    [],
  );
  assert.ok(listed.split("\n").every((line) => line === "" || line.includes(" root/root ")));
  assert.equal(run(["dpkg-deb", "--field", DEB, "Version"]), `${VERSION}\n`);
  const parts = run(["dpkg-deb", "--info", DEB]);
  assert.doesNotMatch(parts, /conffiles/);
});

sceneTest(
  "its daemon takes over from one of three C Sentinels, leads a failover, and gives the file back",
  async (scene) => {
    const tree = scene.subfolder("tree");
    run(["dpkg-deb", "--extract", DEB, tree]);
    const program = join(tree, "usr", "bin", "redis-sentinel-ts");
    assert.match(run([program, "--version"]), new RegExp(`redis-sentinel-ts=${VERSION}\\n`));
    const cluster = await startCluster(scene, {
      sentinels: ["c", "c", "c"],
      program,
      failoverTimeoutMs: 4_000,
    });
    const [node] = cluster.sentinels;
    assert.ok(node);
    const id = await node.myId();
    await node.restart("ours");
    await settled(cluster);
    assert.ok(node.child.log.has(/redis-sentinel-ts is starting/));
    await cluster.master.kill();
    const second = await newMaster(cluster, cluster.master);
    await cluster.master.restart();
    await onlyMaster(cluster, second);
    await node.restart("c");
    await settled(cluster);
    assert.equal(await node.myId(), id);
    assert.equal(await node.masterAddress(), second.address);
    await second.kill();
    await onlyMaster(cluster, await newMaster(cluster, second));
  },
  { timeoutMs: 120_000 },
);
