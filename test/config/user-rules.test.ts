import assert from "node:assert/strict";
import { test } from "node:test";
import { checkUserRules } from "../../src/config/user-rules.ts";

const HASH = "0123456789abcdef".repeat(4);

test("well-formed rules pass, known commands or not", () => {
  const rules = [
    ["on", "nopass", "~*", "&*", "+@all"],
    ["OFF", "resetpass", "reset", "sanitize-payload", "skip-sanitize-payload", "clearselectors"],
    [">pw", "<pw", `#${HASH}`, `!${HASH}`],
    ["~a*", "%R~b", "%W~c", "%rw~d", "allkeys", "resetkeys", "~x", "resetchannels", "&c"],
    ["+nosuch", "-sentinel|myid", "+@nosuch", "allcommands", "nocommands", "-@all"],
    ["(~a +ping)", "(%R~x", "-@all", "+get)", "()"],
    ["~*", "~*", "&*", "&*"],
  ];
  for (const words of rules) assert.equal(checkUserRules(words), null, words.join(" "));
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
  ];
  for (const [rules, index, reason] of table) {
    const bad = checkUserRules(rules);
    assert.equal(bad?.index, index, rules.join(" "));
    assert.match(bad?.reason ?? "", reason);
  }
});
