import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ConfigFile } from "../../src/runtime/file/config-file.ts";
import type { FileSystem } from "../../src/runtime/file/durable-writer.ts";
import { temporaryFolder } from "./support.ts";

const SAVED = "notice Sentinel new configuration saved on disk";

function setup(t: TestContext, overrides: Partial<FileSystem> = {}) {
  const folder = temporaryFolder(t);
  const path = join(folder, "sentinel.conf");
  const lines: string[] = [];
  const render = { next: (old: string) => `${old}port 1\n` };
  const clock = { now: 0 };
  const file = new ConfigFile({
    path,
    render: (old) => render.next(old),
    log: (level, text) => lines.push(`${level} ${text}`),
    now: () => clock.now,
    fs: { ...fs, ...overrides },
  });
  return { folder, path, lines, render, file, clock };
}

function failing(code: string): () => never {
  return () => {
    throw Object.assign(new Error(`${code}: made up`), { code });
  };
}

test("the new text is made of the old and replaces it", (t) => {
  const { path, file, lines, folder } = setup(t);
  fs.writeFileSync(path, "# caf\xe9\n", "latin1");
  assert.deepEqual(file.save(), { ok: true });
  assert.equal(fs.readFileSync(path, "latin1"), "# caf\xe9\nport 1\n");
  assert.deepEqual(fs.readdirSync(folder), ["sentinel.conf"]);
  assert.deepEqual(lines, [`debug Rewritten config file (${path}) successfully`, SAVED]);
});

test("it is a new file, synced before the rename, its folder after", (t) => {
  const order: string[] = [];
  const opened = new Map<number, string>();
  const { path, file } = setup(t, {
    openSync: (name, ...rest) => {
      const fd = fs.openSync(name, ...rest);
      opened.set(fd, String(name));
      return fd;
    },
    fsyncSync: (fd) => {
      order.push(`sync ${opened.get(fd)}`);
      fs.fsyncSync(fd);
    },
    renameSync: (from, to) => {
      order.push(`rename ${from} ${to}`);
      fs.renameSync(from, to);
    },
  });
  fs.writeFileSync(path, "");
  const before = fs.statSync(path).ino;
  file.save();
  assert.notEqual(fs.statSync(path).ino, before);
  const temporary = order[0]?.replace("sync ", "") ?? "";
  assert.match(temporary, /sentinel\.conf\.[A-Za-z0-9]{6}$/);
  assert.deepEqual(order, [
    `sync ${temporary}`,
    `rename ${temporary} ${path}`,
    `sync ${join(path, "..")}`,
  ]);
});

test("a file that was deleted is written anew, with 0644 as umask leaves it", (t) => {
  const { path, file } = setup(t);
  assert.deepEqual(file.save(), { ok: true });
  assert.equal(fs.readFileSync(path, "latin1"), "port 1\n");
  assert.equal(fs.statSync(path).mode & 0o777, 0o644 & ~process.umask());
});

test("the mode stays, and the temporary file is private until it has it", (t) => {
  const modes: unknown[] = [];
  const { path, file } = setup(t, {
    openSync: (name, flags, mode) => {
      if (flags === "wx") modes.push(mode);
      return fs.openSync(name, flags, mode);
    },
  });
  for (const mode of [0o600, 0o640, 0o664]) {
    fs.writeFileSync(path, `# ${mode}\n`);
    fs.chmodSync(path, mode);
    assert.deepEqual(file.save(), { ok: true });
    assert.equal(fs.statSync(path).mode & 0o777, mode);
  }
  assert.deepEqual(modes, [0o600, 0o600, 0o600]);
});

test("a file that is deleted while we run comes back with the mode it had", (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "sentinel.conf");
  fs.writeFileSync(path, "requirepass x\n", { mode: 0o600 });
  const render = () => "port 1\n";
  const file = new ConfigFile({ path, render, log: () => undefined, now: () => 0 });
  fs.unlinkSync(path);
  assert.deepEqual(file.save(), { ok: true });
  assert.equal(fs.statSync(path).mode & 0o777, 0o600);
  fs.chmodSync(path, 0o640);
  assert.deepEqual(file.save(), { ok: true });
  fs.unlinkSync(path);
  assert.deepEqual(file.save(), { ok: true });
  assert.equal(fs.statSync(path).mode & 0o777, 0o640);
});

