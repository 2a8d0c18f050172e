import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { schemaMistakes } from "../support/json-schema.ts";
import { OURS } from "../support/launcher.ts";
import { root } from "../support/repository.ts";

// `history --log` on files as operators have them.

const folder = mkdtempSync(join(tmpdir(), "history-"));
after(() => rmSync(folder, { recursive: true }));

const SCHEMA = JSON.parse(readFileSync(join(root, "docs", "explain.schema.json"), "utf8"));
const HISTORY = JSON.parse(readFileSync(join(root, "docs", "history.schema.json"), "utf8"));
const RECORDED = join(root, "test", "explain", "logs", "no-good-slave-c");
const LOGS = [1, 2, 3].map((at) => join(RECORDED, `sentinel-${at}.log`));
const lines = LOGS.map((path) => readFileSync(path, "latin1").split("\n").slice(0, -1));

function history(words: readonly string[], input = "") {
  return consoleOf(["history", ...words], input);
}

function consoleOf(words: readonly string[], input = "") {
  const [program = "", ...first] = OURS;
  const env = { ...process.env, TZ: "UTC" };
  const done = spawnSync(program, [...first, ...words], {
    encoding: "latin1",
    env,
    input,
  });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

function entriesOf(words: readonly string[], input = ""): readonly Record<string, unknown>[] {
  const { status, out, err } = history([...words, "--json"], input);
  assert.equal(status, 0, err);
  assert.deepEqual(schemaMistakes(JSON.parse(out), HISTORY), []);
  const { schema, entries } = JSON.parse(out);
  assert.equal(schema, 1);
  return entries;
}

const whole = entriesOf(["--log", ...LOGS]);

test("an operator reads what happened", () => {
  const { status, out } = history(["mymaster", "--log", ...LOGS]);
  assert.equal(status, 0);
  assert.match(
    out,
    /^2026-11-29 [\d:.]+Z {2}mymaster {2}127\.0\.0\.1:\d+ {2}down, 2\/2: no-good-slave {2}epoch 1$/m,
  );
  assert.match(
    out,
    /^2026-11-29 [\d:.]+Z {2}mymaster {2}127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+ {2}down, 3\/2 {2}epoch 2$/m,
  );
  assert.match(out, /^ {4}agreed \+.*, elected \+.*, first write possible \+.*, all follow \+/m);
  assert.match(out, /^ {4}led by [0-9a-f]{8}, votes known: 3$/m);
});

test("files may be named one by one, in any order, before and behind the name", () => {
  const [first = "", second = "", third = ""] = LOGS;
  const words = ["--log", third, "--log", first, "--log", second];
  assert.deepEqual(new Set(entriesOf(words).map(told)), new Set(whole.map(told)));
  assert.deepEqual(entriesOf(["mymaster", ...words]).map(told), entriesOf(words).map(told));
  assert.deepEqual(
    entriesOf(["other", ...words]).filter(({ name }) => name !== null),
    [],
  );
});

function told(entry: Record<string, unknown>): string {
  return JSON.stringify(entry);
}

test("a rotated log is one log, packed or not, wherever it was cut", () => {
  const [all = []] = lines;
  const expected = entriesOf(["--log", LOGS[0] ?? ""]);
  for (let cut = 5; cut < all.length - 5; cut += 15) {
    const names = ["a.log", "a.log.1", "a.log.2.gz"].map((name) => join(folder, name));
    const parts = [all.slice(cut + 4), all.slice(cut, cut + 4), all.slice(0, cut)];
    for (const [at, name] of names.entries()) {
      const text = Buffer.from(`${parts[at]?.join("\n")}\n`, "latin1");
      writeFileSync(name, name.endsWith(".gz") ? gzipSync(text) : text);
    }
    assert.deepEqual(entriesOf(["--log", ...names]), expected, `${cut}`);
  }
});

test("standard input, of all Sentinels in one stream", () => {
  const text = lines.flatMap((all, at) => all.map((line) => `[pod/s-${at}/sentinel] ${line}\n`));
  assert.deepEqual(
    new Set(entriesOf(["--log", "-"], text.join("")).map(told)),
    new Set(whole.map(told)),
  );
});

test("only the last, only of late", () => {
  assert.deepEqual(entriesOf(["--log", ...LOGS, "--count", "2"]), whole.slice(-2));
  assert.deepEqual(entriesOf(["--log", ...LOGS, "--since", "1s"]), []);
  assert.equal(history(["--log", ...LOGS, "--count", "0"]).status, 3);
  assert.equal(history(["--log", ...LOGS, "--since", "soon"]).status, 3);
});

test("what cannot be read is told", () => {
  for (const [words, reason] of [
    [["--log", join(folder, "none")], /none: No such file or directory/],
    [["--log", folder], /is a folder/],
    [["--at", "127.0.0.1:1"], /no Sentinel answers/],
  ] as const) {
    const { status, out, err } = history(words);
    assert.deepEqual([status, out], [3, ""]);
    assert.match(err, reason);
  }
});

test("explain tells what logs have on a failover that was not made, even if nobody answers", () => {
  const at = ["explain", "mymaster", "--at", "127.0.0.1:1"];
  const folderOfIt = join(RECORDED, "..", "refused-ours");
  const logs = [1, 2, 3].map((one) => join(folderOfIt, `sentinel-${one}.log`));
  const { status, out, err } = consoleOf([...at, "--log", ...logs]);
  assert.equal(status, 3);
  assert.match(err, /^no Sentinel answers\n {2}127\.0\.0\.1:1: Connection refused$/m);
  assert.match(out, /^mymaster {2}what the logs tell$/m);
  assert.match(
    out,
    /^ {2}2026-11-29 \S+Z failover of \S+, down: no replica could be promoted; \S+: refused its promotion; /m,
  );
  const json = JSON.parse(consoleOf([...at, "--json", "--log", ...logs]).out);
  assert.deepEqual(schemaMistakes(json, SCHEMA), []);
  assert.deepEqual(json.masters, []);
  assert.equal(json.logs[0].name, "mymaster");
  assert.equal(json.logs[0].lines.length, 3);
  assert.equal(consoleOf([...at, "--log", join(folder, "none")]).status, 3);
});

test("a packed file that was cut is read as far as it goes", () => {
  const path = join(folder, "cut.log.gz");
  const packed = gzipSync(readFileSync(LOGS[0] ?? ""));
  writeFileSync(path, packed);
  truncateSync(path, packed.length - 200);
  const { status, err, out } = history(["--log", path]);
  assert.match(err, /cut\.log\.gz: only its beginning was read/);
  assert.equal(status, 0);
  assert.match(out, /start/);
});

test("a file of something else says so", () => {
  const path = join(folder, "binary");
  cpSync(process.execPath, path);
  truncateSync(path, 2_000_000);
  const { status, err, out } = history(["--log", path]);
  assert.equal(status, 3);
  assert.match(err, /no line of these is a Sentinel's/);
  assert.equal(out, "nothing happened\n");
});
