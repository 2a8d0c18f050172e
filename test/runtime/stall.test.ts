import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as pass } from "node:timers/promises";
import { configFile, launch } from "./launch.ts";
import { realRedis } from "./support.ts";

/** Longer than down-after, shorter than the two seconds of TILT. */
const STALL_MS = 1_200;

test("a master whose replies came while we were stopped is not down", async (t) => {
  const redis = await realRedis(t);
  const { file, port } = await configFile(
    t,
    `sentinel monitor m 127.0.0.1 ${redis} 1`,
    "sentinel down-after-milliseconds m 500",
  );
  const run = launch(t, [file]);
  await run.says(/\+monitor/);
  const client = connect(port, "127.0.0.1");
  t.after(() => client.destroy());
  await says(client, "SENTINEL INFO-CACHE m", /redis_version/);
  for (let i = 0; i < 4; i++) {
    run.child.kill("SIGSTOP");
    // The length of the stall is what is tested.
    await pass(STALL_MS);
    run.child.kill("SIGCONT");
    for (let asked = 0; asked < 20; asked++) await says(client, "INFO sentinel", /master0:/);
  }
  assert.doesNotMatch(run.text(), /\+sdown master/);
});

/** Asks until the answer matches. */
async function says(client: Socket, question: string, wanted: RegExp): Promise<void> {
  for (;;) {
    const answer = new Promise<string>((resolve) => {
      client.once("data", (chunk: Buffer) => resolve(chunk.toString("latin1")));
    });
    client.write(`${question}\r\n`);
    if (wanted.test(await answer)) return;
  }
}
