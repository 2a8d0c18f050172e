import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { directivesOf } from "../../packaging/share.ts";
import { USAGE } from "../../src/usage.ts";
import { OURS } from "../support/launcher.ts";
import { read, root } from "../support/repository.ts";

// The manual page and the completion of shells are made by the build, from what `--help` says.

const share = join(root, "dist", "share");
const manFile = join(share, "man", "redis-sentinel-ts.1");
const names = Object.keys(USAGE.options).map((name) => `--${name}`);

function output(command: readonly string[]): string {
  const [program = "", ...words] = command;
  const done = spawnSync(program, words, { encoding: "utf8" });
  assert.equal(done.error, undefined);
  assert.equal(done.stderr, "", `${command.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

/** What bash offers for a line; its last word is the one that is completed. */
function bashOffers(line: string): readonly string[] {
  const completion = join(share, "completion", "bash", "redis-sentinel-ts");
  const offers = output(["bash", join(root, "test", "packaging", "offers.sh"), completion, line]);
  return offers.trim().split("\n");
}

test("the manual page is clean roff, and says what --help says", () => {
  const page = output([
    "env",
    "LC_ALL=C.UTF-8",
    "MANWIDTH=1000",
    "man",
    "-l",
    "--warnings",
    manFile,
  ]);
  const help = spawnSync(OURS[0] ?? "", [...OURS.slice(1), "--help"], { encoding: "utf8" }).stderr;
  const plain = (text: string) => text.replace(/\s+/g, " ");
  for (const [name, { describe }] of Object.entries(USAGE.options)) {
    for (const text of [page, help]) {
      assert.ok(plain(text).includes(`--${name}`), name);
      assert.ok(plain(text).includes(describe), describe);
    }
  }
  for (const [words, what] of USAGE.examples) {
    assert.ok(plain(page).includes(`redis-sentinel-ts ${words}`), words);
    assert.ok(plain(help).includes(what), what);
  }
  assert.ok(plain(page).includes("--loglevel"));
  assert.match(plain(page), /EXIT STATUS.*A clean end\./);
});

test("the manual page passes mandoc, too", () => {
  assert.equal(output(["mandoc", "-T", "lint", "-W", "style", manFile]), "");
});

test("bash offers options, values and files", () => {
  assert.deepEqual(
    names.filter((name) => !bashOffers("redis-sentinel-ts f --").includes(name)),
    [],
  );
  assert.deepEqual(bashOffers("redis-sentinel-ts f --tls-po"), ["--tls-port"]);
  assert.deepEqual(bashOffers("redis-sentinel-ts f --log-format "), ["text", "json"]);
  assert.deepEqual(bashOffers("redis-sentinel-ts f --loglevel n"), ["notice", "nothing"]);
  assert.deepEqual(bashOffers("redis-sentinel-ts et"), ["etc"]);
});

test("each command has its own options, in the manual page and in each shell", () => {
  const page = output(["env", "LC_ALL=C.UTF-8", "MANWIDTH=1000", "man", "-l", manFile]);
  const plain = page.replace(/\s+/g, " ");
  const zsh = read("dist/share/completion/zsh/_redis-sentinel-ts");
  const fish = read("dist/share/completion/fish/redis-sentinel-ts.fish");
  assert.ok(USAGE.commands.length > 0);
  for (const { name, summary, options, examples } of USAGE.commands) {
    assert.ok(plain.includes(`${summary}.`), summary);
    for (const [line] of examples) assert.ok(plain.includes(`redis-sentinel-ts ${line}`), line);
    assert.ok(zsh.includes(`'${name}:`), name);
    const offered = bashOffers(`redis-sentinel-ts ${name} --`);
    for (const option of Object.keys({ ...options, ...USAGE.commonOptions })) {
      assert.ok(offered.includes(`--${option}`), `${name} --${option}`);
      assert.ok(plain.includes(`--${option}`), option);
      assert.ok(fish.includes(`-n '__fish_seen_subcommand_from ${name}' -l ${option} `), option);
    }
    assert.ok(!offered.includes("--loglevel"), "a directive of the file");
  }
  assert.deepEqual(bashOffers("redis-sentinel-ts stat"), ["status"]);
});

test("the other shells know the same words", () => {
  const zsh = read("dist/share/completion/zsh/_redis-sentinel-ts");
  const fish = read("dist/share/completion/fish/redis-sentinel-ts.fish");
  for (const name of [...names, "--loglevel", "--tls-port"]) {
    assert.ok(zsh.includes(`'${name}[`), name);
    assert.match(
      fish,
      new RegExp(`^complete -c redis-sentinel-ts -n '.*' -l ${name.slice(2)} `, "m"),
    );
  }
  assert.match(zsh, /^#compdef redis-sentinel-ts\n/);
});

test("a directive of the sample has the first sentence above it", () => {
  const sample =
    "# One thing: and more.\n# Second line.\n#port 1\nport 2\nbind a\n\n# ----\ntimeout 0\nsentinel a b\n";
  assert.deepEqual(directivesOf(sample), [
    { name: "port", about: "One thing" },
    { name: "bind", about: "See --port" },
    { name: "timeout", about: "" },
  ]);
});
