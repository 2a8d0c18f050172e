#!/usr/bin/env node
// Runs the compiled form of every test/**/*.test.ts, or of those whose path contains an argument:
//
//   node test/support/run-tests.mjs [core/] [process/failover] [-- node options]
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The longest file takes a fifth of it; one that hangs must end, and say which it is. */
const MAX_FILE_MS = 900_000;

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

main(process.argv.slice(2));

function main(args) {
  const split = args.indexOf("--");
  const parts = split === -1 ? args : args.slice(0, split);
  const nodeOptions = split === -1 ? [] : args.slice(split + 1);
  const files = testFiles().filter((file) => parts.length === 0 || matches(file, parts));
  if (files.length === 0) fail(`No test file matches: ${parts.join(" ")}`);
  const absent = files.filter((file) => !existsSync(join(root, file)));
  if (absent.length > 0) fail(`Not built: ${absent.join(", ")}. Run npm run build.`);
  const options = ["--test", "--test-reporter=spec", `--test-concurrency=${concurrency()}`];
  const limit = `--test-timeout=${MAX_FILE_MS}`;
  const command = ["--enable-source-maps", ...options, limit, ...nodeOptions, ...files];
  const done = spawnSync(process.execPath, command, { cwd: root, stdio: "inherit" });
  process.exit(done.status ?? 1);
}

/** Taken from the sources: a test that was deleted may still have an old compiled form. */
function testFiles() {
  return readdirSync(join(root, "test"), { recursive: true })
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => join("dist", "test", file.replace(/\.ts$/, ".js")))
    .sort();
}

function matches(file, parts) {
  return parts.some((part) => file.includes(part));
}

/** Process tests mostly wait, so a third one fits on two cores. */
function concurrency() {
  return availableParallelism() + 1;
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
