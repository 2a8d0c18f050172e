import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { writeScript, writeText } from "../support/files.ts";
import { sceneTest } from "../support/scene.ts";
import { sentinelCommand } from "../support/sentinel-node.ts";

const monitor = "sentinel monitor m 127.0.0.1 6379 1";

/** A broken line, with what the message says of its cause. */
const brokenLines: readonly (readonly [line: string, cause: string])[] = [
  ['requirepass "open', "Unbalanced quotes in configuration line"],
  ["no-such-directive yes", "Bad directive or wrong number of arguments"],
  ["port 1 # a comment", "wrong number of arguments"],
  ["port many", "argument couldn't be parsed into an integer"],
  ["port 70000", "argument must be between 0 and 65535 inclusive"],
  ["daemonize perhaps", "argument must be 'yes' or 'no'"],
  ["loglevel loud", "argument(s) must be one of the following"],
  ["proto-max-bulk-len big", "argument must be a memory value"],
  ["dir /no/such/folder", "No such file or directory"],
  ["user", "Bad directive or wrong number of arguments"],
  ["sentinel monitor x 127.0.0.1 6379 0", "Quorum must be 1 or greater."],
  ["sentinel monitor x 127.0.0.1 65536 1", "Invalid port number."],
  ["sentinel monitor x no.such.host.invalid 6379 1", "Can't resolve instance hostname."],
  ["sentinel monitor m 127.0.0.1 6380 1", "Duplicate master name."],
  ["sentinel monitor x 127.0.0.1", "Unrecognized sentinel configuration statement."],
  ["sentinel no-such-thing m 1", "Unrecognized sentinel configuration statement."],
  ["sentinel down-after-milliseconds m 0", "negative or zero time parameter."],
  ["sentinel failover-timeout m -1", "negative or zero time parameter."],
  ["sentinel quorum m 2", "Unrecognized sentinel configuration statement."],
  ["sentinel auth-pass nobody secret", "No such master with specified name."],
  ["sentinel notification-script m /no/such", "Notification script seems non existing"],
  ["sentinel client-reconfig-script m /no/such", "Client reconfiguration script seems non"],
  ["sentinel master-reboot-down-after-period m -1", "negative time parameter."],
  ["sentinel myid short", "Malformed Sentinel id in myid option."],
  ["sentinel deny-scripts-reconfig perhaps", "Please specify yes or no for the deny-scripts"],
  ["sentinel resolve-hostnames perhaps", "Please specify yes or no for the resolve-hostnames"],
  ["sentinel announce-hostnames perhaps", "Please specify yes or no for the announce-hostnames"],
];

sceneTest("every kind of broken line is named with file, line and cause", async (scene) => {
  for (const [line, cause] of brokenLines) {
    const file = writeText(scene.folder, "broken.conf", [
      "# first",
      monitor,
      `  ${line}`,
      "port 0",
    ]);
    const child = scene.spawn({ name: line, command: [...sentinelCommand("ours"), file] });
    assert.equal((await child.exited).code, 1, line);
    const text = child.log.lines.join("\n");
    assert.ok(text.includes("at line 3"), `${line}: no line number in\n${text}`);
    assert.ok(text.includes(`'${line}'`), `${line}: not quoted in\n${text}`);
    assert.ok(text.includes(cause), `${line}: no "${cause}" in\n${text}`);
    assert.ok(text.includes("broken.conf"), `${line}: no file name in\n${text}`);
  }
});

sceneTest("a broken line of an included file is named as its own", async (scene) => {
  const inner = writeText(scene.folder, "inner.conf", ["", "port many"]);
  const file = writeText(scene.folder, "outer.conf", [monitor, "", "", "", `include ${inner}`]);
  const child = scene.spawn({ name: "include", command: [...sentinelCommand("ours"), file] });
  assert.equal((await child.exited).code, 1);
  const text = child.log.lines.join("\n");
  assert.match(text, /at line 2/);
  assert.ok(text.includes("inner.conf") && text.includes("'port many'"), text);
});

const unusable: readonly (readonly [name: string, args: readonly string[], message: RegExp])[] = [
  ["no file", [], /Sentinel needs config file on disk to save state/],
  ["a missing file", ["/no/such/file.conf"], /can't open config file '\/no\/such\/file.conf'/],
  ["a missing include", ["include.conf"], /can't open config file '\/no\/such\/include.conf'/],
];

for (const [name, args, message] of unusable) {
  sceneTest(`${name} is one clear sentence and exit code 1`, async (scene) => {
    writeText(scene.folder, "include.conf", ["include /no/such/include.conf"]);
    const child = scene.spawn({ name, command: [...sentinelCommand("ours"), ...args] });
    assert.equal((await child.exited).code, 1);
    assert.match(child.log.lines.join("\n"), message);
  });
}

sceneTest("a script that is not executable is named", async (scene) => {
  const script = writeScript(scene.folder, "notify.sh", ["exit 0"]);
  chmodSync(script, 0o644);
  const line = `sentinel notification-script m ${script}`;
  const file = writeText(scene.folder, "s.conf", [monitor, line]);
  const child = scene.spawn({ name: "script", command: [...sentinelCommand("ours"), file] });
  assert.equal((await child.exited).code, 1);
  assert.match(child.log.lines.join("\n"), /non existing or non executable/);
});
