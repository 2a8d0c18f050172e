import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { LAUNCHER } from "../support/launcher.ts";
import { DEADLINE_MS, freePort, temporaryFolder } from "./support.ts";

/** The launcher. */
export const BIN = LAUNCHER;

export interface Launched {
  readonly child: ChildProcess;
  /** Everything printed, on both streams. */
  text(): string;
  stdout(): string;
  stderr(): string;
  /** The exit status or the signal's name. */
  readonly exited: Promise<number | string>;
  /** Waits until something printed matches. */
  says(wanted: RegExp): Promise<void>;
}

/** Runs the program; whatever is left of it is killed after the test. */
export function launch(
  t: TestContext,
  args: readonly string[],
  options: SpawnOptions = {},
): Launched {
  return launchAs(t, [], args, options);
}

/**
 * As somebody whom file modes keep out, also when the tests run as root: then without the
 * capabilities that override them. The clone may lie where another user could not read it.
 */
export function launchUnprivileged(t: TestContext, args: readonly string[]): Launched {
  const isRoot = process.getuid?.() === 0;
  const drop = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"];
  return launchAs(t, isRoot ? drop : [], args, {});
}

function launchAs(
  t: TestContext,
  prefix: readonly string[],
  args: readonly string[],
  options: SpawnOptions,
): Launched {
  const [program = "", ...words] = [...prefix, process.execPath, BIN, ...args];
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "pipe"], ...options });
  t.after(() => child.kill("SIGKILL"));
  return watch(child);
}

export function watch(child: ChildProcess): Launched {
  const printed = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.on("data", (chunk: Buffer) => {
      printed[name] += chunk.toString("latin1");
      for (const listener of listeners) listener();
    });
  }
  const exited = new Promise<number | string>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? String(signal)));
  });
  const text = (): string => printed.stdout + printed.stderr;
  const says = (wanted: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => fail("in time"), DEADLINE_MS);
      const fail = (when: string): void => reject(new Error(`no ${wanted} ${when}: ${text()}`));
      const look = (): void => {
        if (!wanted.test(text())) return;
        clearTimeout(timer);
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      void exited.then(() => {
        look();
        clearTimeout(timer);
        fail("before its end");
      });
      look();
    });
  return { child, text, stdout: () => printed.stdout, stderr: () => printed.stderr, exited, says };
}

/** A configuration file that starts a Sentinel on a free port of 127.0.0.1. */
export async function configFile(
  t: TestContext,
  ...lines: string[]
): Promise<{ readonly file: string; readonly folder: string; readonly port: number }> {
  const folder = temporaryFolder(t);
  const file = join(folder, "sentinel.conf");
  const port = await freePort();
  writeFileSync(file, [`port ${port}`, "bind 127.0.0.1", ...lines, ""].join("\n"), "latin1");
  return { file, folder, port };
}
