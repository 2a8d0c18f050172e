import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Below the range from which the system takes the ports of outgoing connections, and beside the
 * ranges of the upstream suite (20000 to 21023, 30000 to 31023).
 */
const firstPort = 22_000;
const lastPort = 29_900;

const lockFolder = join(tmpdir(), "redis-sentinel-ts-ports");

/** Test files run in several processes: a port belongs to the one that created its lock file. */
export async function reservePort(): Promise<number> {
  mkdirSync(lockFolder, { recursive: true });
  const count = lastPort - firstPort;
  const start = Math.floor(Math.random() * count);
  for (let step = 0; step < count; step++) {
    const port = firstPort + ((start + step) % count);
    if (!lock(port)) continue;
    if (await isFree(port)) return port;
    releasePort(port);
  }
  throw new Error(`No free port between ${firstPort} and ${lastPort}.`);
}

export function releasePort(port: number): void {
  rmSync(lockPath(port), { force: true });
}

function lock(port: number): boolean {
  try {
    writeFileSync(lockPath(port), String(process.pid), { flag: "wx" });
    return true;
  } catch {
    // The owner may have died without releasing; the port is then free again from next time on.
    if (!ownerLives(port)) releasePort(port);
    return false;
  }
}

function ownerLives(port: number): boolean {
  try {
    process.kill(Number(readFileSync(lockPath(port), "utf8")), 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function lockPath(port: number): string {
  return join(lockFolder, String(port));
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
