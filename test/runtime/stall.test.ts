import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as pass } from "node:timers/promises";
import { configFile, launch } from "./launch.ts";
import { fakeServer } from "./support.ts";

/** Longer than down-after, shorter than the two seconds of TILT. */
const STALL_MS = 1_200;
const INFO = "# Replication\r\nrole:master\r\n";

/** A master that answers each command of a chunk. */
function answer(socket: Socket, chunk: Buffer): void {
  for (const [, word = ""] of chunk.toString("latin1").matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
    const isInfo = word.toUpperCase() === "INFO";
    socket.write(isInfo ? `$${INFO.length}\r\n${INFO}\r\n` : "+PONG\r\n");
  }
}

test("a master whose replies came while we were stopped is not down", async (t) => {
  let onPing: (() => void) | null = null;
  const master = await fakeServer(t, (socket) => {
    socket.on("data", (chunk) => {
      // The Sentinel stands still before it can get the answer to its PING.
      if (/PING/i.test(chunk.toString("latin1"))) onPing?.();
      answer(socket, chunk);
    });
  });
  const { file, port } = await configFile(
    t,
    `sentinel monitor m 127.0.0.1 ${master} 1`,
    "sentinel down-after-milliseconds m 500",
  );
  const run = launch(t, [file]);
  await run.says(/\+monitor/);
  const client = connect(port, "127.0.0.1");
  t.after(() => client.destroy());
  await says(client, "SENTINEL INFO-CACHE m", /role:master/);
  for (let i = 0; i < 3; i++) {
    await new Promise<void>((resolve) => {
      onPing = () => {
        onPing = null;
        run.child.kill("SIGSTOP");
        resolve();
      };
    });
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
    const heard = new Promise<string>((resolve) => {
      client.once("data", (chunk: Buffer) => resolve(chunk.toString("latin1")));
    });
    client.write(`${question}\r\n`);
    if (wanted.test(await heard)) return;
  }
}
