import assert from "node:assert/strict";
import { test } from "node:test";
import { Acl } from "../../src/acl/acl.ts";
import { checkPermission } from "../../src/acl/permission.ts";
import { STANDARD_ACL_TABLE } from "../../src/server/acl-table.ts";
import { STANDARD_COMMANDS } from "../../src/server/commands/standard.ts";
import { allCommands, findCommand } from "../../src/server/commands/table.ts";
import { DEFAULT_CONFIG } from "../server/harness.ts";

const HASH_OF_A = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";

function aclWith(...rules: string[]): Acl {
  const acl = new Acl(STANDARD_ACL_TABLE, DEFAULT_CONFIG);
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