test("a symbolic link stays one and its target is replaced [D-OWNER]", (t) => {
  const { path, folder, file } = setup(t);
  fs.mkdirSync(join(folder, "real"));
  fs.writeFileSync(join(folder, "real", "the.conf"), "# real\n");
  fs.symlinkSync("real/the.conf", path);
  assert.deepEqual(file.save(), { ok: true });
  assert.equal(fs.readlinkSync(path), "real/the.conf");
  assert.equal(fs.readFileSync(join(folder, "real", "the.conf"), "latin1"), "# real\nport 1\n");
  assert.deepEqual(fs.readdirSync(join(folder, "real")), ["the.conf"]);
});

test("the same text is not written twice, unless somebody touched the file", (t) => {
  const { path, file, render } = setup(t);
  render.next = () => "port 1\n";
  file.save();
  const first = fs.statSync(path).ino;
  assert.deepEqual(file.save(), { ok: true });
  assert.equal(fs.statSync(path).ino, first);
  fs.utimesSync(path, 1, 1);
  assert.deepEqual(file.save(), { ok: true });
  assert.notEqual(fs.statSync(path).ino, first);
});

test("an edit that neither size nor times betray is noticed", (t) => {
  const { path, file, render } = setup(t);
  render.next = (old) => `${old}# we\n`;
  assert.deepEqual(file.save(), { ok: true });
  const { atime, mtime } = fs.statSync(path);
  fs.writeFileSync(path, "# op\n");
  fs.utimesSync(path, atime, mtime);
  assert.deepEqual(file.save(), { ok: true });
  assert.equal(fs.readFileSync(path, "latin1"), "# op\n# we\n");
});

const FAILURES: readonly (readonly [call: keyof FileSystem, code: string, line: string])[] = [
  ["openSync", "EMFILE", "Could not create tmp config file (Too many open files)"],
  ["writeSync", "EIO", "Failed after writing (0) bytes to tmp config file (Input/output error)"],
  ["fsyncSync", "EIO", "Could not sync tmp config file to disk (Input/output error)"],
  ["fchmodSync", "EIO", "Could not chmod config file (Input/output error)"],
  ["renameSync", "EIO", "Could not rename tmp config file (Input/output error)"],
  ["readFileSync", "EIO", "Could not read config file (Input/output error)"],
];

const UNSAVED = "WARNING: Sentinel was not able to save the new configuration on disk!!!";

for (const [call, code, line] of FAILURES) {
  test(`when ${call} fails the old file is intact and the reason told`, (t) => {
    const { path, file, lines, folder } = setup(t, { [call]: failing(code) });
    fs.writeFileSync(path, "# old\n");
    const reason = /\(([^()]*)\)$/.exec(line)?.[1] ?? "";
    assert.deepEqual(file.save(), { ok: false, reason });
    assert.deepEqual(lines, [
      `warning ${UNSAVED}: ${reason}. ${line}. Until it can it gives no votes and leads no failover. Make sure that ${path} can be written.`,
    ]);
    assert.equal(fs.readFileSync(path, "latin1"), "# old\n");
    assert.deepEqual(fs.readdirSync(folder), ["sentinel.conf"]);
  });
}

test("failures are told at once, then once a minute, and anew after a success", (t) => {
  let fails = true;
  const { path, file, lines, clock, render } = setup(t, {
    fsyncSync: (fd) => (fails ? failing("EIO")() : fs.fsyncSync(fd)),
  });
  fs.writeFileSync(path, "# old\n");
  const told = () => lines.filter((line) => line.startsWith("warning")).length;
  const expected: (readonly [atMs: number, told: number])[] = [
    [0, 1],
    [1_000, 1],
    [59_999, 1],
    [60_000, 2],
    [61_000, 2],
    [120_000, 3],
  ];
  for (const [atMs, count] of expected) {
    clock.now = atMs;
    assert.equal(file.save().ok, false);
    assert.equal(told(), count, `at ${atMs}`);
  }
  fails = false;
  render.next = (old) => `${old}# once more\n`;
  assert.equal(file.save().ok, true);
  fails = true;
  assert.equal(file.save().ok, false);
  assert.equal(told(), 4);
});

