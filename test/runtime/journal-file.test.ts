import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as promises from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { JournalEntry, Note } from "../../src/base/journal-entry.ts";
import { JournalFile } from "../../src/runtime/journal/journal-file.ts";
import type { JournalQuery } from "../../src/runtime/journal/journal-lines.ts";
import type { JournalFs } from "../../src/runtime/journal/journal-store.ts";
import { temporaryFolder } from "./support.ts";

const WALL = 2_000_000_000_000;
const ALL = { name: null, since: 0, count: 1_000 };

/** A journal whose core began at 1,000 and whose wall shows the year 2033. */
class Fixture {
  readonly path: string;
  readonly warnings: string[] = [];
  now = 1_000;
  fs: JournalFs = promises;
  readonly #configPath: string;

  constructor(t: TestContext) {
    this.#configPath = join(temporaryFolder(t), "sentinel.conf");
    fs.writeFileSync(this.#configPath, "port 26379\n", { mode: 0o644 });
    this.path = `${this.#configPath}.journal`;
  }

  get journal(): JournalFile {
    return new JournalFile({
      configPath: this.#configPath,
      log: { write: (_level, text) => void this.warnings.push(text) },
      now: () => this.now,
      wallNow: () => WALL + this.now,
      fs: this.fs,
    });
  }

  get text(): string {
    return fs.readFileSync(this.path, "latin1");
  }

  get ids(): number[] {
    const lines = this.text.split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line).id);
  }
}

function note(name: string | null, text = "600 s"): Note {
  const rest = { type: "note", kind: "pause", result: "began", lastedMs: null } as const;
  return { ...rest, name, text, by: { address: "10.0.0.9:51312", user: "ops" } };
}

async function idsOf(journal: JournalFile, query: JournalQuery = ALL): Promise<number[]> {
  return (await journal.read(query)).map((line) => JSON.parse(line).id);
}

test("an entry is a line of JSON in a private file, and is there for the next life [JOURNAL-FILE]", async (t) => {
  const files = new Fixture(t);
  const { journal } = files;
  files.now = 5_000;
  journal.write(4_000, note("mymaster"));
  journal.write(5_000, note(null));
  await journal.settle();
  assert.equal(fs.statSync(files.path).mode & 0o777, 0o600);
  const [first] = files.text.split("\n");
  const expected: JournalEntry = { id: 1, at: WALL + 4_000, ...note("mymaster") };
  assert.deepEqual(JSON.parse(first ?? ""), expected);
  const next = files.journal;
  assert.deepEqual(await idsOf(next), [1, 2]);
  next.write(5_000, note("other"));
  await next.settle();
  assert.deepEqual(files.ids, [1, 2, 3]);
  assert.deepEqual(files.warnings, []);
});

