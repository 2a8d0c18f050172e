import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, normalize } from "node:path";
import { after, test } from "node:test";
import { isOpenToOthers } from "../../src/base/secret-mode.ts";
import { COMMANDS } from "../../src/console/commands/table.ts";
import { type Access, accessOf } from "../../src/console/connect/access.ts";
import { readConf } from "../../src/console/connect/conf.ts";
import { readSecret } from "../../src/console/connect/secrets.ts";
import { COMMON_OPTIONS, SERVER_OPTIONS } from "../../src/console/options.ts";
import { filesOf, read } from "../support/repository.ts";

// Whom the console asks, as whom, and what it loads.

const folder = mkdtempSync(join(tmpdir(), "console-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const placesOf = async (values: object, env: NodeJS.ProcessEnv = {}) =>
  (await access(values, env)).places.map(({ host, port }) => `${host}:${port}`);

async function access(values: object, env: NodeJS.ProcessEnv = {}): Promise<Access> {
  return await accessOf({ timeout: "3s", ...values } as Parameters<typeof accessOf>[0], env);
}

test("a secret is the first line of a file that only its owner may touch", () => {
  assert.equal(readSecret("auth-file", file("good", "pass word\nmore\n")), "pass word");
  for (const mode of [0o640, 0o604, 0o620, 0o601]) {
    const path = file("open", "hidden", mode);
    assert.throws(
      () => readSecret("auth-file", path),
      (error) =>
        error instanceof Error && /chmod 600/.test(error.message) && !/hidden/.test(error.message),
    );
  }
  assert.throws(() => readSecret("auth-file", file("empty", "\n")), /its first line is empty/);
  assert.throws(() => readSecret("auth-file", join(folder, "none")), /No such file or directory/);
  assert.throws(() => readSecret("auth-file", folder), /may be read|is no file/);
});

test("of somebody else's file our group may read a secret, as a mounted one, and no more", () => {
  const own = process.getuid?.() ?? 0;
  const isOpen = (uid: number) => (mode: number) => isOpenToOthers({ mode: 0o100_000 | mode, uid });
  const modes = [0o600, 0o400, 0o440, 0o640, 0o460, 0o450, 0o444, 0o604, 0o601];
  assert.deepEqual(modes.filter(isOpen(own)), modes.slice(2));
  assert.deepEqual(modes.filter(isOpen(own + 1)), modes.slice(4));
});

test("who is asked: --at, else the file, else the environment, else this host", async () => {
  const conf = file("sentinel.conf", "port 5000\nbind 10.0.0.9\n");
  const env = { SENTINELS: "e1:1,e2" };
  assert.deepEqual(await placesOf({ at: "a,b:2", conf }, env), ["a:26379", "b:2"]);
  assert.deepEqual(await placesOf({ conf }, env), ["10.0.0.9:5000"]);
  assert.deepEqual(await placesOf({}, env), ["e1:1", "e2:26379"]);
  assert.deepEqual(await placesOf({}), ["127.0.0.1:26379"]);
  await assert.rejects(access({ at: " , " }), /--at names no Sentinel/);
  await assert.rejects(access({ user: "ops" }), /--user needs a password/);
});

test("a file tells port, TLS and passwords, and is not changed", () => {
  const text = [
    "port 0",
    "tls-port 7000",
    'bind "* -::*"',
    `dir ${folder}`,
    "tls-ca-cert-file ca.crt",
    "requirepass own",
    "sentinel monitor mymaster 10.0.0.1 6379 2",
    "sentinel auth-user mymaster ops",
    "sentinel auth-pass mymaster secret",
    "",
  ].join("\n");
  const path = file("tls.conf", text, 0o400);
  const before = process.cwd();
  const conf = readConf(path);
  assert.deepEqual(conf.place, { host: "127.0.0.1", port: 7000 });
  assert.equal(conf.tls?.caCertFile, join(folder, "ca.crt"), "as seen from the folder of `dir`");
  assert.deepEqual(conf.sentinels, { user: null, password: "own" });
  assert.deepEqual(conf.servers.get("mymaster"), { user: "ops", password: "secret" });
  assert.equal(process.cwd(), before);
  assert.throws(() => readConf(file("bad.conf", "prot 1\n")), /--conf .*bad\.conf: .*prot 1/s);
});

test("no command has an option of its own that means something else everywhere", () => {
  for (const { name, options } of Object.values(COMMANDS)) {
    const twice = Object.keys(options).filter((option) => option in COMMON_OPTIONS);
    // Of a handover it is the end of everything, and therefore longer.
    assert.deepEqual(twice, name === "handover" ? ["timeout"] : [], name);
    const ofServers: object = SERVER_OPTIONS;
    for (const [option, value] of Object.entries(ofServers)) {
      if (option in options) assert.equal(options[option], value, `${name} --${option}`);
    }
  }
});

/** Behind `import` at the start of a line; what is loaded later, in a function, does not count. */
const AT_ONCE = /^(?:import|export) (?!type)[^;]*?from "(\.[^"]+)";/gms;

test("the start of a Sentinel loads nothing of the console but the names of its commands", () => {
  const files = new Set(["src/main.ts", "src/runtime/boot.ts"]);
  for (const one of files) {
    for (const [, path = ""] of read(one).matchAll(AT_ONCE)) {
      files.add(normalize(join(dirname(one), path)));
    }
  }
  assert.ok(files.size > 100);
  const ofConsole = [...files].filter((one) => /^src\/(console|quorum)\//.test(one));
  assert.deepEqual(ofConsole, ["src/console/names.ts"]);
  assert.ok(filesOf(["src/console"], ".ts").length > 10);
});
