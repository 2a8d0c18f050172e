import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

const folderVariable = "REDIS_SENTINEL_TS_CHAOS_FOLDER";

/**
 * Everything happens in namespaces of our own for network, mounts and processes. No interface,
 * mount or rule of the machine is touched, no packet can leave, and the kernel itself removes
 * hosts, mounts and processes when the first process of the sandbox ends, however it ends.
 */
const sandbox = [
  ...["setpriv", "--pdeathsig", "KILL", "--"],
  ...["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"],
];

export function insideSandbox(): boolean {
  return process.env[folderVariable] !== undefined;
}

/** For logs that outlive the sandbox. */
export function sandboxFolder(): string {
  const folder = process.env[folderVariable];
  if (folder === undefined) throw new Error("Not inside the sandbox.");
  return folder;
}

/** null: namespaces can be made here. */
export function whyNoSandbox(): string | null {
  if (process.platform !== "linux" || !existsSync("/proc/self/ns/net")) {
    return "Linux with network namespaces is needed.";
  }
  if (process.getuid?.() !== 0) {
    return "root is needed, to make hosts of network namespaces. Try: sudo npm run test:chaos";
  }
  return null;
}

/** This program again, with the same arguments, inside. Resolves with its exit code. */
export async function runInSandbox(args: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "redis-sentinel-ts-chaos-"));
  const [program = "", script = ""] = process.argv;
  const [first = "", ...rest] = [...sandbox, program, script, ...args];
  const child = spawn(first, rest, {
    stdio: "inherit",
    env: { ...process.env, [folderVariable]: folder },
  });
  let interrupted = false;
  const end = (): void => {
    interrupted = true;
    child.kill("SIGKILL");
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) =>
        resolve(code ?? 128 + constants.signals[signal ?? "SIGKILL"]),
      );
    });
  } finally {
    const useless = interrupted || readdirSync(folder).length === 0;
    if (useless) rmSync(folder, { recursive: true, force: true });
    else process.stderr.write(`Logs are in ${folder}\n`);
  }
}
