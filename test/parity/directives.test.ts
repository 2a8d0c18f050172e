import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { findDirective } from "../../src/config/directives.ts";
import { load, MONITOR, rewritten } from "../config/support.ts";
import { BROUGHT_BY, DROPPED, HONOURED, OTHER_LINES, SENTINEL_LINES } from "./directive-table.ts";

// Each directive of Redis 6.2 to 8 and Valkey 7.2 to 9 is honoured or kept.

const VERSIONS = Object.entries(BROUGHT_BY).map(
  ([version, names]) => [version, names.trim().split(/\s+/)] as const,
);

for (const [version, names] of VERSIONS) {
  test(`${names.length} directives that ${version} brought: honoured or kept`, () => {
    for (const name of names) {
      if (name in HONOURED) assertHonoured(name, HONOURED[name] ?? "");
      else assertKept(name);
    }
  });
}

for (const [version, lines] of Object.entries(SENTINEL_LINES)) {
  test(`${lines.length} lines of a Sentinel that ${version} brought have their effect, and stay`, () => {
    for (const line of lines) {
      const text = `${MONITOR}sentinel ${line}\n`;
      assert.notDeepEqual(load(text).sentinel, load(MONITOR).sentinel, line);
      const [word = "", ...rest] = line.replace("known-slave", "known-replica").split(" ");
      const stays = RegExp(`^sentinel ${word} "?${rest[0]}"?( |$)`, "m");
      assert.match(rewritten(text), stays, `${line} vanished`);
    }
  });
}

test("lines that are no directives have their effect, or none in a C Sentinel either", () => {
  for (const [line, what] of OTHER_LINES) {
    const read = load(`${MONITOR}${line}\n`, { i: "maxclients 7\n" });
    const changed = !isDeepStrictEqual(read.server, load(MONITOR).server);
    assert.equal(changed, what === "server", line);
  }
});

test("every verdict is about a directive of the table", () => {
  const all = new Set(VERSIONS.flatMap(([, names]) => names));
  const judged = [...Object.keys(HONOURED), ...DROPPED];
  assert.deepEqual(
    judged.filter((name) => !all.has(name)),
    [],
  );
});

function assertHonoured(name: string, value: string): void {
  const text = `${MONITOR}${name} ${value}\n`;
  assert.notDeepEqual(load(text).server, load(MONITOR).server, name);
  assertStays(name, text);
}

function assertKept(name: string): void {
  const text = `${MONITOR}${name} ${sampleOf(name)}\n`;
  load(text);
  if (!DROPPED.has(name)) assertStays(name, text);
}

/** The rewrite leaves the line in the file, under one of its names. */
function assertStays(name: string, text: string): void {
  const directive = findDirective(name);
  const names = new Set([name, ...(directive ? [directive.name, ...directive.aliases] : [])]);
  const lines = rewritten(text).split("\n");
  assert.ok(
    lines.some((line) => names.has(line.split(" ")[0] ?? "")),
    `${name} vanished`,
  );
}

function sampleOf(name: string): string {
  const directive = findDirective(name);
  const [line] = directive?.lines(directive.sentinelDefault) ?? [];
  if (line !== undefined) return line.text;
  if (name === "save") return "900 1";
  if (directive?.name === "replicaof") return "10.0.0.1 6379";
  return directive === undefined && !DROPPED.has(name) ? "1 1" : "1";
}
