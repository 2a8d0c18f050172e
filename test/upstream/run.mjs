#!/usr/bin/env node
// Runs the Sentinel test suite of the Redis source package against our daemon:
//
//   npm run test:upstream -- [--runs 3] [--single 05-manual] [--sentinel PATH]
//                            [--source UNPACKED_PACKAGE] [--keep]
//
// The suite starts ../../../src/redis-server and src/redis-sentinel; in the unpacked package those
// two become wrappers around the installed redis-server and our daemon. Nothing of it is edited but
// one number (countAsToday).
import { spawn } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { SuiteReport } from "./report.mjs";
import { fetchSource, isSourceFolder } from "./source.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** The suite takes about two minutes. */
const runLimitMs = 12 * 60_000;

// Often it comes twice, from the terminal and from npm; the second must not cut the cleaning short.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
process.exitCode = await main(readOptions());

async function main(options) {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "redis-sentinel-ts-upstream-"));
  chmodSync(folder, 0o755);
  // At the exit, so that a run that a signal ends leaves nothing behind either.
  process.once("exit", () => {
    if (options.keep) say(`kept: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  });
  try {
    const source = options.source ?? fetchSource(folder, say);
    if (!isSourceFolder(source)) throw new Error(`${source} has no Sentinel test suite.`);
    if (options.sentinel === undefined) countAsToday(source);
    installWrappers(source, options.sentinel);
    return await runAll(source, options);
  } catch (error) {
    say(error.message);
    return 1;
  }
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "1" },
      single: { type: "string" },
      sentinel: { type: "string" },
      source: { type: "string" },
      keep: { type: "boolean", default: false },
    },
  });
  const source = values.source === undefined ? undefined : resolve(values.source);
  return { ...values, source, runs: Number(values.runs) };
}

/**
 * The suite of 7.0 counts 72 names in COMMAND LIST; that of 7.2 and later asks for client|setinfo in
 * it in place of the count. We list what 7.4 lists.
 */
function countAsToday(source) {
  const path = join(source, "tests", "sentinel", "tests", "00-base.tcl");
  const text = readFileSync(path, "utf8");
  const counted = text.replace(/assert_equal \{72\}/, "assert_equal {73}");
  if (counted === text) return;
  writeFileSync(path, counted);
  say("00-base.tcl: 73 commands are expected, with client|setinfo of 7.2");
}

/** The suite signals the process that it started, so each wrapper becomes the program it wraps. */
function installWrappers(source, sentinel) {
  const daemon = join(root, "bin", "redis-sentinel-ts.js");
  const sentinelCommand = sentinel === undefined ? [process.execPath, daemon] : [resolve(sentinel)];
  mkdirSync(join(source, "src"), { recursive: true });
  wrap(join(source, "src", "redis-server"), [findOnPath("redis-server")]);
  wrap(join(source, "src", "redis-sentinel"), sentinelCommand);
  mkdirSync(join(source, "tests", "sentinel", "tmp"), { recursive: true });
}

function wrap(path, command) {
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  rmSync(path, { force: true });
  writeFileSync(path, `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
}

function findOnPath(program) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    try {
      if (readdirSync(folder).includes(program)) return join(folder, program);
    } catch {
      // A folder of PATH that cannot be read holds nothing for us.
    }
  }
  throw new Error(`${program} is not installed.`);
}

async function runAll(source, { runs, single, keep }) {
  const all = readdirSync(join(source, "tests", "sentinel", "tests"));
  const units = all.filter((name) => name.endsWith(".tcl") && name.includes(single ?? "")).sort();
  if (units.length === 0) throw new Error(`No test file of the suite matches ${single}.`);
  const report = new SuiteReport(units);
  for (let run = 1; run <= runs; run++) {
    say(`run ${run} of ${runs}: ${units.length} files of ${source}`);
    report.startRun();
    const exitCode = await runOnce(source, { single, keep }, (line) => report.readLine(line));
    report.endRun(exitCode);
  }
  console.log(report.summary());
  return report.failed ? 1 : 0;
}

/** Resolves with the exit code; a run beyond the limit is ended with all its instances. */
function runOnce(source, { single, keep }, onLine) {
  const args = ["runtest-sentinel"];
  if (single !== undefined) args.push("--single", single);
  if (keep) args.push("--dont-clean");
  const child = spawn("/bin/sh", args, {
    cwd: source,
    // A terminal type that the suite does not colour for.
    env: { ...process.env, TERM: "dumb" },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const end = () => killGroup(child.pid);
  const limit = setTimeout(end, runLimitMs);
  process.once("exit", end);
  createInterface({ input: child.stdout }).on("line", (line) => {
    console.log(line);
    onLine(line);
  });
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("exit", (code) => {
      clearTimeout(limit);
      process.off("exit", end);
      end();
      done(code ?? 1);
    });
  });
}

function killGroup(pid) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}

function say(text) {
  console.error(`upstream: ${text}`);
}
