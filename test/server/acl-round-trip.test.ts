import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { Acl } from "../../src/acl/acl.ts";
import { checkUserRules } from "../../src/acl/check-rules.ts";
import { userForConfig } from "../../src/acl/user.ts";
import { quoteArg, splitArgs } from "../../src/base/tokenize.ts";
import { loadAclFile, saveAclFile } from "../../src/server/acl-file.ts";
import { STANDARD_ACL_TABLE } from "../../src/server/acl-table.ts";
import { createContext } from "../../src/server/context.ts";
import { DEFAULT_CONFIG, FakeHost } from "./harness.ts";

const RULES = { commands: STANDARD_ACL_TABLE, pubsubDefault: "resetchannels" } as const;

/** Whatever ACL SETUSER takes: neither white space nor NUL, often quotes and parentheses. */
const text = fc
  .string({ unit: fc.constantFrom(..."ab\"'\\()#~&*[]\x01\x7f\xa0\xe9\xff"), maxLength: 6 })
  .filter((word) => !/[ \t-\r\0]/.test(word));
const key = fc.tuple(fc.constantFrom("~", "%R~", "%W~"), text).map((parts) => parts.join(""));
const channel = text.map((name) => `&${name}`);
const command = fc.oneof(
  fc.constantFrom("+ping", "-sentinel|set", "+@all", "-@admin"),
  text.filter((word) => word !== "").map((word) => `+ping|${word.replace(/\|/g, "")}`),
);
const selectorRules = fc.array(fc.oneof(key, channel, command), { maxLength: 5 });
const selector = selectorRules.map((rules) => `(${rules.map(quoteAll).join(" ")})`);
const rule = fc.oneof(key, channel, command, selector, fc.constantFrom("on", ">pw", "nopass"));

function quoteAll(word: string): string {
  return word.includes(")") ? `"${word.replace(/["\\]/g, "\\$&")}"` : quoteArg(word);
}

interface Wanted {
  readonly name: string;
  readonly rules: readonly string[];
}

const users = fc.array(fc.record({ name: text, rules: fc.array(rule, { maxLength: 6 }) }), {
  maxLength: 3,
});

function apply(acl: Acl, wanted: readonly Wanted[]): void {
  // A user whose rules are refused does not come to be; the others are what is tested.
  for (const { name, rules } of wanted) acl.setUser(name, rules);
}

test("a pattern of all keys beside others comes back, in a selector too", () => {
  const rules = ["%W~*", "%R~*", "~b", "(%RW~* ~b)"];
  const acl = new Acl(STANDARD_ACL_TABLE, DEFAULT_CONFIG);
  assert.equal(acl.setUser("u", rules), null);
  const user = acl.users().find(({ name }) => name === "u") ?? assert.fail();
  const [, , ...words] = splitArgs(`user ${userForConfig(user)}`) ?? assert.fail();
  const again = new Acl(STANDARD_ACL_TABLE, DEFAULT_CONFIG);
  assert.equal(again.setUser("u", ["reset", ...words]), null, words.join(" "));
  assert.deepEqual(again.users(), acl.users());
});

test("law: users come back from the lines of the configuration file", () => {
  fc.assert(
    fc.property(users, (wanted) => {
      const acl = new Acl(STANDARD_ACL_TABLE, DEFAULT_CONFIG);
      apply(acl, wanted);
      const again = new Acl(STANDARD_ACL_TABLE, DEFAULT_CONFIG);
      for (const user of acl.users()) {
        const line = `user ${userForConfig(user)}`;
        const [, name = "", ...rules] = splitArgs(line) ?? assert.fail(line);
        assert.equal(name, user.name);
        assert.equal(checkUserRules(RULES, rules), null, line);
        assert.equal(again.setUser(name, ["reset", ...rules]), null, line);
      }
      assert.deepEqual(again.users(), acl.users());
    }),
    { numRuns: 500 },
  );
});

test("law: users come back from the ACL file", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "rst-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "users.acl");
  fc.assert(
    fc.property(users, (wanted) => {
      const [first, second] = [newContext(), newContext()];
      apply(first.acl, wanted);
      assert.equal(saveAclFile(first, path), true);
      assert.equal(loadAclFile(second, path), null);
      assert.deepEqual(second.acl.users(), first.acl.users());
    }),
    { numRuns: 100 },
  );
});

function newContext() {
  return createContext(DEFAULT_CONFIG, new FakeHost());
}

test("a plain user is written as the reference writes it", () => {
  const acl = new Acl(STANDARD_ACL_TABLE, DEFAULT_CONFIG);
  acl.setUser("u", ["on", "~a*", "&+*", "+ping", "(~b +info)"]);
  acl.setUser("", ["on"]);
  assert.deepEqual(acl.users().map(userForConfig), [
    '"" on sanitize-payload resetchannels -@all',
    "default on nopass sanitize-payload ~* &* +@all",
    "u on sanitize-payload ~a* resetchannels &+* -@all +ping (~b resetchannels -@all +info)",
  ]);
});

test("ACL LIST stays as it is", () => {
  const acl = new Acl(STANDARD_ACL_TABLE, DEFAULT_CONFIG);
  acl.setUser('a"b', ["~x'y"]);
  assert.equal(acl.lines()[0], "a\"b off sanitize-payload ~x'y resetchannels -@all");
});
