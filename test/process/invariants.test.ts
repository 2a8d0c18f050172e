import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plant } from "../sim/plant.ts";
import { toRecord } from "../support/resp-client.ts";
import { type Scene, sceneTest } from "../support/scene.ts";
import { type SentinelNode, sentinelCommand } from "../support/sentinel-node.ts";

// A broken invariant is a bug, and there is none to be had: one is put into a copy of the build.

const FALLING_EPOCH = {
  name: "the epoch falls in a process",
  file: "context.js",
  from: "if (epoch <= ctx.state.currentEpoch)",
  to: "if (epoch === ctx.state.currentEpoch)",
};
const SENTENCE =
  /BUG of the Sentinel, it exits: invariant I3: the epoch fell from 7 to 5\. Nothing of this step was said or saved, \S+sentinel\.conf stays as it was saved last, and a restart begins from it/;

/** Starts a Sentinel of the build at `folder`. */
async function startFrom(scene: Scene, folder: string): Promise<SentinelNode> {
  const launcher = join(scene.folder, "faulty.mjs");
  const main = JSON.stringify(join(folder, "src", "main.js"));
  writeFileSync(launcher, `import { main } from ${main};\nawait main(process.argv.slice(2));\n`);
  const master = await scene.redis();
  const config = [
    `sentinel monitor mymaster 127.0.0.1 ${master.port} 2`,
    "sentinel auth-pass mymaster not-for-the-log",
    "sentinel config-epoch mymaster 4",
    "sentinel leader-epoch mymaster 6",
    "sentinel current-epoch 7",
  ];
  const commandLine = `${process.execPath} ${launcher} FILE`;
  return await scene.sentinel({ config, commandLine });
}

/** Only a Sentinel whose epoch falls minds that this one is lower. */
async function askForOldVote(node: SentinelNode): Promise<unknown> {
  const [, port = "0"] = (await node.masterAddress())?.split(":") ?? [];
  const question = ["SENTINEL", "IS-MASTER-DOWN-BY-ADDR", "127.0.0.1", port, "5"];
  return await node.call(...question, "a".repeat(40));
}

sceneTest("a broken invariant ends the process, and the file stays good", async (scene) => {
  const folder = plant(FALLING_EPOCH, "process-mutants", []);
  try {
    await endsOfIt(scene, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

async function endsOfIt(scene: Scene, folder: string): Promise<void> {
  const node = await startFrom(scene, folder);
  await node.call("SENTINEL", "SET", "mymaster", "auth-pass", "nor-this-one");
  const file = node.configText;
  // Whoever starts it again gets the same sentence again, and loses nothing.
  for (const time of [1, 2]) {
    await assert.rejects(askForOldVote(node), `it was answered, time ${time}`);
    assert.deepEqual(await node.child.exited, { code: 1, signal: null });
    assert.equal(node.configText, file);
    const log = node.child.log.lines.join("\n");
    assert.equal(log.match(new RegExp(SENTENCE, "g"))?.length, time);
    assert.match(log, /Before invariant I3 broke, 0 ms ago: command of client -1: .*"5" "a{40}"/);
    assert.match(log, /This process lived for \d+ ms only: what broke the invariant may come back/);
    assert.doesNotMatch(log, /not-for-the-log|nor-this-one/);
    if (time === 1) await node.restart();
  }
  node.disconnect();
  scene.spawn({ name: "the real one", command: [...sentinelCommand("ours"), node.file] });
  const row = await scene.until("it runs on that file", async () => {
    const reply = await node.call("SENTINEL", "MASTER", "mymaster").catch(() => null);
    return reply === null ? undefined : toRecord(reply);
  });
  assert.equal(row["config-epoch"], "4");
  const answer = await askForOldVote(node);
  assert.ok(Array.isArray(answer) && String(answer[2]) === "6", `${answer}`);
  assert.ok(file.includes("sentinel current-epoch 7"), file);
}
