import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Extra } from "../../src/core/extra.ts";
import { ExtraFile } from "../../src/runtime/file/extra-file.ts";
import { temporaryFolder } from "./support.ts";

const HOUR = 3_600_000;
/** A name in UTF-8 and one that is none, as byte strings. */
const NAMES = ["mymaster", "\xc3\xa4", "\xff\xfe", "__proto__"];

/** An extra file whose core began at 1,000 and whose wall shows the year 2033. */
class Fixture {
  readonly folder: string;
  readonly path: string;
  readonly warnings: string[] = [];
  now = 1_000;
  wallNow = 2_000_000_000_000;
  fs: typeof fs = fs;

  constructor(t: TestContext) {
    this.folder = temporaryFolder(t);
    fs.writeFileSync(join(this.folder, "sentinel.conf"), "port 26379\n", { mode: 0o644 });
    this.path = join(this.folder, "sentinel.conf.extra");
  }

  get file(): ExtraFile {
    return new ExtraFile({
      configPath: join(this.folder, "sentinel.conf"),
      log: { write: (_level, text) => void this.warnings.push(text) },
      now: () => this.now,
      wallNow: () => this.wallNow,
      fs: this.fs,
    });
  }
}

function full(until: number, now: number): Extra {
  const of = {
    pause: { until, reason: "new disks \xc3\xbc" },
    pausedReplicas: [{ until, reason: "", address: { host: "10.0.0.1", port: 6379 } }],
    tombstones: [
      { kind: "replica", key: "10.0.0.2:6379", until },
      { kind: "sentinel", key: "a".repeat(40), until },
    ],
    names: [{ id: "b".repeat(40), at: until - 2 * HOUR, isAdopted: true }],
    // Not before the others were heard.
    fences: [
      {
        address: { host: "10.0.0.9", port: 6379 },
        value: 2,
        dueAt: now + 5_000,
        order: { request: null, at: now },
      },
    ],
  } as const;
  return { masters: new Map(NAMES.map((name) => [name, of])) };
}

test("what was written is read again, by a process with another clock", (t) => {
  const fixture = new Fixture(t);
  assert.ok(fixture.file.save(full(1_000 + HOUR, 0)));
  assert.equal(fs.statSync(fixture.path).mode & 0o777, 0o600);
  assert.ok(fs.readFileSync(fixture.path, "utf8").includes("new disks ü"));
  fixture.now = 77;
  fixture.wallNow += HOUR / 2;
  assert.deepEqual(fixture.file.load(), full(77 + HOUR / 2, 77));
  assert.deepEqual(fixture.warnings, []);
  assert.deepEqual(fs.readdirSync(fixture.folder).sort(), ["sentinel.conf", "sentinel.conf.extra"]);
});

test("what is over meanwhile is not", (t) => {
  const fixture = new Fixture(t);
  fixture.file.save(full(1_000 + HOUR, 0));
  fixture.wallNow += HOUR;
  const { masters } = fixture.file.load();
  assert.deepEqual(masters.get("mymaster"), {
    ...{ pause: null, pausedReplicas: [], tombstones: [] },
    names: full(1_000, 0)
      .masters.get("mymaster")
      ?.names.map((one) => ({ ...one, at: 1_000 - 2 * HOUR })),
    fences: full(1_000, 1_000).masters.get("mymaster")?.fences,
  });
});

test("there need not be one", (t) => {
  const fixture = new Fixture(t);
  assert.deepEqual(fixture.file.load(), { masters: new Map() });
  assert.deepEqual(fixture.warnings, []);
});

test("a damaged one is set aside with a warning, whatever is wrong with it", (t) => {
  const fixture = new Fixture(t);
  fixture.file.save(full(1_000 + HOUR, 0));
  const good = fs.readFileSync(fixture.path, "latin1");
  const damaged = [
    ...["", "{", "null", "[]", '{"version":2}', '{"version":1}'],
    good.slice(0, good.length / 2),
    good.replaceAll(/"until": "[^"]*"/g, '"until": "soon"'),
    good.replaceAll('"replica"', '"master"'),
    good.replaceAll("6379,", '"6379",'),
    good.replaceAll('"forgotten": [', '"forgotten": [7,'),
  ];
  for (const text of damaged) {
    assert.notEqual(text, good);
    fs.writeFileSync(fixture.path, text, "latin1");
    assert.deepEqual(fixture.file.load(), { masters: new Map() });
    assert.match(fixture.warnings.pop() ?? "", /is damaged \(.*renamed to .*extra\.damaged$/s);
    assert.equal(fs.readFileSync(`${fixture.path}.damaged`, "latin1"), text);
    assert.ok(!fs.existsSync(fixture.path));
  }
});

test("one that is far too long is not read", (t) => {
  const fixture = new Fixture(t);
  fs.writeFileSync(fixture.path, "");
  fs.truncateSync(fixture.path, 2 ** 30);
  assert.deepEqual(fixture.file.load(), { masters: new Map() });
  assert.match(fixture.warnings.join(), /has 1073741824 bytes/);
});

test("one that cannot be written is said to be, and the old one stays", (t) => {
  const fixture = new Fixture(t);
  fixture.file.save(full(1_000 + HOUR, 0));
  const renameSync = () => {
    throw Object.assign(new Error("full"), { code: "ENOSPC", errno: -28 });
  };
  fixture.fs = { ...fs, renameSync };
  assert.ok(!fixture.file.save({ masters: new Map() }));
  assert.match(fixture.warnings.join(), /extra cannot be written.*No space left on device/);
  fixture.fs = fs;
  assert.deepEqual(fixture.file.load(), full(1_000 + HOUR, 1_000));
});
