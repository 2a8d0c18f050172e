import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../../../packaging/run.ts";
import { read } from "../../support/repository.ts";
import { sceneTest } from "../../support/scene.ts";
import { OUT, SBOM, TARBALL, VERSION } from "../artefacts.ts";
import { cloneTo } from "../clone.ts";

const { man: manPage } = JSON.parse(read("package.json"));
const listed = run(["tar", "-tzf", TARBALL])
  .trim()
  .split("\n")
  .map((path) => path.replace(/^package\//, ""));

test("the npm package holds what it should, and nothing else", () => {
  const wanted = [
    "README.md LICENSE CHANGELOG.md package.json npm-shrinkwrap.json",
    "bin/redis-sentinel-ts.js bin/redis-sentinel bin/redis-server bin/sentinel-ping",
    "bin/valkey-sentinel bin/valkey-server bin/start-sentinel",
    "conf/sentinel.conf conf/redis-sentinel-ts.service conf/redis-sentinel-ts@.service",
    "conf/prometheus-rules.yml conf/grafana-dashboard.json",
    "docs/operations.md dist/src/main.js dist/src/index.js dist/src/index.d.ts",
    "dist/share/man/redis-sentinel-ts.1 dist/share/completion/bash/redis-sentinel-ts",
    "dist/share/completion/zsh/_redis-sentinel-ts dist/share/completion/fish/redis-sentinel-ts.fish",
  ].flatMap((line) => line.split(" "));
  assert.deepEqual(
    wanted.filter((path) => !listed.includes(path)),
    [],
  );
  const folders =
    /^(bin|conf|docs|dist\/src|dist\/share)\/|^[A-Z]+(\.md)?$|^package\.json$|^npm-shrinkwrap\.json$/;
  assert.deepEqual(
    listed.filter((path) => !folders.test(path) || /test|\.tsbuildinfo|node_modules/.test(path)),
    [],
  );
});

sceneTest(
  "npm would publish it, and the same out of a clone in which nothing was built",
  async (scene) => {
    const clone = join(scene.folder, "clone");
    cloneTo(clone);
    const [packed, cloned] = [publish(["--ignore-scripts", TARBALL], OUT), publish([], clone)];
    assert.deepEqual(packed.warnings, []);
    assert.deepEqual(cloned.warnings, []);
    assert.equal(packed.named, `redis-sentinel-ts@${VERSION}`);
    assert.deepEqual(packed.files, [...listed].sort());
    assert.deepEqual(cloned.files, packed.files);
  },
  { timeoutMs: 300_000 },
);

/** What npm says of it. Who is not logged in is told so; all other warnings are faults of package.json. */
function publish(words: readonly string[], cwd: string) {
  const command = ["npm", "publish", "--dry-run", "--loglevel=notice", ...words];
  const said = run(["sh", "-c", '"$@" 2>&1', "sh", ...command], { cwd });
  const lines = said.split("\n");
  const warnings = lines.filter((line) => /warn/i.test(line) && !line.includes("be logged in"));
  const files = lines.flatMap((line) => /^npm notice [\d.]+k?B (.+)$/.exec(line)?.[1] ?? []);
  const named = lines.find((line) => line.startsWith("+ "))?.slice(2);
  return { warnings, files: files.sort(), named };
}

sceneTest("what npm installs from it runs, with its manual page", async (scene) => {
  const prefix = scene.subfolder("prefix");
  run([
    "npm",
    "install",
    "--global",
    "--prefix",
    prefix,
    "--prefer-offline",
    "--no-audit",
    TARBALL,
  ]);
  const program = join(prefix, "bin", "redis-sentinel-ts");
  assert.match(run([program, "--version"]), new RegExp(`redis-sentinel-ts=${VERSION}\\n`));
  const page = join(prefix, "lib", "node_modules", "redis-sentinel-ts", manPage);
  assert.match(readFileSync(page, "utf8"), /^\.TH REDIS-SENTINEL-TS 1/);
});

test("the bill of materials lists each dependency as it is locked", () => {
  const { components, serialNumber } = JSON.parse(readFileSync(SBOM, "utf8"));
  const listedNames = components.map(
    ({ group, name, version }: Record<string, string>) =>
      `${group === undefined ? name : `${group}/${name}`} ${version}`,
  );
  const { packages } = JSON.parse(read("npm-shrinkwrap.json"));
  const locked = Object.entries<{ version: string; dev?: boolean }>(packages).flatMap(
    ([path, { version, dev }]) =>
      path === "" || dev === true ? [] : `${path.replace(/.*node_modules\//, "")} ${version}`,
  );
  assert.ok(locked.length > 20);
  assert.deepEqual(listedNames.sort(), [...new Set(locked)].sort());
  assert.match(
    serialNumber,
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test("the sums are right", () => {
  const said = run(["sha256sum", "--check", "SHA256SUMS"], { cwd: OUT });
  assert.equal(
    said
      .trim()
      .split("\n")
      .filter((line) => line.endsWith(": OK")).length,
    5,
  );
});
