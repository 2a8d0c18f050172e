import assert from "node:assert/strict";
import { test } from "node:test";
import { ACL_LINES } from "../../src/console/check/acl-lines.ts";
import { refusedByRules } from "../../src/quorum/check/acl-before-7.ts";
import { CODES } from "../../src/quorum/check/codes.ts";
import { read } from "../support/repository.ts";

test("docs/console.md has each code of check, with its severity", () => {
  const rows = read("docs/console.md")
    .split("\n")
    .filter((line) => line.startsWith("| `"));
  for (const [code, { severity }] of Object.entries(CODES)) {
    const row = rows.find((line) => line.includes(`\`${code}\``));
    assert.equal(row?.split("|")[2]?.trim(), severity, code);
  }
});

test("the user of Sentinels that is printed is that of docs/security.md", () => {
  const own = ACL_LINES.find((line) => line.startsWith("user sentinel "));
  assert.ok(own);
  assert.ok(read("docs/security.md").includes(`\n${own}\n`));
});

/** The text of `commands` and `channels` in ACL GETUSER, as 6.0, 6.2 and 7.0 tell it. */
test("rights are read from rules where there is no dry run", () => {
  const all = ["*"];
  assert.deepEqual(refusedByRules("+@all", all), []);
  assert.deepEqual(refusedByRules("+@all", null), []);
  assert.deepEqual(refusedByRules("+@all -config", all), ["config rewrite"]);
  assert.deepEqual(refusedByRules("+@all -config +config|rewrite", all), []);
  assert.deepEqual(refusedByRules("+@all -@dangerous +info", all), [
    "slaveof",
    "config rewrite",
    "client kill",
  ]);
  const least =
    "-@all +ping +info +multi +exec +slaveof +config|rewrite +client|kill +script|kill +subscribe +publish";
  assert.deepEqual(refusedByRules(least, ["__sentinel__:hello"]), []);
  assert.deepEqual(refusedByRules(least, ["&__sentinel__:*"]), []);
  assert.deepEqual(refusedByRules(least, ["other"]), ["publish", "subscribe"]);
  assert.deepEqual(refusedByRules(least, []), ["publish", "subscribe"]);
  assert.deepEqual(refusedByRules("", all).length, 10);
});
