import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { createLog } from "../../src/runtime/log/log.ts";
import { affordableClients } from "../../src/runtime/process/descriptors.ts";
import { BIN, configFile, type Launched, watch } from "./launch.ts";
import { DEADLINE_MS } from "./support.ts";

function setup() {
  const lines: string[] = [];
  const log = createLog({ format: "legacy", timestamp: "legacy" }, "notice", {
    write: (line) => lines.push(String(line)),
  });
  return { lines, log };
}

test("enough descriptors leave maxclients as it is, in silence", () => {
  const { lines, log } = setup();
  assert.equal(affordableClients(10_000, { limit: 10_060, inUse: 20 }, log), 10_000);
  assert.equal(affordableClients(10_000, null, log), 10_000);
  const unlimited = { limit: Number.POSITIVE_INFINITY, inUse: 20 };
  assert.equal(affordableClients(10_000, unlimited, log), 10_000);
  assert.deepEqual(lines, []);
});

test("too few reduce maxclients, in the words of the reference", () => {
  const { lines, log } = setup();
  assert.equal(affordableClients(10_000, { limit: 128, inUse: 20 }, log), 68);
  assert.deepEqual(
    lines.map((line) => line.slice(line.indexOf(" # "))),
    [
      " # You requested maxclients of 10000 requiring at least 10060 max file descriptors.\n",
      " # Server can't set maximum open files to 10060 because of OS error: Operation not permitted.\n",
      " # Current maximum open files is 128. maxclients has been reduced to 68 to compensate for low ulimit. If you need higher maxclients increase 'ulimit -n'.\n",
    ],
  );
});

test("a limit without room for a single client is refused", () => {
  const { log } = setup();
  assert.throws(() => affordableClients(1, { limit: 60, inUse: 20 }, log), {
    message:
      "Your current 'ulimit -n' of 60 is not enough for the server to start. Please increase your open file limit to at least 61. Exiting.",
  });
});

/** The program under `ulimit -n`. */
function launchWithLimit(t: TestContext, limit: number, file: string): Launched {
  const command = `ulimit -n ${limit}; exec "$0" "$@"`;
  const child = spawn("sh", ["-c", command, process.execPath, BIN, file], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  return watch(child);
}

/** Sends one line and returns the whole answer up to its closing line break. */
async function ask(socket: Socket, line: string): Promise<string> {
  const answer = new Promise<string>((resolve, reject) => {
    socket.once("data", (chunk: Buffer) => resolve(chunk.toString("latin1")));
    setTimeout(() => reject(new Error("no answer")), DEADLINE_MS).unref();
  });
  socket.write(`${line}\r\n`);
  return answer;
}

test("a crowd of clients leaves descriptors for saves", async (t) => {
  const { file, port } = await configFile(t, "sentinel monitor m 127.0.0.1 1 1");
  const run = launchWithLimit(t, 128, file);
  await run.says(/\+monitor/);
  const reduced = /maxclients has been reduced to (\d+) to/.exec(run.text())?.[1];
  const admin = connect(port, "127.0.0.1");
  t.after(() => admin.destroy());
  assert.ok((await ask(admin, "INFO clients")).includes(`maxclients:${reduced}\r\n`));
  const crowd = Array.from({ length: 300 }, () => connect(port, "127.0.0.1"));
  t.after(() => {
    for (const socket of crowd) socket.destroy();
  });
  for (const socket of crowd) socket.on("error", () => socket.destroy()).resume();
  const rejected = 301 - Number(reduced);
  for (;;) {
    const stats = await ask(admin, "INFO stats");
    if (stats.includes(`rejected_connections:${rejected}\r\n`)) break;
  }
  assert.equal(await ask(admin, "SENTINEL SET m quorum 2"), "+OK\r\n");
  assert.doesNotMatch(run.text(), /not able to save|Too many open files/);
});
