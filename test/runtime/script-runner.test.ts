import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Input } from "../../src/core/input.ts";
import { ScriptRunner } from "../../src/runtime/process/script-runner.ts";
import { scriptJobId } from "../support/ids.ts";
import { Mailbox, temporaryFolder } from "./support.ts";

function script(folder: string, text: string): string {
  const path = join(folder, "script.sh");
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

function setup(t: TestContext): { inputs: Mailbox<Input>; runner: ScriptRunner; folder: string } {
  const inputs = new Mailbox<Input>();
  const runner = new ScriptRunner(inputs.put, "ignore");
  return { inputs, runner, folder: temporaryFolder(t) };
}

test("a script gets its arguments as they are, without a shell", async (t) => {
  const { inputs, runner, folder } = setup(t);
  const path = script(folder, 'printf "%s|" "$@" > "$0.out"');
  runner.run(scriptJobId(7), [
    path,
    "+odown",
    "master m 127.0.0.1 1 #quorum 2/2",
    "$(date) 'caf\xc3\xa9'",
  ]);
  const started = await inputs.take();
  assert.ok(started.type === "scriptStarted" && started.job === 7 && started.pid > 0);
  assert.deepEqual(await inputs.take(), { type: "scriptExit", job: 7, exitCode: 0, signal: 0 });
  const said = readFileSync(`${path}.out`, "utf8");
  assert.equal(said, "+odown|master m 127.0.0.1 1 #quorum 2/2|$(date) 'café'|");
});

test("the exit code is told", async (t) => {
  const { inputs, runner, folder } = setup(t);
  runner.run(scriptJobId(1), [script(folder, "exit 41")]);
  assert.equal((await inputs.take()).type, "scriptStarted");
  assert.deepEqual(await inputs.take(), { type: "scriptExit", job: 1, exitCode: 41, signal: 0 });
});

test("a killed script tells the signal", async (t) => {
  const { inputs, runner, folder } = setup(t);
  runner.run(scriptJobId(1), [script(folder, "exec sleep 60")]);
  assert.equal((await inputs.take()).type, "scriptStarted");
  runner.kill(scriptJobId(1));
  assert.deepEqual(await inputs.take(), { type: "scriptExit", job: 1, exitCode: 0, signal: 9 });
  runner.kill(scriptJobId(1));
  assert.deepEqual(inputs.values, []);
});

test("what cannot be executed ends with 2", async (t) => {
  const { inputs, runner, folder } = setup(t);
  const plain = join(folder, "plain");
  writeFileSync(plain, "not a program");
  for (const path of [join(folder, "missing"), plain, folder, "sh"]) {
    runner.run(scriptJobId(3), [path]);
    const exit = { type: "scriptExit", job: 3, exitCode: 2, signal: 0 };
    assert.deepEqual(await inputs.take(), exit, path);
  }
  assert.ok(existsSync(plain));
});

test("an argument that no process can receive ends with 2", async (t) => {
  const { inputs, runner, folder } = setup(t);
  runner.run(scriptJobId(3), [script(folder, "exit 0"), "a\0b"]);
  assert.deepEqual(await inputs.take(), { type: "scriptExit", job: 3, exitCode: 2, signal: 0 });
});
