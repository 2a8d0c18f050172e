import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Acl, checkPermission } from "../../src/server/acl.ts";
import { STANDARD_COMMANDS } from "../../src/server/commands/standard.ts";
import { allCommands, findCommand } from "../../src/server/commands/table.ts";
import { createServer } from "../../src/server/server.ts";
import { DEFAULT_CONFIG, FakeHost, start } from "./harness.ts";

const HASH_OF_A = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";

function aclWith(...rules: string[]): Acl {
  const acl = new Acl(STANDARD_COMMANDS, DEFAULT_CONFIG);
  assert.equal(acl.setUser("u", rules), null);
  return acl;
}

/** Rules, and the canonical text that a rewritten file holds. */
const CANONICAL: readonly (readonly [readonly string[], string])[] = [
  [[], "off sanitize-payload resetchannels -@all"],
  [["alldbs"], "off sanitize-payload resetchannels -@all"],
  [["db=0,1"], "off sanitize-payload resetchannels db=0,1 -@all"],
  [["resetdbs", "db=2"], "off sanitize-payload resetchannels resetdbs db=2 -@all"],
  [["db=2", "alldbs"], "off sanitize-payload resetchannels -@all"],
  [["ON", ">a", ">a"], `on sanitize-payload #${HASH_OF_A} resetchannels -@all`],
  [["on", "nopass", "allkeys", "&*", "+@all"], "on nopass sanitize-payload ~* &* +@all"],
  [["nopass", ">a"], `off sanitize-payload #${HASH_OF_A} resetchannels -@all`],
  [[">a", "<a"], "off sanitize-payload resetchannels -@all"],
  [[`#${HASH_OF_A}`, `!${HASH_OF_A}`], "off sanitize-payload resetchannels -@all"],
  [["skip-sanitize-payload"], "off skip-sanitize-payload resetchannels -@all"],
  [["&+*", "&-*", "&+*"], "off sanitize-payload resetchannels &+* &-* -@all"],
  [["~a", "%R~b", "%W~b", "%w~c"], "off sanitize-payload ~a ~b %W~c resetchannels -@all"],
  [["+ping", "+@connection"], "off sanitize-payload resetchannels -@all +ping +@connection"],
  [["+client|id", "-client"], "off sanitize-payload resetchannels -@all -client"],
  [["+PING", "-ping"], "off sanitize-payload resetchannels -@all -ping"],
  [["+@admin", "+@all"], "off sanitize-payload resetchannels +@all"],
  [["+ping|hello"], "off sanitize-payload resetchannels -@all +ping|hello"],
  [["(+ping", "~a)"], "off sanitize-payload resetchannels -@all (~a resetchannels -@all +ping)"],
  [["(+ping)", "clearselectors"], "off sanitize-payload resetchannels -@all"],
  [["on", ">a", "+@all", "reset"], "off sanitize-payload resetchannels -@all"],
  [["", "on"], "on sanitize-payload resetchannels -@all"],
];

for (const [rules, line] of CANONICAL) {
  test(`canonical text of: ${rules.join(" ")}`, () => {
    const acl = aclWith(...rules);
    assert.equal(acl.lines()[1], `u ${line}`);
    const words = line
      .replace(/\(.*\)/, "")
      .trim()
      .split(" ");
    const again = aclWith(...words, ...(/\(.*\)/.exec(line) ?? []));
    assert.equal(again.lines()[1], `u ${line}`, "it builds the same user again");
  });
}

const UNKNOWN = "Unknown command or category name in ACL";
const REFUSED: readonly (readonly [string, string])[] = [
  ["foo", "Syntax error"],
  ["%X~a", "Syntax error"],
  ["%RR~a", "Syntax error"],
  ["~a b", "Syntax error"],
  ["+get", UNKNOWN],
  ["-get", UNKNOWN],
  ["+client|nosuch", UNKNOWN],
  ["-ping|x", UNKNOWN],
  ["+@nosuch", UNKNOWN],
  ["+ping|", "Syntax error"],
  ["+client|id|x", "Allowing first-arg of a subcommand is not supported"],
  ["<nope", "The password you are trying to remove from the user does not exist"],
  [
    "#zz",
    "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters",
  ],
];

