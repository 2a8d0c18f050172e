import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ACL_LINES } from "../../src/console/check/acl-lines.ts";
import { BusyWriters } from "../support/busy-writers.ts";
import { onlyMaster, startCluster } from "../support/cluster.ts";
import { losingNothing, masterOf, run, start, WRITERS } from "../support/console-run.ts";
import { sceneTest } from "../support/scene.ts";

// What the console does, with real servers and writers whose every acknowledged write is looked for.

sceneTest("with Sentinels of ours: switchover, handover, pause, forget", async (scene) => {
  const cluster = await startCluster(scene, { downAfterMs: 5_000 });
  const { redises, sentinels } = cluster;
  const [first, target] = redises;
  assert.ok(first && target);
  const dry = await run(cluster, ["switchover", "mymaster", "--dry-run"]);
  assert.deepEqual([dry.code, await masterOf(cluster)], [0, first], dry.text);
  assert.match(dry.text, /writes held back for 2500 ms at most\n.* fit /);
  await losingNothing(cluster, async () => {
    const { code, text } = await run(cluster, ["switchover", "--to", target.address]);
    assert.equal(code, 0, text);
    assert.match(text, /replica .* is a master now\n/);
    assert.equal(await masterOf(cluster), target);
  });
  const again = await run(cluster, ["switchover", "mymaster", "--to", target.address]);
  assert.deepEqual([again.code, /is no replica/.test(again.text)], [1, true], again.text);
  await losingNothing(cluster, async (old) => {
    // The Sentinel beside it ends first.
    const [local] = sentinels;
    const child = start(cluster, ["handover", "--server", old.address]);
    await local?.stop();
    const { code } = await child.exited;
    assert.equal(code, 0, child.log.lines.join("\n"));
    await local?.restart("ours");
  });
  const idle = await run(cluster, ["handover", "--server", target.address]);
  assert.deepEqual([idle.code, /nothing to hand over/.test(idle.text)], [0, true], idle.text);
  const [silent] = sentinels;
  assert.ok(silent);
  await silent.stop();
  const partly = await run(cluster, ["pause", "mymaster", "5m"]);
  assert.equal(partly.code, 3, partly.text);
  assert.match(partly.text, /; paused at 2: `resume` ends it$/);
  const untold = await run(cluster, ["forget", "mymaster", "--replica", "127.0.0.1:1"]);
  assert.equal(untold.code, 1, untold.text);
  assert.match(untold.text, new RegExp(`^${silent.address}: .*; not told$`, "m"));
  await silent.restart("ours");
  const nobody = await run(cluster, ["switchover", "another"]);
  assert.deepEqual([nobody.code, /watches a master 'another'/.test(nobody.text)], [1, true]);
  const paused = await run(cluster, ["pause", "mymaster", "5m", "new kernel"]);
  assert.deepEqual([paused.code, /not possible/.test(paused.text)], [0, true], paused.text);
  const resumed = await run(cluster, ["resume", "mymaster"]);
  assert.match(resumed.text, /3 of 3 Sentinels were paused/);
  const gone = await run(cluster, ["forget", "mymaster", "--replica", "127.0.0.1:1"]);
  assert.deepEqual([gone.code, /NOSUCH/.test(gone.text)], [1, true], gone.text);
  for (const redis of redises) await redis.call("CONFIG", "SET", "replica-priority", "0");
  await scene.until("nobody is fit", async () => {
    return (await sentinels[0]?.replicas())?.every((row) => row["slave-priority"] === "0");
  });
  const since = performance.now();
  const old = await masterOf(cluster);
  const vain = await run(cluster, ["handover", "--server", old.address, "--timeout", "3s"]);
  assert.deepEqual([vain.code, await masterOf(cluster)], [1, old], vain.text);
  assert.match(vain.text, /NOGOODSLAVE/);
  // Its own default is 20 s.
  assert.ok(performance.now() - since < 15_000);
});

sceneTest(
  "a failover without a quorum is done when all Sentinels that answer name the new master",
  async (scene) => {
    const cluster = await startCluster(scene, { downAfterMs: 1_000 });
    const [left, ...gone] = cluster.sentinels;
    assert.ok(left);
    for (const node of gone) await node.kill();
    await cluster.master.kill();
    await scene.until("it is down", async () => (await left.master()).flags?.includes("s_down"));
    // Whom it waits for is seen long before its usual minute.
    const child = start(cluster, ["failover", "mymaster", "--yes", "--wait", "20s"], left.address);
    const { code } = await child.exited;
    const text = child.log.lines.join("\n");
    assert.equal(code, 0, text);
    assert.match(text, /^ +2 Sentinels did not answer$/m);
    assert.notEqual(await left.masterAddress(), cluster.master.address);
  },
);

