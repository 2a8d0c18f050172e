import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { load, rewritten } from "./support.ts";

const read = (name: string) => readFileSync(join(process.cwd(), "conf", name), "latin1");

test("the sample starts as it stands", () => {
  const { sentinel, server } = load(read("sentinel.conf"));
  assert.equal(server.port, 26_379);
  const [master] = sentinel.masters;
  assert.deepEqual(
    [master?.name, master?.host, master?.port, master?.settings.quorum],
    ["mymaster", "127.0.0.1", 6379, 2],
  );
});

test("every example in the sample is a directive that loads", () => {
  const examples = read("sentinel.conf").replace(/^#(?=[a-z])/gm, "");
  const runnable = examples.replace(/\/usr\/local\/bin\//g, "/bin/");
  const { sentinel, server } = load(runnable);
  assert.equal(sentinel.masters[0]?.settings.clientReconfigScript, "/bin/sentinel-reconfigure");
  assert.equal(server.users.length, 1);
  assert.equal(server.tlsReplication, true);
});

test("a rewrite leaves the comments of the sample where they are", () => {
  const sample = read("sentinel.conf");
  const after = rewritten(sample).split("\n");
  const comments = (lines: readonly string[]) => lines.filter((line) => line.startsWith("#"));
  const before = comments(sample.split("\n"));
  assert.deepEqual(comments(after).slice(0, before.length), before);
});

test("the worked example is one group with one password", () => {
  const { sentinel } = load(read("practice/sentinel.conf"));
  const [master] = sentinel.masters;
  assert.equal(master?.settings.authPass, "redis");
  assert.deepEqual([master?.settings.downAfterMs, master?.settings.failoverTimeoutMs], [300, 3000]);
  for (const name of ["redis-master", "redis-replica"]) {
    const { generic, server } = load(read(`practice/${name}.conf`));
    assert.equal(server.requirepass, "redis");
    assert.equal(generic.values.get("masterauth"), "redis");
    assert.equal(generic.values.get("min-replicas-to-write"), 2n);
    assert.equal(generic.values.get("min-replicas-max-lag"), 10n);
  }
});
