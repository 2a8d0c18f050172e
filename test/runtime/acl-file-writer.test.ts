import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { writeAclFile } from "../../src/runtime/file/acl-file-writer.ts";
import { temporaryFolder } from "./support.ts";

const TEXT = Buffer.from("user default on nopass ~* &* +@all\n");

test("a link that somebody laid beside the ACL file leads nowhere", (t) => {
  const folder = temporaryFolder(t);
  const [path, victim] = [join(folder, "users.acl"), join(folder, "victim")];
  fs.writeFileSync(victim, "precious");
  fs.symlinkSync(victim, `${path}.tmp-${process.pid}`);
  writeAclFile(path, TEXT);
  assert.equal(fs.readFileSync(victim, "utf8"), "precious");
  assert.deepEqual(fs.readFileSync(path), TEXT);
  assert.equal(fs.statSync(path).mode & 0o777, 0o600);
});

test("the file keeps its mode, and a link to it stays one [D-ACL-FILE]", (t) => {
  const folder = temporaryFolder(t);
  const [path, link] = [join(folder, "users.acl"), join(folder, "link.acl")];
  fs.writeFileSync(path, "old");
  fs.chmodSync(path, 0o640);
  fs.symlinkSync(path, link);
  writeAclFile(link, TEXT);
  assert.ok(fs.lstatSync(link).isSymbolicLink());
  assert.deepEqual(fs.readFileSync(path), TEXT);
  assert.equal(fs.statSync(path).mode & 0o777, 0o640);
  assert.deepEqual(fs.readdirSync(folder).sort(), ["link.acl", "users.acl"]);
});

test("it is on the disk when the call returns: file and folder are synced", (t) => {
  const folder = temporaryFolder(t);
  let syncs = 0;
  const fsyncSync = (fd: number) => {
    syncs++;
    fs.fsyncSync(fd);
  };
  writeAclFile(join(folder, "users.acl"), TEXT, { ...fs, fsyncSync });
  assert.equal(syncs, 2);
});

test("a file that is a mount point is written in place", (t) => {
  const path = join(temporaryFolder(t), "users.acl");
  fs.writeFileSync(path, "old");
  const renameSync = () => {
    throw Object.assign(new Error("busy"), { code: "EBUSY" });
  };
  writeAclFile(path, TEXT, { ...fs, renameSync });
  assert.deepEqual(fs.readFileSync(path), TEXT);
});

test("what fails is named, and the old file stays", (t) => {
  const path = join(temporaryFolder(t), "users.acl");
  fs.writeFileSync(path, "old");
  const fsyncSync = () => {
    throw Object.assign(new Error("io"), { code: "EIO" });
  };
  assert.throws(
    () => writeAclFile(path, TEXT, { ...fs, fsyncSync }),
    /^Error: Could not sync tmp ACL file to disk \(Input\/output error\)$/,
  );
  assert.equal(fs.readFileSync(path, "utf8"), "old");
});
