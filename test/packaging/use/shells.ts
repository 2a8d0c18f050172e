import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../../../packaging/run.ts";
import { BUNDLE } from "../artefacts.ts";

const completion = join(BUNDLE, "share", "completion");

test("zsh takes its completion", () => {
  assert.equal(run(["zsh", "-n", join(completion, "zsh", "_redis-sentinel-ts")]), "");
});

test("fish offers options and their values", () => {
  const file = join(completion, "fish", "redis-sentinel-ts.fish");
  const offers = (line: string): readonly string[] =>
    run(["fish", "--no-config", "--command", `source ${file}; complete -C "${line}"`])
      .split("\n")
      .map((offer) => offer.split("\t")[0] ?? "");
  assert.ok(offers("redis-sentinel-ts --log").includes("--log-format"));
  assert.deepEqual(offers("redis-sentinel-ts --log-format j"), ["json", ""]);
});
