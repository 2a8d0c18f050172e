import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../../../packaging/run.ts";
import { root } from "../../support/repository.ts";
import { sceneTest } from "../../support/scene.ts";
import { DEB } from "../artefacts.ts";

const units = ["redis-sentinel-ts.service", "redis-sentinel-ts@.service"];
/** Tenths; `systemd-analyze security` calls up to 4.9 OK, and what has no sandbox 9.6. */
const MAX_EXPOSURE = "39";

sceneTest("the units of the Debian package are valid, and the program is there", async (scene) => {
  const tree = scene.subfolder("tree");
  run(["dpkg-deb", "--extract", DEB, tree]);
  const folder = join(tree, "usr", "lib", "systemd", "system");
  assert.deepEqual(readdirSync(folder).sort(), units.toSorted());
  // The system of these tests need not have systemd's own units.
  cpSync("/usr/lib/systemd/system", folder, { recursive: true });
  cpSync("/bin/sh", join(tree, "bin", "sh"), { dereference: true });
  for (const unit of units) {
    const done = spawnSync("systemd-analyze", ["verify", "--root", tree, "--man=no", unit], {
      encoding: "utf8",
    });
    assert.equal(done.status, 0, done.stderr);
    assert.equal(done.stderr, "");
  }
});

for (const unit of units) {
  test(`${unit} leaves an attacker little`, () => {
    const file = join(root, "conf", unit);
    const options = ["--offline=true", `--threshold=${MAX_EXPOSURE}`, "--no-pager"];
    const done = spawnSync("systemd-analyze", ["security", ...options, file], { encoding: "utf8" });
    assert.equal(done.status, 0, done.stdout + done.stderr);
  });
}

test("the two units differ in names alone", () => {
  const [one = "", instance = ""] = units.map((unit) =>
    readFileSync(join(root, "conf", unit), "utf8").replace(/^#.*\n/gm, ""),
  );
  const plain = instance.replace(" (%i)", "").replaceAll("sentinel-%i", "sentinel");
  assert.equal(plain, one);
});