const FOLDER_FAULTS: readonly (readonly [call: keyof FileSystem, code: string, advice: RegExp])[] =
  [
    ["openSync", "EACCES", /Make its folder .* writable for user id \d+\./],
    ["openSync", "EPERM", /Make its folder .* writable for user id \d+\./],
    ["openSync", "EROFS", /Mount .* writable\./],
    ["openSync", "ENOSPC", /Make room on the file system of /],
    ["openSync", "EDQUOT", /Make room on the file system of /],
    ["openSync", "ENAMETOOLONG", /Make sure that /],
    ["writeSync", "ENOSPC", /Make room on the file system of /],
    ["fsyncSync", "EDQUOT", /Make room on the file system of /],
    ["fchmodSync", "EPERM", /Make its folder /],
    ["renameSync", "EACCES", /Make its folder /],
    ["renameSync", "EPERM", /Make its folder /],
  ];

for (const [call, code, advice] of FOLDER_FAULTS) {
  test(`${code} of ${call} for the temporary file: the old one is written in place`, (t) => {
    let isTemporary = true;
    const real: FileSystem = fs;
    const fail = failing(code);
    const { path, file, lines, folder, render } = setup(t, {
      openSync: (name, flags, mode) => {
        isTemporary = flags === "wx";
        return call === "openSync" && isTemporary ? fail() : fs.openSync(name, flags, mode);
      },
      ...(call === "openSync"
        ? {}
        : {
            [call]: (...args: unknown[]) =>
              isTemporary ? fail() : (real[call] as (...all: unknown[]) => unknown)(...args),
          }),
    });
    fs.writeFileSync(path, "# old\n", { mode: 0o640 });
    const { ino } = fs.statSync(path);
    assert.deepEqual(file.save(), { ok: true });
    render.next = (old) => `${old}port 2\n`;
    assert.deepEqual(file.save(), { ok: true });
    assert.equal(fs.readFileSync(path, "latin1"), "# old\nport 1\nport 2\n");
    assert.equal(fs.statSync(path).ino, ino);
    assert.deepEqual(fs.readdirSync(folder), ["sentinel.conf"]);
    const warnings = lines.filter((line) => line.startsWith("warning"));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /cannot be replaced: .* overwritten in place/);
    assert.match(warnings[0] ?? "", advice);
  });
}

test("a folder that is writable again has its file replaced again", (t) => {
  let fails = true;
  const { path, file, render } = setup(t, {
    openSync: (name, flags, mode) =>
      fails && flags === "wx" ? failing("EACCES")() : fs.openSync(name, flags, mode),
  });
  fs.writeFileSync(path, "# old\n");
  const { ino } = fs.statSync(path);
  file.save();
  fails = false;
  render.next = (old) => `${old}port 2\n`;
  assert.deepEqual(file.save(), { ok: true });
  assert.notEqual(fs.statSync(path).ino, ino);
});

test("neither beside nor in place: both reasons are told", (t) => {
  const { path, file, lines } = setup(t, {
    openSync: (_name, flags) => failing(flags === "wx" ? "EROFS" : "EACCES")(),
  });
  fs.writeFileSync(path, "# old\n");
  assert.deepEqual(file.save(), { ok: false, reason: "Permission denied" });
  assert.match(
    lines[0] ?? "",
    /tmp config file \(Read-only file system\); in place: Could not open config file \(Permission denied\)/,
  );
  const refusal = /^StartError: Sentinel cannot save .*, then start again/;
  assert.throws(() => file.requireSaved(), refusal);
  assert.throws(() => file.rehearse(), refusal);
});

test("a rehearsal leaves a file that can be replaced as it is, and nothing beside it [D-REHEARSED]", (t) => {
  const { path, folder, file, lines } = setup(t);
  fs.writeFileSync(path, "# old\n");
  const before = fs.statSync(path);
  file.rehearse();
  file.requireSaved();
  assert.deepEqual(
    [fs.statSync(path).ino, fs.readFileSync(path, "latin1")],
    [before.ino, "# old\n"],
  );
  assert.deepEqual([fs.readdirSync(folder), lines], [["sentinel.conf"], []]);
});

for (const code of ["EACCES", "EINVAL", "ENOTSUP"]) {
  test(`a folder that cannot be synced (${code}) costs one warning, and the file is synced anew`, (t) => {
    const synced: string[] = [];
    const names = new Map<number, string>();
    const { path, folder, file, lines, render } = setup(t, {
      openSync: (name, flags, mode) => {
        if (name === folder && code === "EACCES") failing(code)();
        const fd = fs.openSync(name, flags, mode);
        names.set(fd, String(name));
        return fd;
      },
      fsyncSync: (fd) => {
        if (names.get(fd) === folder) failing(code)();
        synced.push(names.get(fd) ?? "");
        fs.fsyncSync(fd);
      },
    });
    fs.writeFileSync(path, "");
    assert.deepEqual(file.save(), { ok: true });
    assert.equal(synced.at(-1), path);
    render.next = (old) => `${old}port 2\n`;
    assert.deepEqual(file.save(), { ok: true });
    const warnings = lines.filter((line) => line.startsWith("warning"));
    assert.match(warnings[0] ?? "", /cannot be synced to disk/);
    assert.equal(warnings.length, 1);
  });
}