for (const [rule, reason] of REFUSED) {
  test(`the rule ${rule} is refused and changes nothing`, () => {
    const acl = aclWith("on", "+ping");
    const before = acl.lines();
    assert.deepEqual(acl.setUser("u", ["off", rule]), { rule, reason });
    assert.deepEqual(acl.lines(), before);
  });
}

test("a pattern after the star is refused", () => {
  const acl = aclWith("allkeys", "allchannels");
  assert.match(acl.setUser("u", ["~x"])?.reason ?? "", /^Adding a pattern .* 'allkeys' flag/);
  assert.match(acl.setUser("u", ["&x"])?.reason ?? "", /^Adding a pattern .* 'allchannels' flag/);
});

/** Rules, a request, and what is refused of it. */
const PERMISSIONS: readonly (readonly [string, string, "allowed" | "command" | "channel"])[] = [
  ["-@all", "ping", "command"],
  ["-@all", "auth x", "allowed"],
  ["-@all", "hello", "allowed"],
  ["+@connection", "ping", "allowed"],
  ["+@all -@admin", "sentinel masters", "command"],
  ["+@all -@admin +sentinel|masters", "sentinel masters", "allowed"],
  ["+sentinel -sentinel|set", "sentinel set m a b", "command"],
  ["+sentinel -sentinel|set", "sentinel masters", "allowed"],
  ["+subscribe", "subscribe a", "channel"],
  ["+subscribe &+*", "subscribe +a +b", "allowed"],
  ["+subscribe &+*", "subscribe +a b", "channel"],
  ["+psubscribe &+*", "psubscribe +*", "allowed"],
  ["+psubscribe &+*", "psubscribe +a", "channel"],
  ["+psubscribe allchannels", "psubscribe *", "allowed"],
  ["+unsubscribe", "unsubscribe a", "allowed"],
  ["+publish &__sentinel__:hello", "publish __sentinel__:hello x", "allowed"],
  ["+publish &__sentinel__:hello", "publish other x", "channel"],
  ["+ping|hello", "ping hello", "allowed"],
  ["+ping|hello", "ping", "command"],
  ["(+ping)", "ping", "allowed"],
  ["+subscribe (+ping)", "subscribe a", "channel"],
];

for (const [rules, typed, expected] of PERMISSIONS) {
  test(`with ${rules}: ${typed} is ${expected}`, () => {
    const user = aclWith(...rules.split(" ")).find("u");
    const words = typed.split(" ");
    const name = ["sentinel", "client"].includes(words[0] ?? "")
      ? words.slice(0, 2)
      : words.slice(0, 1);
    const spec = findCommand(STANDARD_COMMANDS, name.join("|"));
    assert.ok(user && spec);
    assert.equal(checkPermission(user, spec, words)?.reason ?? "allowed", expected);
  });
}

test("passwords: any of the user's own, only while it is on", () => {
  const acl = aclWith("on", ">a", ">\xff");
  assert.equal(acl.authenticate("u", "a")?.name, "u");
  assert.equal(acl.authenticate("u", "\xff")?.name, "u");
  assert.equal(acl.authenticate("u", "b"), null);
  assert.equal(acl.authenticate("nobody", "a"), null);
  acl.setUser("u", ["off"]);
  assert.equal(acl.authenticate("u", "a"), null);
  acl.setUser("u", ["on", "nopass"]);
  assert.equal(acl.authenticate("u", "whatever")?.name, "u");
});

test("every category of every command can be named", () => {
  for (const { categories } of allCommands(STANDARD_COMMANDS)) {
    for (const category of categories) aclWith(`+@${category}`);
  }
  assert.equal(aclWith("+@keyspace").find("u")?.root.commands.size, 0);
});

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
  writeFileSync(aclfile, "# ours\nuser bob on >a +ping\n\nuser default on nopass ~* &* +@all\n");
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
    /users\.acl:2: Duplicate user found.*users\.acl:3: /,
  );
  assert.equal(await client.ask("ACL", "USERS"), '["bob", "default"]');
  writeFileSync(aclfile, "user carol on\n");
  assert.equal(await client.ask("ACL", "LOAD"), "+OK");
  assert.equal(await client.ask("ACL", "USERS"), '["carol", "default"]');
});
