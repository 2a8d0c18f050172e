import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bytesOf, textOf } from "../../src/base/bytes.ts";
import { strerror } from "../../src/base/errno.ts";
import { DEFAULT_GUARDS, type Guards } from "../../src/core/guards.ts";
import { globFiles } from "../../src/runtime/file/glob-files.ts";
import { loadFile } from "../../src/runtime/file/load-file.ts";
import { takeOwnFlags } from "../../src/runtime/process/own-flags.ts";
import { StartError } from "../../src/runtime/start-error.ts";
import { temporaryFolder } from "./support.ts";

test("bytes and text cross the border both ways", () => {
  assert.equal(bytesOf("é"), "\xc3\xa9");
  assert.equal(textOf("\xc3\xa9"), "é");
  assert.equal(textOf(bytesOf("/tmp/日本 x")), "/tmp/日本 x");
});

test("system errors are said as C says them", () => {
  const cases = {
    ENOENT: "No such file or directory",
    EPIPE: "Broken pipe",
    ETIMEDOUT: "Connection timed out",
  };
  for (const [code, sentence] of Object.entries(cases)) {
    assert.equal(strerror(Object.assign(new Error("x"), { code })), sentence);
  }
  assert.equal(strerror(Object.assign(new Error("own words"), { code: "ERR_X" })), "own words");
  assert.equal(strerror("text"), "text");
});

test("a pattern finds files in order, hidden ones only when asked", (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "conf.d"));
  for (const name of ["b.conf", "a.conf", ".hidden.conf", "c.txt"]) {
    writeFileSync(join(folder, "conf.d", name), "");
  }
  const found = (pattern: string): string[] =>
    globFiles(join(folder, pattern)).map((path) => path.slice(folder.length + 1));
  assert.deepEqual(found("conf.d/*.conf"), ["conf.d/a.conf", "conf.d/b.conf"]);
  assert.deepEqual(found("conf.?/[bc].*"), ["conf.d/b.conf", "conf.d/c.txt"]);
  assert.deepEqual(found("conf.d/.*.conf"), ["conf.d/.hidden.conf"]);
  assert.deepEqual(found("nowhere/*"), []);
  assert.deepEqual(found("conf.d/a.conf/*"), []);
});

test("included files and options reach the configuration", (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "one.inc"), "timeout 11\n");
  writeFileSync(join(folder, "two.inc"), "maxclients 22\n");
  const path = join(folder, "s.conf");
  writeFileSync(path, `include ${folder}/*.inc\nport 1\n`);
  const { server } = loadFile(path, "s.conf", [{ origin: "options", text: "port 2" }]);
  assert.deepEqual([server.timeoutSeconds, server.maxclients, server.port], [11, 22, 2]);
});

test("a bad line names the file as it was given", (t) => {
  const path = join(temporaryFolder(t), "s.conf");
  writeFileSync(path, "port 1\nnonsense\n");
  assert.throws(
    () => loadFile(path, "./s.conf", []),
    (error) => {
      assert.ok(error instanceof StartError);
      assert.match(error.message, /at line 2\n>>> 'nonsense'\n/);
      assert.match(error.message, /\.\/s\.conf/);
      return true;
    },
  );
});

test("guards are taken out likewise, and those that there are none end the start [D-REBORN]", () => {
  const off = { REDIS_SENTINEL_TS_GUARD: "reborn=off" };
  const cases: readonly (readonly [string[], NodeJS.ProcessEnv, Guards["reborn"], string[]])[] = [
    [["f"], {}, "failover", ["f"]],
    [["f"], { REDIS_SENTINEL_TS_GUARD: "" }, "failover", ["f"]],
    [["f", "--port", "1"], off, "off", ["f", "--port", "1"]],
    [["f", "--guard", "reborn=warn", "-"], off, "warn", ["f", "-"]],
    [["--guard=reborn=off", "f", "--guard", "reborn=off,reborn=failover"], {}, "failover", ["f"]],
  ];
  for (const [args, env, reborn, rest] of cases) {
    const taken = takeOwnFlags(args, env);
    assert.deepEqual(taken.own.guard, { reborn, lineage: DEFAULT_GUARDS.lineage });
    assert.deepEqual(taken.rest, rest);
    assert.equal(takeOwnFlags(["--guard", "lineage=warn"], env).own.guard.lineage, "warn");
  }
  for (const word of [
    "reborn",
    "reborn=",
    "reborn=enforce",
    "lineage=failover",
    "other=off",
    "reborn=off=warn",
  ]) {
    assert.throws(() => takeOwnFlags(["--guard", word], {}), StartError);
    assert.throws(() => takeOwnFlags([], { REDIS_SENTINEL_TS_GUARD: word }), StartError);
  }
});

test("--refused-after is taken out likewise [D-REFUSED]", () => {
  const env = { REDIS_SENTINEL_TS_REFUSED_AFTER: "900" };
  assert.equal(takeOwnFlags(["f"], {}).own.refusedAfter, 0);
  assert.equal(takeOwnFlags(["f"], env).own.refusedAfter, 900);
  const { own, rest } = takeOwnFlags(["--refused-after", "1500", "f"], env);
  assert.deepEqual([own.refusedAfter, rest], [1_500, ["f"]]);
  for (const text of ["", "-1", "1.5", "1e3", "99999999", "soon"]) {
    assert.throws(() => takeOwnFlags([`--refused-after=${text}`], {}), StartError);
  }
});

test("--max-lag and --handover-on-shutdown are read [D-MAX-LAG] [D-SHUTDOWN]", () => {
  const read = (...args: string[]) => takeOwnFlags(args, {}).own;
  assert.deepEqual([read().maxLag, read().handoverOnShutdown], [null, false]);
  assert.equal(read("--max-lag", "off").maxLag, null);
  assert.deepEqual(read("--max-lag=9").maxLag, { bytes: 9n, isStrict: false });
  assert.deepEqual(read("--max-lag", "0,strict").maxLag, { bytes: 0n, isStrict: true });
  assert.equal(read("--handover-on-shutdown=yes").handoverOnShutdown, true);
  for (const text of ["", "-1", "1mb", "9,strict,strict", ",strict", "9".repeat(19)]) {
    assert.throws(() => read("--max-lag", text), StartError);
  }
  for (const text of ["", "true", "YES"]) {
    assert.throws(() => read("--handover-on-shutdown", text), StartError);
  }
});

test("own flags are taken out wherever they stand, the last wins, then the environment", () => {
  const json = { REDIS_SENTINEL_TS_LOG_FORMAT: "json" };
  const cases: readonly (readonly [string[], NodeJS.ProcessEnv, string, string[]])[] = [
    [["f"], {}, "text", ["f"]],
    [["f"], json, "json", ["f"]],
    [["f", "--log-format", "text", "--port", "1"], json, "text", ["f", "--port", "1"]],
    [["--log-format=text", "f", "--log-format", "json"], {}, "json", ["f"]],
    [["f", "--log-format=logfmt"], {}, "text", ["f", "--log-format", "logfmt"]],
  ];
  for (const [args, env, logFormat, rest] of cases) {
    const taken = takeOwnFlags(args, env);
    assert.deepEqual([taken.own.logFormat, taken.rest], [logFormat, rest]);
  }
  for (const args of [["--log-format"], ["--log-format", "xml"], ["--log-format="]]) {
    assert.throws(() => takeOwnFlags(args, {}), StartError);
  }
});
