import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createServer } from "../../src/server/server.ts";
import { DEFAULT_CONFIG, FakeHost, start } from "./harness.ts";

const HASH_OF_A = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
const UNKNOWN = "Unknown command or category name in ACL";

test("a user line that cannot be loaded is the operator's error, without passwords", () => {
  const load = (...users: string[][]) => createServer({ ...DEFAULT_CONFIG, users }, new FakeHost());
  assert.throws(() => load(["bob", "on", "+get"]), {
    message: `Error loading ACL rule '+get' for the user named 'bob': ${UNKNOWN}`,
  });
  assert.throws(
    () => load(["bob", "<secret"]),
    (cause: Error) => !cause.message.includes("secret"),
  );
  assert.throws(
    () => createServer({ ...DEFAULT_CONFIG, users: [["a"]], aclfile: "/x" }, new FakeHost()),
    /^Error: Configuring Redis with users defined in redis\.conf and at the same setting an ACL file path is invalid\./,
  );
});

test("requirepass and user lines show in the rewritten file", () => {
  const users = [["ops", "on", ">a", "~*", "&+*", "+@connection", "+sentinel|masters", "+info"]];
  const server = createServer({ ...DEFAULT_CONFIG, requirepass: "a", users }, new FakeHost());
  assert.deepEqual(server.userLines(), [
    `default on sanitize-payload #${HASH_OF_A} ~* &* +@all`,
    `ops on sanitize-payload #${HASH_OF_A} ~* resetchannels &+* -@all +@connection +sentinel|masters +info`,
  ]);
});

test("a `user default` line replaces what requirepass said", () => {
  const users = [["default", "on", "nopass", "+ping"]];
  const server = createServer({ ...DEFAULT_CONFIG, requirepass: "a", users }, new FakeHost());
  assert.deepEqual(server.userLines(), [
    "default on nopass sanitize-payload resetchannels -@all +ping",
  ]);
});

test("DELUSER closes the user's connections", async (t) => {
  const { connect } = await start(t);
  const [admin, client] = [await connect(), await connect()];
  await admin.ask("ACL", "SETUSER", "bob", "on", ">pw", "+@all");
  assert.equal(await client.ask("AUTH", "bob", "pw"), "+OK");
  assert.equal(await admin.ask("ACL", "DELUSER", "bob"), ":1");
  assert.equal(await client.untilClosed(), "");
});

test("a subscriber that loses its channel is closed", async (t) => {
  const { connect } = await start(t);
  const [admin, client] = [await connect(), await connect()];
  await admin.ask("ACL", "SETUSER", "bob", "on", "nopass", "+@all", "&+*");
  await client.ask("AUTH", "bob", "x");
  await client.ask("SUBSCRIBE", "+sdown");
  await admin.ask("ACL", "SETUSER", "bob", "&-*");
  assert.equal(await client.ask("PING"), '["pong", ""]');
  await admin.ask("ACL", "SETUSER", "bob", "resetchannels");
  assert.equal(await client.untilClosed(), "");
});

test("ACL LOG groups refusals and keeps the newest first", async (t) => {
  const client = await (await start(t)).connect();
  await client.ask("ACL", "SETUSER", "bob", "on", "nopass", "+acl", "+subscribe");
  await client.ask("auth", "nobody", "x");
  await client.ask("AUTH", "bob", "x");
  await client.ask("INFO");
  await client.ask("INFO");
  await client.ask("SUBSCRIBE", "a");
  const log = await client.ask("ACL", "LOG");
  const kinds = [
    ...log.matchAll(
      /"count", :(\d+), "reason", "(\w+)", "context", "toplevel", "object", "(\w+)", "username", "(\w+)"/g,
    ),
  ];
  assert.deepEqual(
    kinds.map((match) => match.slice(1)),
    [
      ["1", "channel", "a", "bob"],
      ["2", "command", "info", "bob"],
      ["1", "auth", "auth", "nobody"],
    ],
  );
});

test("the ACL file is loaded, saved and loaded again; a bad one changes nothing", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "rst-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const aclfile = join(folder, "users.acl");
  writeFileSync(aclfile, "user bob on >a +ping\n\nuser default on nopass ~* &* +@all\n");
  const { connect } = await start(t, { aclfile });
  const client = await connect();
  assert.equal(await client.ask("ACL", "USERS"), '["bob", "default"]');
  await client.ask("ACL", "SETUSER", "bob", "+info");
  assert.equal(await client.ask("ACL", "SAVE"), "+OK");
  assert.equal(
    readFileSync(aclfile, "latin1"),
    `user bob on sanitize-payload #${HASH_OF_A} resetchannels -@all +ping +info\nuser default on nopass sanitize-payload ~* &* +@all\n`,
  );
  writeFileSync(aclfile, "user carol on\nuser carol off\nfoo\n");
  assert.match(
    await client.ask("ACL", "LOAD"),
    /Duplicate user 'carol' found on line 2\. .*users\.acl:3 should start with user keyword/,
  );
  assert.equal(await client.ask("ACL", "USERS"), '["bob", "default"]');
  writeFileSync(aclfile, "user carol on\n");
  assert.equal(await client.ask("ACL", "LOAD"), "+OK");
  assert.equal(await client.ask("ACL", "USERS"), '["carol", "default"]');
});
