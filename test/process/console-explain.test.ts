import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { newMaster, onlyMaster, startCluster } from "../support/cluster.ts";
import { type ConsoleResult, runConsole } from "../support/console.ts";
import { schemaMistakes } from "../support/json-schema.ts";
import { root } from "../support/repository.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

// What `explain` and `history` tell of ours, of C, and of both in one quorum.

const schemaOf = (name: string) =>
  JSON.parse(readFileSync(join(root, "docs", `${name}.schema.json`), "utf8"));

const explain = ({ address }: SentinelNode) => runConsole(["explain", "mymaster", "--at", address]);

/** Until it names this cause. */
async function comesToSay(scene: Scene, node: SentinelNode, code: string): Promise<ConsoleResult> {
  let last: ConsoleResult | null = null;
  await scene.until(`explain says ${code}`, async () => {
    last = await explain(node);
    return last.stdout.includes(`  ${code}  `);
  });
  return last ?? assert.fail();
}

sceneTest("explain and history of a quorum of ours and C", async (scene) => {
  const cluster = await startCluster(scene, { sentinels: ["ours", "ours", "c"] });
  const { master, sentinels } = cluster;
  const [first, second, ofC] = sentinels;
  assert.ok(first && second && ofC);
  const calm = await explain(ofC);
  assert.equal(calm.status, 0, calm.stdout);
  const heirs = `if it died, 127\\.0\\.0\\.1:\\d+ would take over after 2\\.0 s`;
  const head = `^mymaster  READY  UP  ${master.address} is up; ${heirs}\\n`;
  assert.match(calm.stdout, new RegExp(head));
  assert.equal(calm.stdout.match(/: sees the master up\n/g)?.length, 3);
  assert.match(calm.stdout, /\n {2}\(told by 127\.0\.0\.1:\d+\)\n$/);

  const json = await runConsole(["explain", "--json", "--at", first.address]);
  assert.deepEqual(schemaMistakes(JSON.parse(json.stdout), schemaOf("explain")), []);

  await first.call("SENTINEL", "FAILOVER", "mymaster");
  const next = await newMaster(cluster, master);
  await onlyMaster(cluster, next);
  const at = ["--at", ofC.address];
  await scene.until("both have written it down", async () => {
    const { stdout } = await runConsole(["history", "mymaster", "--json", ...at]);
    const told = JSON.parse(stdout);
    assert.deepEqual(schemaMistakes(told, schemaOf("history")), []);
    return told.entries.at(-1)?.seenBy.length === 2;
  });
  const past = await runConsole(["history", "mymaster", "--since", "1h", ...at]);
  assert.equal(past.status, 0);
  assert.match(past.stderr, /^127\.0\.0\.1:\d+ is redis 7\.\S+, which keeps no journal\n$/);
  const way = `mymaster  ${master.address} -> ${next.address}  forced, by default at 127`;
  assert.ok(past.stdout.includes(way), past.stdout);
  assert.equal(past.stdout.match(/ -> /g)?.length, 1, "one failover, whoever saw it");
  assert.match(past.stdout, /first write possible \+\d+ ms/);
  const later = await runConsole(["history", "--count", "1", "--since", "1ms", ...at]);
  assert.equal(later.stdout, "nothing happened\n");

  for (const node of [second, ofC]) await node.kill();
  const alone = await comesToSay(scene, first, "NO_MAJORITY");
  assert.equal(alone.status, 2);
  assert.match(alone.stdout, /BLOCKED .* is up; 1 of 3 Sentinels can vote, 2 are needed/);
});

sceneTest("explain of C alone is worked out of what they answer", async (scene) => {
  const cluster = await startCluster(scene, { sentinels: ["c", "c", "c"], replicas: 1 });
  const { master, redises, sentinels } = cluster;
  const [first, second, third] = sentinels;
  const [, replica] = redises;
  assert.ok(first && second && third && replica);
  const calm = await explain(first);
  assert.equal(calm.status, 0, calm.stdout);
  assert.match(calm.stdout, /READY {2}UP {2}.*\n(.*\n)* {2}\(from what the Sentinels answer\)\n$/);
  const none = await runConsole(["history", "--at", first.address]);
  assert.equal(none.status, 3);
  assert.match(none.stderr, /logs can be read with --log FILE/);

  await replica.kill();
  const unfit = await comesToSay(scene, first, "NO_FIT_REPLICA");
  assert.match(unfit.stdout, /is up; no replica could be promoted: .*: it is (down|disc)/);
  for (const node of [first, second]) await node.call("SENTINEL", "SET", "mymaster", "quorum", "3");
  await third.kill();
  await master.kill();
  const down = await comesToSay(scene, second, "S_DOWN_NO_QUORUM");
  assert.equal(down.status, 2);
  assert.match(down.stdout, / is down for [12] of 3 Sentinels, 3 are needed/);
  const gone = ["--sentinel", "a".repeat(40), "--reset", "--yes", "--at", second.address];
  const reset = await runConsole(["forget", "mymaster", ...gone]);
  assert.deepEqual([reset.status, reset.stdout], [1, ""]);
  assert.match(reset.stderr, /^no RESET now, for it forgets the replicas, and the master is down /);
  assert.equal((await second.replicas()).length, 1);
});
