import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT, run } from "../../packaging/run.ts";
import { filesOf } from "../support/repository.ts";
import { cloneTo } from "./clone.ts";

// `npm run test:package`: everything that can be installed, made twice and used.

/** Process tests that the bundle and the Debian package pass, too: one of each thing that a bundle could break. */
const PROCESS_TESTS = ["access", "failover", "life-cycle", "restart", "scripts", "shims", "tls"];

const out = join(ROOT, "out");
process.exitCode = main();

function main(): number {
  const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });
  const wants = (part: string): boolean => part.includes(values.only);
  process.stdout.write(run(["npm", "run", "--silent", "package"]));
  const parts = [
    ...(wants("same") ? [isSameElsewhere] : []),
    ...(usesOf(values.only).length > 0 ? [() => runTests(usesOf(values.only), {})] : []),
    ...(wants("process") ? [runProcessTests] : []),
  ];
  if (parts.length === 0) say(`no part is named so: ${values.only}`);
  return parts.length > 0 && parts.map((part) => part()).every(Boolean) ? 0 : 1;
}

function usesOf(only: string): readonly string[] {
  return filesOf(["test/packaging/use"], ".ts").filter((file) => basename(file).includes(only));
}

function isSameElsewhere(): boolean {
  say("the same in a clone elsewhere");
  const differing = madeElsewhere();
  if (differing.length > 0) say(`not the same bytes: ${differing.join(", ")}`);
  return differing.length === 0;
}

function runProcessTests(): boolean {
  say("the process tests, with the bundle");
  const { name, version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const launcher = join(out, `${name}-${version}`, "bin", `${name}.js`);
  const files = PROCESS_TESTS.map((each) => join("test", "process", `${each}.test.ts`));
  return runTests([...files, join("test", "runtime", "bin.test.ts")], {
    SENTINEL_UNDER_TEST: launcher,
  });
}

/** The artefacts whose bytes differ from those of the same sources in another folder, made later. */
function madeElsewhere(): readonly string[] {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "redis-sentinel-ts-package-"));
  try {
    const clone = join(folder, "clone");
    cloneTo(clone);
    run(["sh", "-c", "umask 077; npm run --silent package"], { cwd: clone });
    const here = sumsOf(out);
    const there = sumsOf(join(clone, "out"));
    return [...new Set([...here, ...there])].filter(
      (line) => !here.includes(line) || !there.includes(line),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sumsOf(folder: string): readonly string[] {
  return readFileSync(join(folder, "SHA256SUMS"), "utf8").trim().split("\n");
}

function runTests(files: readonly string[], env: Readonly<Record<string, string>>): boolean {
  const compiled = files.map((file) => join("dist", file.replace(/\.ts$/, ".js")));
  const options = ["--test", "--test-reporter=spec", "--test-concurrency=3"];
  const done = spawnSync(process.execPath, ["--enable-source-maps", ...options, ...compiled], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  return done.status === 0;
}

function say(text: string): void {
  process.stdout.write(`package: ${text}\n`);
}
