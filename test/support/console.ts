import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { OURS } from "./launcher.ts";

export interface ConsoleResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the console to its end. */
export async function runConsole(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ConsoleResult> {
  const [program = "", ...args] = [...OURS, ...words];
  const child = spawn(program, args, {
    env: { ...process.env, SENTINELS: "", REDISCLI_AUTH: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const status = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: await status, stdout, stderr };
}
