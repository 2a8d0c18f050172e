import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Syslog } from "../../src/runtime/log/syslog.ts";
import { until as untilDone } from "../support/until.ts";
import { configFile, launch } from "./launch.ts";
import { temporaryFolder } from "./support.ts";

/** A program in the place of logger, which keeps what it is given. */
function fakeLogger(folder: string, last = "exec cat >> $0.lines"): string {
  const path = join(folder, "logger");
  writeFileSync(path, `#!/bin/sh\necho "$$ $*" >> $0.calls\n${last}\n`, { mode: 0o755 });
  return path;
}

async function until(what: string, probe: () => boolean): Promise<void> {
  await untilDone(probe, { what, timeoutMs: 10_000 });
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function setup(t: TestContext, last?: string) {
  const program = fakeLogger(temporaryFolder(t), last);
  const troubles: string[] = [];
  const onTrouble = (sentence: string) => troubles.push(sentence);
  const syslog = new Syslog({ ident: "my sentinel", facility: "local3", program, onTrouble });
  t.after(() => {
    for (const line of read(`${program}.calls`).trim().split("\n")) {
      try {
        process.kill(Number.parseInt(line, 10));
      } catch {
        // It has ended.
      }
    }
  });
  return { program, troubles, syslog };
}

test("lines go to logger with facility and level, each on one line [D-SYSLOG]", async (t) => {
  const { program, syslog } = setup(t);
  syslog.write("warning", "+sdown master m");
  syslog.write("debug", "two\nlines");
  await until("two lines", () => read(`${program}.lines`).split("\n").length === 3);
  assert.equal(read(`${program}.lines`), "<156>+sdown master m\n<159>two lines\n");
  const call = `--id=${process.pid} --tag my sentinel --prio-prefix`;
  assert.match(read(`${program}.calls`), RegExp(`^\\d+ ${call}\n$`));
});

test("a logger that ends is started again, and trouble is told once", async (t) => {
  const { program, troubles, syslog } = setup(t, "exit 3");
  const calls = () => read(`${program}.calls`).split("\n").length - 1;
  await until("a second logger", () => {
    syslog.write("notice", "x");
    return calls() >= 2;
  });
  await until("trouble", () => troubles.length > 0);
  assert.deepEqual(troubles, [
    `The system's log is not reached: '${program}' (util-linux): it ended with 3`,
  ]);
});

test("a logger that is not there stops nothing", async (t) => {
  const { program, troubles, syslog } = setup(t);
  const absent = new Syslog({
    ...{ ident: "x", facility: "user", program: `${program}-absent` },
    onTrouble: (sentence) => troubles.push(sentence),
  });
  absent.write("notice", "a");
  await until("trouble", () => troubles.length > 0);
  assert.match(troubles.join(), /logger-absent.*ENOENT/);
  syslog.write("notice", "the other goes on");
  await until("a line", () => read(`${program}.lines`) !== "");
});

test("a logger that does not read costs lines, not time, and the loss is said", async (t) => {
  const { program, syslog } = setup(
    t,
    "while [ ! -e $0.go ]; do sleep 0.05; done; exec cat >> $0.lines",
  );
  const begin = performance.now();
  const text = "y".repeat(1_000);
  for (let at = 0; at < 3_000; at++) syslog.write("notice", text);
  assert.ok(performance.now() - begin < 1_000);
  writeFileSync(`${program}.go`, "");
  await until("the loss", () => {
    syslog.write("notice", "after");
    return /<156>\d+ lines of the log were lost here/.test(read(`${program}.lines`));
  });
});

test("syslog-enabled yes: the log goes to both", async (t) => {
  const { file, folder } = await configFile(t, "syslog-enabled yes", "syslog-ident s1");
  const program = fakeLogger(folder);
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const run = launch(t, [file], { env });
  await run.says(/Sentinel ID is/);
  await until("its line", () =>
    /^<133>Sentinel ID is [0-9a-f]{40}$/m.test(read(`${program}.lines`)),
  );
  assert.match(read(`${program}.calls`), / --tag s1 --prio-prefix/);
});
