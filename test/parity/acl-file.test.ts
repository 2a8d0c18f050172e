import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sceneTest } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

// What an ACL file may say, asked of both programs by ACL LOAD [CMD-ACL].

const HASH = "0".repeat(64);

/** A file each. An open parenthesis is not among them: the C program dies of it. */
const FILES: readonly string[] = [
  "",
  "# a comment",
  "user",
  "user ",
  "USER ops on",
  "users ops on",
  "user ops",
  "user ops  on",
  "user ops on ",
  "  user ops on",
  "\tuser ops on\t",
  "user\tops on",
  "user ops\ton",
  "user ops foo",
  "user ops on foo bar",
  "user ops on +nosuch",
  "user ops on +@nosuch",
  "user ops on +ping|",
  "user ops on -ping|a",
  "user ops on +sentinel|masters|x",
  "user ops on ~* ~a",
  "user ops on allkeys %x~a",
  "user ops on %x~a",
  "user ops on %R~a",
  "user ops on & ~",
  "user ops on &* &a",
  `user ops on #${HASH} <x`,
  "user ops on >x <x",
  "user ops on >x <y",
  "user ops on #zz",
  "user ops on !zz",
  'user ops on ~"a"',
  "user ops on (+ping ~a)",
  "user ops on (+ping ~a zz)",
  "user ops on ( +ping )",
  "user ops on ()",
  "user ops on (on)",
  "user ops on +ping)",
  'user ops on (+ping ~"a b")',
  'user ops on (+ping "~ab")',
  'user ops on (+ping "~ab)',
  "user ops on\nuser ops off",
  "user ops on foo\nuser other on +nosuch\nnothing",
  "user default on nopass +@all\nuser ops on",
  "user ops on\n\n\nuser other off",
  "user ops on\r\nuser other off\r",
];

sceneTest(`${FILES.length} ACL files are taken or refused alike`, async (scene) => {
  const config = ["sentinel monitor mymaster 127.0.0.1 1 1", "aclfile users.acl"];
  const place = (folder: string) => {
    writeFileSync(join(folder, "users.acl"), "");
    return [];
  };
  const [c, ours] = await Promise.all([
    scene.sentinel({ kind: "c", config, place }),
    scene.sentinel({ kind: "ours", config, place }),
  ]);
  for (const text of FILES) {
    assert.deepEqual(await loaded(ours, text), await loaded(c, text), JSON.stringify(text));
  }
});

/** What the program says to the file, and its users afterwards. */
async function loaded(node: SentinelNode, text: string): Promise<readonly string[]> {
  writeFileSync(join(node.folder, "users.acl"), text, "latin1");
  const verdict = await node.call("ACL", "LOAD").catch((error: Error) => error.message);
  const users = await node.call("ACL", "LIST");
  assert.ok(Array.isArray(users));
  const path = join(node.folder, "users.acl");
  return [String(verdict).replaceAll(path, "users.acl"), ...users.map(String)].map(alike);
}

/** 7.4 shows a word that 7.0 leaves out; and C opens a quote once that it does not close. */
function alike(line: string): string {
  return line.replace(" sanitize-payload", "").replace("'users.acl", "users.acl");
}