test("what is asked for: of a master and of the whole Sentinel, since a time, the last ones [D-JOURNAL]", async (t) => {
  const files = new Fixture(t);
  const { journal } = files;
  for (const [at, name] of ["a", "b", null, "a\xc3\xa4", 'a"', "a"].entries())
    journal.write(at, note(name));
  const ask = (query: Partial<JournalQuery>) => idsOf(journal, { ...ALL, ...query });
  assert.deepEqual(await ask({}), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(await ask({ name: "a" }), [1, 3, 6]);
  assert.deepEqual(await ask({ name: 'a"' }), [3, 5]);
  assert.deepEqual(await ask({ name: "a\xc3\xa4" }), [3, 4]);
  assert.deepEqual(await ask({ count: 2 }), [5, 6]);
  assert.deepEqual(await ask({ since: WALL + 4 }), [5, 6]);
  await journal.settle();
  assert.deepEqual(await idsOf(files.journal, { ...ALL, count: 1 }), [6]);
});

test("what a kill has left of a line is cut off, and lines of others are passed over", async (t) => {
  const files = new Fixture(t);
  const { journal } = files;
  journal.write(1, note("mymaster"));
  journal.write(2, note("mymaster"));
  await journal.settle();
  const whole = files.text;
  for (const cut of [1, 30, whole.length / 2 - 1]) {
    fs.writeFileSync(files.path, whole.slice(0, -cut));
    const next = files.journal;
    assert.deepEqual(await idsOf(next), [1]);
    next.write(3, note("mymaster"));
    await next.settle();
    assert.deepEqual(files.ids, [1, 2]);
  }
  fs.writeFileSync(files.path, `hello\n${whole}{"id":9}\n\n`);
  assert.deepEqual(await idsOf(files.journal), [1, 2]);
  assert.deepEqual(files.warnings, []);
});

test("a thousand are kept, then the oldest go", async (t) => {
  const files = new Fixture(t);
  const { journal } = files;
  for (let at = 1; at <= 2_500; at++) {
    journal.write(at, note("mymaster"));
    if (at % 100 === 0) await journal.settle();
    if (at % 100 === 0) assert.ok(files.ids.length <= 1_200, `${files.ids.length}`);
  }
  const held = files.ids;
  assert.equal(held.at(-1), 2_500);
  assert.ok(held.length >= 1_000);
  assert.deepEqual(await idsOf(journal), held.slice(-1_000));
  assert.equal(fs.statSync(files.path).mode & 0o777, 0o600);
  assert.deepEqual(await idsOf(files.journal), held.slice(-1_000));
});

test("many long ones take no more memory than a few megabytes", async (t) => {
  const { journal } = new Fixture(t);
  for (let at = 1; at <= 1_000; at++) journal.write(at, note("mymaster", "x".repeat(16_000)));
  const lines = await journal.read(ALL);
  assert.ok(lines.join("").length <= 4 * 1024 * 1024);
  assert.equal(JSON.parse(lines.at(-1) ?? "").id, 1_000);
  await journal.settle();
});

/** The real file system, whose files take only the first bytes of what is written. */
function full(taken: number): JournalFs {
  const open: JournalFs["open"] = async (...args) => {
    const file = await promises.open(...args);
    if (args[1] === "r") return file;
    file.writeFile = async (data) => {
      await file.write(String(data).slice(0, taken), null, "latin1");
      throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    };
    return file;
  };
  return { ...promises, open };
}

test("a full disk is told once, and has no half of an entry; what is still known comes later", async (t) => {
  const files = new Fixture(t);
  files.journal.write(1, note("mymaster"));
  const before = files.journal;
  await before.load();
  files.fs = full(50);
  const { journal } = files;
  journal.write(1, note("mymaster"));
  await journal.settle();
  journal.write(2, note("mymaster"));
  await journal.settle();
  const told = `${files.path} cannot be written, so entries may be missing: No space left on device`;
  assert.deepEqual(files.warnings, [told]);
  assert.equal((await idsOf(journal)).length, 2);
  assert.ok(!files.text.includes('"id":2'));
  Object.assign(files.fs, { open: promises.open });
  journal.write(3, note("mymaster"));
  await journal.settle();
  const written = files.text.split("\n").slice(0, -1);
  assert.equal(written.map((line) => JSON.parse(line).at).at(-1), WALL + 3);
  assert.ok(written.length >= 3);
});

test("a folder that takes nothing, or something else at its place, stops nobody", async (t) => {
  const files = new Fixture(t);
  fs.mkdirSync(files.path);
  const { journal } = files;
  for (let at = 1; at <= 3_000; at++) journal.write(at, note("mymaster"));
  assert.deepEqual((await idsOf(journal)).length, 1_000);
  await journal.settle();
  journal.close();
  assert.deepEqual(files.warnings, [
    `${files.path} cannot be read, and begins anew: it is no file`,
    `${files.path} cannot be written, so entries may be missing: Is a directory`,
  ]);
});

test("it may be deleted at any time", async (t) => {
  const files = new Fixture(t);
  const { journal } = files;
  journal.write(1, note("mymaster"));
  await journal.settle();
  fs.rmSync(files.path);
  journal.write(2, note("mymaster"));
  await journal.settle();
  assert.deepEqual(files.ids, [2]);
  assert.deepEqual(await idsOf(files.journal), [2]);
});

test("the end of the process writes what waits, once", async (t) => {
  const files = new Fixture(t);
  const { journal } = files;
  await journal.load();
  journal.write(1, note("mymaster"));
  await journal.settle();
  journal.write(2, note("mymaster"));
  journal.close();
  await journal.settle();
  assert.deepEqual(files.ids, [1, 2]);
});
