import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { BIN, configFile } from "./launch.ts";

/** Far more lines than the 64 KiB of a pipe hold [D-LOG-READER]. */
const CHANGES = 1_000;

for (const [format, loss] of [
  ["text", / # \d+ lines of the log were lost here/],
  ["json", /"lost":\d+,"msg":"\d+ lines of the log were lost here/],
] as const) {
  test(`a log that nobody reads (${format}) does not stop the Sentinel, and tells what it lost`, async (t) => {
    const { file, folder, port } = await configFile(t, "sentinel monitor m 127.0.0.1 1 1");
    const fifo = join(folder, "log.fifo");
    execFileSync("mkfifo", [fifo]);
    // Open for both, so that the pipe has a reader that does not read.
    const reader = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const writer = openSync(fifo, constants.O_WRONLY);
    const child = spawn(process.execPath, [BIN, file, "--log-format", format], {
      stdio: ["ignore", writer, "inherit"],
    });
    closeSync(writer);
    t.after(() => {
      child.kill("SIGKILL");
      closeSync(reader);
    });
    await readUntil(reader, /\+monitor/);

    const answers = await change(port, CHANGES);
    assert.equal(answers, "+OK\r\n".repeat(CHANGES));
    await readUntil(reader, /\+set/);
    await change(port, 1);
    assert.match(await readUntil(reader, loss), /\+set/);
  });
}

/** Changes the quorum so many times; every change is a line of the log. */
function change(port: number, times: number): Promise<string> {
  return new Promise((resolve) => {
    let answers = "";
    const client = connect(port, "127.0.0.1");
    client.on("data", (chunk: Buffer) => {
      answers += chunk.toString("latin1");
      if (answers.length >= "+OK\r\n".length * times) client.end();
    });
    client.on("close", () => resolve(answers));
    for (let at = 0; at < times; at++) client.write(`SENTINEL SET m quorum ${(at % 2) + 1}\r\n`);
  });
}

/** Empties the pipe, once what it held matches. */
async function readUntil(fd: number, wanted: RegExp): Promise<string> {
  const buffer = Buffer.alloc(1 << 20);
  for (let text = ""; ; await turn()) {
    try {
      text += buffer.toString("latin1", 0, readSync(fd, buffer));
    } catch {
      if (wanted.test(text)) return text;
    }
  }
}
