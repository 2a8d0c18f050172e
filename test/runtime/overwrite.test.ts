import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ConfigFile } from "../../src/runtime/file/config-file.ts";
import type { FileSystem } from "../../src/runtime/file/durable-writer.ts";
import { temporaryFolder } from "./support.ts";

// A file that is a mount itself is overwritten in place [D-IN-PLACE]: no failure may tear it.

const OLD = "old ".repeat(1_000);

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: made up`), { code });
}

/** The call that fails; every `times` calls of writeSync and of fsyncSync count as one. */
interface Fault {
  readonly call: "writeSync" | "fsyncSync" | "ftruncateSync";
  readonly at: number;
  readonly partly?: number;
}

function mounted(t: TestContext, fault: Fault, newText: string) {
  const path = join(temporaryFolder(t), "sentinel.conf");
  fs.writeFileSync(path, OLD);
  const lines: string[] = [];
  let inPlace = false;
  let calls = 0;
  const fails = (call: Fault["call"]): boolean =>
    inPlace && call === fault.call && ++calls === fault.at;
  const overrides: Partial<FileSystem> = {
    renameSync: () => {
      inPlace = true;
      throw failure("EBUSY");
    },
    writeSync: ((fd: number, bytes: Buffer, from: number, length: number, position: number) => {
      if (!fails("writeSync")) return fs.writeSync(fd, bytes, from, length, position);
      if (fault.partly !== undefined) fs.writeSync(fd, bytes, from, fault.partly, position);
      throw failure("ENOSPC");
    }) as typeof fs.writeSync,
    fsyncSync: (fd) => {
      if (fails("fsyncSync")) throw failure("EIO");
      fs.fsyncSync(fd);
    },
    ftruncateSync: (fd, length) => {
      if (fails("ftruncateSync")) throw failure("EIO");
      fs.ftruncateSync(fd, length);
    },
  };
  const file = new ConfigFile({
    path,
    render: () => newText,
    log: (level, text) => lines.push(`${level} ${text}`),
    now: () => 0,
    fs: { ...fs, ...overrides },
  });
  return { path, file, lines };
}

const LONGER = "new ".repeat(3_000);
const SHORTER = "new ".repeat(10);

const FAULTS: readonly (readonly [what: string, text: string, fault: Fault])[] = [
  ["no space for the longer part", LONGER, { call: "writeSync", at: 1, partly: 17 }],
  ["the longer part does not sync", LONGER, { call: "fsyncSync", at: 1 }],
  ["the beginning cannot be written", LONGER, { call: "writeSync", at: 2, partly: 17 }],
  ["the whole does not sync", LONGER, { call: "fsyncSync", at: 2 }],
  ["a shorter text cannot be written", SHORTER, { call: "writeSync", at: 1, partly: 17 }],
  ["it cannot be cut", SHORTER, { call: "ftruncateSync", at: 1 }],
  ["the shorter whole does not sync", SHORTER, { call: "fsyncSync", at: 1 }],
];

for (const [what, text, fault] of FAULTS) {
  test(`in place: when ${what} the old text is there again`, (t) => {
    const { path, file } = mounted(t, fault, text);
    const reason = fault.call === "writeSync" ? "No space left on device" : "Input/output error";
    assert.deepEqual(file.save(), { ok: false, reason });
    assert.equal(fs.readFileSync(path, "latin1"), OLD);
    assert.deepEqual(file.save(), { ok: true });
    assert.equal(fs.readFileSync(path, "latin1"), text);
  });
}

test("in place: the part beyond the old end is on disk before the old text is touched", (t) => {
  const path = join(temporaryFolder(t), "sentinel.conf");
  fs.writeFileSync(path, OLD);
  const order: string[] = [];
  const file = new ConfigFile({
    path,
    render: () => LONGER,
    log: () => undefined,
    now: () => 0,
    fs: {
      ...fs,
      renameSync: () => {
        order.length = 0;
        throw failure("EBUSY");
      },
      writeSync: ((fd: number, bytes: Buffer, from: number, length: number, position: number) => {
        order.push(`write ${position}`);
        return fs.writeSync(fd, bytes, from, length, position);
      }) as typeof fs.writeSync,
      fsyncSync: (fd) => {
        order.push("sync");
        fs.fsyncSync(fd);
      },
    },
  });
  assert.deepEqual(file.save(), { ok: true });
  assert.deepEqual(order, [`write ${OLD.length}`, "sync", "write 0", "sync"]);
});
