import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { filesOf, read } from "../support/repository.ts";
import { recordedKeys, unknownKeys } from "./chart-keys.ts";

const recorded = recordedKeys();
const files = filesOf(["conf/kubernetes"], ".yaml");

test("there are values for each chart whose keys are known, and the page names them with its version", () => {
  assert.deepEqual(
    files.map((file) => basename(file, ".yaml")).sort(),
    [...recorded.keys()].sort(),
  );
  const page = read("docs/kubernetes.md");
  for (const [name, { version }] of recorded) {
    assert.match(page, new RegExp(`conf/kubernetes/${name}\\.yaml.*\\b${version}\\b`), name);
  }
});

for (const file of files) {
  test(`${file} sets only what its chart knows`, () => {
    const keys = recorded.get(basename(file, ".yaml"));
    assert.ok(keys);
    assert.deepEqual(unknownKeys(parse(read(file)), keys), []);
  });
}

test("a misspelt key is found, and what its user may choose is not", () => {
  const keys = { version: "1", keys: ["image", "image.tag", "env", "env.*"] };
  const values = { image: { tag: "1", tagg: "2" }, env: { A: { b: "c" } }, environment: [1] };
  assert.deepEqual(unknownKeys(values, keys), ["image.tagg", "environment", "environment.*"]);
});
