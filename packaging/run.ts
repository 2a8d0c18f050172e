import { spawnSync } from "node:child_process";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const ROOT = fileURLToPath(import.meta.url).split(`${sep}dist${sep}`)[0] ?? "";

interface RunOptions {
  readonly cwd?: string;
  /** Beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end; standard output is the result. Throws with what it said, when it fails. */
export function run(command: readonly string[], { cwd = ROOT, env = {} }: RunOptions = {}): string {
  const [program = "", ...words] = command;
  const path = [join(dirname(process.execPath)), process.env.PATH].join(":");
  const done = spawnSync(program, words, {
    cwd,
    env: { ...process.env, PATH: path, ...env },
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.error !== undefined) throw new Error(`${program}: ${done.error.message}`);
  if (done.status === 0) return done.stdout;
  throw new Error(`${command.join(" ")} ended with ${done.status}: ${done.stderr}${done.stdout}`);
}
