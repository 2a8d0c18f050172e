import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { benchmarks } from "./benchmarks.ts";

const program = fileURLToPath(new URL("bench.js", import.meta.url));

function bench(...args: readonly string[]) {
  return spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
}

for (const flag of ["--help", "-h"]) {
  test(`${flag} names the options and every benchmark, and measures nothing`, () => {
    const { status, stdout, stderr } = bench(flag);
    assert.deepEqual([status, stderr], [0, ""]);
    for (const word of ["--only", "--runs", "--kind", "--json"]) assert.match(stdout, RegExp(word));
    for (const { name } of benchmarks) assert.ok(stdout.includes(name), name);
  });
}

test("an option that there is not is refused with those that there are, not with a stack", () => {
  const { status, stderr } = bench("--faster");
  assert.equal(status, 1);
  assert.match(stderr, /^bench: .*--faster.*\n/);
  assert.match(stderr, /--only/);
  assert.doesNotMatch(stderr, /\n\s+at /);
});