test("group, owner and mode are kept one by one, as far as each may be", (t) => {
  const calls: string[] = [];
  const { path, file } = setup(t, {
    fstatSync: (() => ({ uid: 65_534, gid: 65_534 })) as unknown as typeof fs.fstatSync,
    statSync: ((...args: Parameters<typeof fs.statSync>) => {
      const found = fs.statSync(...args);
      return found && args[1]?.bigint !== true ? { mode: 0o100660, uid: 0, gid: 4_242 } : found;
    }) as typeof fs.statSync,
    fchownSync: (_fd, uid, gid) => {
      calls.push(`chown ${uid} ${gid}`);
      if (uid === 0) failing("EPERM")();
    },
    fchmodSync: (_fd, mode) => {
      calls.push(`chmod ${mode.toString(8)}`);
    },
  });
  fs.writeFileSync(path, "");
  assert.deepEqual(file.save(), { ok: true });
  assert.deepEqual(calls, ["chown -1 4242", "chmod 660", "chown 0 -1"]);
});

test("a folder that does not sync is a failed save, and the next save writes again", (t) => {
  let syncs = 0;
  const { path, file, lines, render } = setup(t, {
    fsyncSync: (fd) => {
      if (++syncs === 2) failing("EIO")();
      fs.fsyncSync(fd);
    },
  });
  render.next = () => "port 1\n";
  fs.writeFileSync(path, "");
  assert.deepEqual(file.save(), { ok: false, reason: "Input/output error" });
  assert.match(lines[0] ?? "", /^warning .*Could not sync config file dir \(Input\/output error\)/);
  assert.deepEqual(file.save(), { ok: true });
  assert.equal(syncs, 4);
});

test("a short write is continued", (t) => {
  const { path, file } = setup(t, {
    writeSync: ((fd: number, buffer: Buffer, offset: number) =>
      fs.writeSync(fd, buffer, offset, Math.min(3, buffer.length - offset))) as typeof fs.writeSync,
  });
  fs.writeFileSync(path, "# a longer text\n");
  assert.deepEqual(file.save(), { ok: true });
  assert.equal(fs.readFileSync(path, "latin1"), "# a longer text\nport 1\n");
});

test("a text that would not load is not written", (t) => {
  const { path, file, render, lines } = setup(t);
  fs.writeFileSync(path, "# good\n");
  render.next = () => {
    throw new Error("the rewritten file does not load");
  };
  assert.deepEqual(file.save(), { ok: false, reason: "the rewritten file does not load" });
  assert.equal(fs.readFileSync(path, "latin1"), "# good\n");
  assert.equal(lines.length, 1);
  assert.doesNotMatch(lines[0] ?? "", /can be written/);
});

for (const code of ["EBUSY", "EXDEV"]) {
  test(`a file that is a mount itself (${code}) is overwritten, with one warning`, (t) => {
    const { path, file, lines, render, folder } = setup(t, { renameSync: failing(code) });
    fs.writeFileSync(path, "# a much longer old text than the new one\n");
    render.next = () => "port 1\n";
    const before = fs.statSync(path).ino;
    assert.deepEqual(file.save(), { ok: true });
    render.next = () => "port 22\n";
    assert.deepEqual(file.save(), { ok: true });
    assert.equal(fs.statSync(path).ino, before);
    assert.equal(fs.readFileSync(path, "latin1"), "port 22\n");
    assert.equal(lines.filter((line) => line.startsWith("warning")).length, 1);
    assert.match(lines[0] ?? "", /cannot be replaced: .*overwritten in place/);
    assert.deepEqual(fs.readdirSync(folder), ["sentinel.conf"]);
  });
}

test("a folder as config file fails every save", (t) => {
  const { path, file } = setup(t);
  fs.mkdirSync(path);
  assert.deepEqual(file.save(), { ok: false, reason: "Is a directory" });
});
