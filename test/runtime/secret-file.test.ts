import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readHttpPlace, readYesNo } from "../../src/runtime/process/http-flags.ts";
import { readSecretFile } from "../../src/runtime/secret-file.ts";
import { StartError } from "../../src/runtime/start-error.ts";
import { temporaryFolder } from "./support.ts";

test("a secret is read only from a file that nobody else may read", (t) => {
  const file = join(temporaryFolder(t), "secret");
  writeFileSync(file, "s3cret\n", { mode: 0o600 });
  for (const mode of [0o600, 0o400]) {
    chmodSync(file, mode);
    assert.equal(readSecretFile(file), "s3cret\n");
  }
  for (const mode of [0o640, 0o604, 0o660, 0o601, 0o777]) {
    chmodSync(file, mode);
    assert.throws(() => readSecretFile(file), new Error(`${file}: others may read it: chmod 600`));
  }
  assert.throws(
    () => readSecretFile(`${file}.none`),
    new Error(`${file}.none: No such file or directory`),
  );
});

test("--http takes a port, alone or with a host", () => {
  const places = {
    "9355": ["127.0.0.1", 9355],
    "10.0.0.1:1": ["10.0.0.1", 1],
    "[::1]:65535": ["::1", 65_535],
    "*:9355": [null, 9355],
    "one.example:9355": ["one.example", 9355],
  };
  for (const [words, [address, port]] of Object.entries(places)) {
    assert.deepEqual(readHttpPlace(["1", words]), { address, port });
  }
  assert.equal(readHttpPlace([]), null);
  assert.equal(readHttpPlace(["9355", "off"]), null);
  for (const words of ["", "x", "0", "65536", "::1:9355", "a:b:1", "9355 ", "-1", "host:"]) {
    assert.throws(() => readHttpPlace([words]), StartError, words);
  }
  assert.deepEqual([readYesNo("--x", ["no", "yes"]), readYesNo("--x", [])], [true, false]);
  assert.throws(() => readYesNo("--x", ["on"]), StartError);
});
