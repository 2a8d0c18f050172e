import assert from "node:assert/strict";
import { test } from "node:test";
import { checkUserRules } from "../../src/acl/check-rules.ts";
import { NO_COMMANDS } from "../../src/acl/commands.ts";
import type { PubsubDefault } from "../../src/acl/user.ts";
import { STANDARD_ACL_TABLE } from "../../src/server/acl-table.ts";

function check(rules: readonly string[], pubsubDefault: PubsubDefault = "resetchannels") {
  return checkUserRules({ commands: STANDARD_ACL_TABLE, pubsubDefault }, rules);
}

const HASH_OF_A = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
const HASH = "0123456789abcdef".repeat(4);

test("well-formed rules pass, known commands or not", () => {
  const rules = [
    ["on", "nopass", "~*", "&*", "+@all"],
    ["OFF", "resetpass", "reset", "sanitize-payload", "skip-sanitize-payload", "clearselectors"],
    [">pw", "<pw", `#${HASH}`, `!${HASH}`],
    [`#${HASH_OF_A}`, "<a", ">a", `!${HASH_OF_A}`],
    ["", "on", ""],
    ["~a*", "%R~b", "%W~c", "%rw~d", "allkeys", "resetkeys", "~x", "resetchannels", "&c"],
    ["+nosuch", "-sentinel|myid", "+@nosuch", "allcommands", "nocommands", "-@all"],
    ["(~a +ping)", "(%R~x", "-@all", "+get)", "()"],
    ["~*", "~*", "&*", "&*"],
  ];
  for (const words of rules) assert.equal(check(words), null, words.join(" "));
});

test("the first wrong rule and its reason are told", () => {
  const table: readonly (readonly [rules: string[], index: number, reason: RegExp])[] = [
    [["on", "foo"], 1, /^Syntax error$/],
    [["%X~a"], 0, /^Syntax error$/],
    [["+ping|"], 0, /^Syntax error$/],
    [["~a b"], 0, /^Syntax error$/],
    [["(on)"], 0, /^Syntax error$/],
    [["on", "(+ping", "~x"], 1, /^Syntax error$/],
    [["on", "(~* ~x)"], 1, /^Adding a pattern after the \* pattern .*resetkeys/],
    [["~*", "~x"], 1, /^Adding a pattern after the \* pattern .*resetkeys/],
    [["allchannels", "&x"], 1, /^Adding a pattern after the \* pattern .*resetchannels/],
    [["#zz"], 0, /^The password hash must be exactly 64 characters/],
    [["!zz"], 0, /^The password hash must be exactly 64 characters/],
    [["<x"], 0, /^The password you are trying to remove/],
    [[`#${HASH}`, "<x"], 1, /^The password you are trying to remove/],
    [["allkeys", "~a b"], 1, /^Adding a pattern after the \* pattern .*resetkeys/],
    [["allkeys", "%x~a"], 1, /^Adding a pattern after the \* pattern .*resetkeys/],
    [["%x~a"], 0, /^Syntax error$/],
    [["+sentinel|masters|x"], 0, /^Allowing first-arg of a subcommand is not supported$/],
  ];
  for (const [rules, index, reason] of table) {
    const bad = check(rules);
    assert.equal(bad?.index, index, rules.join(" "));
    assert.match(bad?.reason ?? "", reason);
  }
});

test("what all channels are from the beginning leaves no room for a pattern", () => {
  assert.equal(check(["&foo"]), null);
  assert.match(
    check(["&foo"], "allchannels")?.reason ?? "",
    /^Adding a pattern after the \* pattern/,
  );
  assert.equal(check(["resetchannels", "&foo"], "allchannels"), null);
  assert.match(check(["resetchannels", "reset", "&foo"], "allchannels")?.reason ?? "", /^Adding/);
  assert.match(check(["(+ping &foo)"], "allchannels")?.reason ?? "", /^Adding/);
});

test("who knows no commands takes every name, and tells what else is wrong", () => {
  const rules = { commands: NO_COMMANDS, pubsubDefault: "resetchannels" } as const;
  assert.equal(checkUserRules(rules, ["+ping|", "+nosuch", "-@nosuch", "+a|b|c"]), null);
  assert.equal(checkUserRules(rules, ["+ping", "~a b"])?.index, 1);
});
