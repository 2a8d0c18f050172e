import assert from "node:assert/strict";
import { test } from "node:test";
import { SENTINEL_COMMANDS } from "../../src/core/commands/table.ts";
import { container } from "../../src/server/commands/define.ts";
import type { Command } from "../../src/server/commands/spec.ts";
import { STANDARD_COMMANDS } from "../../src/server/commands/standard.ts";
import { allCommands } from "../../src/server/commands/table.ts";
import { start } from "./harness.ts";

test("the fifteen commands", () => {
  assert.equal(
    [...STANDARD_COMMANDS.keys()].sort().join(" "),
    "acl auth client command hello info ping psubscribe publish punsubscribe role sentinel shutdown subscribe unsubscribe",
  );
});

test("COMMAND LIST has the names that Redis 7.4 lists, no more", async (t) => {
  const client = await (await start(t)).connect();
  const list = await client.ask("COMMAND", "LIST");
  assert.equal(list.split(",").length, 73);
  assert.match(list, /"client\|setinfo"/);
  assert.doesNotMatch(list, /primar/);
});

test("only SENTINEL, ROLE and PUBLISH are left to the core", () => {
  const left = namesLeftToCore().filter((name) => !name.startsWith("sentinel|"));
  // The containers alone are arity errors.
  assert.deepEqual(left.sort(), ["acl", "client", "publish", "role", "sentinel"]);
});

test("every subcommand of SENTINEL that is left to the core has its handler there, and no other", () => {
  const left = namesLeftToCore().filter((name) => name.startsWith("sentinel|"));
  const handled = [...SENTINEL_COMMANDS.keys()].map((name) => `sentinel|${name}`);
  assert.deepEqual(left.sort(), handled.sort());
});

function namesLeftToCore(): string[] {
  return allCommands(STANDARD_COMMANDS)
    .filter(({ run }) => run === null)
    .map(({ fullName }) => fullName);
}

test("no subcommand stands twice, in any case", () => {
  for (const { fullName } of allCommands(STANDARD_COMMANDS)) {
    assert.equal(fullName, fullName.toLowerCase());
  }
  assert.equal(new Set(namesOfAll()).size, namesOfAll().length);
});

function namesOfAll(): string[] {
  return allCommands(STANDARD_COMMANDS).map(({ fullName }) => fullName);
}

test("a subcommand is one object: without a place in the lists it comes last in both", () => {
  const part = (name: string): Command => ({
    ...{ name, arity: 2, flags: ["admin"], categories: ["slow"], since: "7.0.0" },
    summary: `Says ${name}.`,
    help: [[name.toUpperCase(), `Say ${name}.`]],
  });
  const spec = container({
    ...part("speak"),
    help: [],
    order: ["b help", "a"],
    helpOrder: ["a b"],
    helpCommand: { since: "7.2.0", categories: ["fast"] },
    subcommands: [part("new"), part("a"), part("b")],
  });
  assert.deepEqual([...spec.subcommands.keys()], ["b", "help", "a", "new"]);
  const help = spec.subcommands.get("help");
  assert.deepEqual(help?.categories, ["fast"]);
  assert.ok(help?.run);
  // It is the same whoever asks.
  const { items } = Reflect.apply(help.run, null, []);
  assert.deepEqual(items.map(({ text }: { text: string }) => text).slice(1), [
    ...["A", "    Say a.", "B", "    Say b.", "NEW", "    Say new."],
    ...["HELP", "    Print this help."],
  ]);
});

test("COMMAND DOCS describes a command the way redis-cli reads it", async (t) => {
  const client = await (await start(t)).connect();
  await client.ask("HELLO", "3");
  assert.equal(
    await client.ask("COMMAND", "DOCS", "PING"),
    '%{"ping": %{"summary": "Shows that the server is alive.", "since": "1.0.0", "group": "connection", "complexity": "O(1)", "arguments": [%{"name": "message", "type": "string", "display_text": "message", "flags": ~[+optional]}]}}',
  );
  assert.match(
    await client.ask("COMMAND", "DOCS", "sentinel"),
    /"subcommands": %\{"sentinel\|flushconfig": %\{"summary"/,
  );
});

const SENTINEL_SYNTAX = [
  "CKQUORUM <master-name>",
  "CONFIG SET param value [param value ...]",
  "CONFIG GET <param> [param param param ...]",
  "DEBUG [<param> <value> ...]",
  "GET-MASTER-ADDR-BY-NAME <master-name>",
  "FAILOVER <master-name>",
  "FLUSHCONFIG",
  "INFO-CACHE <master-name>",
  "IS-MASTER-DOWN-BY-ADDR <ip> <port> <current-epoch> <runid>",
  "MASTER <master-name>",
  "MASTERS",
  "MONITOR <name> <ip> <port> <quorum>",
  "MYID",
  "PENDING-SCRIPTS",
  "REMOVE <master-name>",
  "REPLICAS <master-name>",
  "RESET <pattern>",
  "SENTINELS <master-name>",
  "SET <master-name> <option> <value> [<option> <value> ...]",
  "SIMULATE-FAILURE [CRASH-AFTER-ELECTION] [CRASH-AFTER-PROMOTION] [HELP]",
  "HELP",
];

test("SENTINEL HELP has 49 lines and the prescribed syntax lines", async (t) => {
  const client = await (await start(t)).connect();
  const reply = await client.ask("SENTINEL", "HELP");
  const lines = reply
    .slice(1, -1)
    .split(/, (?=\+)/)
    .map((line) => line.slice(1));
  assert.equal(lines.length, 49);
  assert.equal(lines[0], "SENTINEL <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  assert.deepEqual(
    lines.slice(1).filter((line) => !line.startsWith(" ")),
    SENTINEL_SYNTAX,
  );
});

test("INFO has five sections in order, whatever is asked", async (t) => {
  const client = await (await start(t)).connect();
  const titles = (reply: string) => [...reply.matchAll(/# (\w+)/g)].map((match) => match[1]);
  const all = ["Server", "Clients", "Stats", "CPU", "Sentinel"];
  for (const asked of [[], ["default"], ["ALL"], ["everything"], ["nosuch", "all"]]) {
    assert.deepEqual(titles(await client.ask("INFO", ...asked)), all);
  }
  const some = await client.ask("INFO", "sentinel", "CPU");
  assert.deepEqual(titles(some), ["CPU", "Sentinel"]);
  assert.match(some, /used_cpu_user_main_thread:\d+\.\d{6}\\r\\n\\r\\n# Sentinel\\r\\n/);
});