sceneTest("with C Sentinels a switchover is made by hand, and undone by Ctrl-C", async (scene) => {
  const password = "of#servers";
  const printed = ACL_LINES.find((line) => line.startsWith("user switch "));
  assert.ok(printed);
  const cluster = await startCluster(scene, {
    sentinels: ["c", "c", "c"],
    downAfterMs: 5_000,
    redis: {
      hasFile: true,
      config: [printed.replace("user switch", "user ops").replace("SECRET", password)],
    },
  });
  const { sentinels, redises } = cluster;
  const secret = join(scene.folder, "secret");
  writeFileSync(secret, `${password}\n`, { mode: 0o600 });
  const help = ["--servers-user", "ops", "--servers-auth-file", secret];
  const alone = await run(cluster, ["switchover", "mymaster"]);
  assert.deepEqual([alone.code, /need help for it/.test(alone.text)], [1, true], alone.text);
  const priorities = async () =>
    await Promise.all(
      redises.map(async (node) => `${await node.call("CONFIG", "GET", "replica-priority")}`),
    );
  const before = await priorities();
  const master = await masterOf(cluster);
  const child = start(cluster, ["switchover", "mymaster", ...help]);
  await scene.until("it waits", () =>
    child.log.lines.some((line) => /knows the priorities/.test(line)),
  );
  assert.notDeepEqual(await priorities(), before);
  // Both are slow to have it put back, and the terminal's end is told twice.
  for (const node of redises) if (node !== master) node.child.signal("SIGSTOP");
  child.signal("SIGHUP");
  await scene.until("it ends", () => child.log.lines.some((line) => /once more ends/.test(line)));
  child.signal("SIGHUP");
  for (const node of redises) node.child.signal("SIGCONT");
  const { code } = await child.exited;
  const said = child.log.lines.join("\n");
  assert.deepEqual([code, await masterOf(cluster)], [2, master], said);
  assert.match(said, /once more ends it at once, and what was set stays/);
  assert.deepEqual(await priorities(), before);
  for (const node of sentinels) await node.call("SENTINEL", "DEBUG", "info-period", "1000");
  await losingNothing(cluster, async (old) => {
    const words = ["handover", "--server", old.address, "--timeout", "40s", ...help];
    const ended = await run(cluster, words);
    assert.equal(ended.code, 0, ended.text);
    assert.ok(!ended.text.includes(password));
  });
  assert.deepEqual(await priorities(), before);
  await losingNothing(cluster, async () => {
    const deaf = start(cluster, ["switchover", "mymaster", ...help]);
    deaf.stopReading();
    assert.equal((await deaf.exited).code, 0, "it goes on though nobody reads");
  });
  // The promotion has put the priority into the file of who was promoted.
  for (const { configText } of redises) assert.doesNotMatch(configText, /-priority 1$/m);
  assert.deepEqual(await priorities(), before);
});

sceneTest("a master that was started anew a moment ago is handed over, too", async (scene) => {
  // C Sentinels know its run id of before for up to ten seconds.
  const cluster = await startCluster(scene, {
    sentinels: ["c", "c", "c"],
    downAfterMs: 5_000,
    replicas: 1,
    redis: { config: ["appendonly yes"] },
  });
  const { master } = cluster;
  await master.restart();
  await onlyMaster(cluster, master);
  const words = ["handover", "--server", master.address, "--servers"];
  const { code, text } = await run(cluster, words);
  assert.equal(code, 0, text);
  assert.notEqual(await masterOf(cluster), master, text);
});

sceneTest("by hand no master is demoted whose heir was not promoted", async (scene) => {
  const cluster = await startCluster(scene, {
    sentinels: ["c", "c", "c"],
    downAfterMs: 5_000,
    failoverTimeoutMs: 4_000,
    replicas: 1,
    // A Sentinel's order to be a master is refused.
    redis: { config: ['rename-command SLAVEOF ""', 'rename-command REPLICAOF ""'] },
  });
  const { master, sentinels } = cluster;
  const writers = new BusyWriters(sentinels, WRITERS);
  let lost: readonly string[] = [];
  try {
    await scene.until("they write", () => writers.count > 100);
    const { code, text } = await run(cluster, ["switchover", "mymaster", "--servers"]);
    assert.equal(code, 2, text);
    assert.equal(await master.role(), "master");
    assert.equal(await masterOf(cluster), master);
    const enough = writers.count + 50;
    await scene.until("they go on", () => writers.count > enough);
  } finally {
    lost = await writers.end(master);
  }
  assert.deepEqual(lost, []);
});
