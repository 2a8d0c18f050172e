import { spawn } from "node:child_process";
import { strerror } from "../../base/errno.ts";
import { StartError } from "../start-error.ts";

/** Tells the second process that it is the daemon; scripts do not inherit it. */
const MARKER = "REDIS_SENTINEL_TS_DAEMONIZED";

/** True once, in the background process; forgets the marker. */
export function isBackgroundProcess(env: NodeJS.ProcessEnv = process.env): boolean {
  const marked = env[MARKER] !== undefined;
  delete env[MARKER];
  return marked;
}

/**
 * Node cannot fork, so the daemon is the same command started once more: detached (its own
 * session), in the folder where the first began, without a terminal. What the first process read from standard
 * input is handed on. Resolves when it is on its way; the caller then exits 0.
 */
export async function startInBackground(folder: string, stdinText: string | null): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    cwd: folder,
    detached: true,
    stdio: [stdinText === null ? "ignore" : "pipe", "ignore", "ignore"],
    env: { ...process.env, [MARKER]: "1" },
  });
  await new Promise<void>((resolve, reject) => {
    child.once("error", (error) => {
      reject(new StartError(`Can't start in the background: ${strerror(error)}`));
    });
    if (child.stdin === null) child.once("spawn", resolve);
    else child.stdin.end(Buffer.from(stdinText ?? "", "latin1"), resolve);
  });
  child.unref();
}
