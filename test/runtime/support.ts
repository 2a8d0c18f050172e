import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** Long enough for a loaded machine; a test that needs it has failed already. */
export const DEADLINE_MS = 30_000;

/** A folder of its own for a test, removed afterwards, also while a write that was begun before puts a file there. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "sentinel-ts-"));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Something that arrives later: values are queued, readers wait with a deadline. */
export class Mailbox<T> {
  readonly values: T[] = [];
  #wake: (() => void) | null = null;

  readonly put = (value: T): void => {
    this.values.push(value);
    this.#wake?.();
  };

  /** The first value, taken out, that satisfies `wanted`. */
  async take(wanted: (value: T) => boolean = () => true): Promise<T> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const index = this.values.findIndex(wanted);
      if (index >= 0) return this.values.splice(index, 1)[0] as T;
      await this.#change(deadline - Date.now());
    }
  }

  async #change(timeoutMs: number): Promise<void> {
    if (timeoutMs <= 0) throw new Error(`nothing came; there is ${JSON.stringify(this.values)}`);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }
}

/** A port below 32768, where no outgoing connection of another process sits, that is free now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    try {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    } catch {
      continue;
    }
    server.close();
    await once(server, "close");
    return port;
  }
}

/** A TCP server that does whatever the test says to each connection. */
export async function fakeServer(
  t: TestContext,
  onConnection: (socket: Socket) => void,
): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => sockets.delete(socket));
    socket.on("close", () => sockets.delete(socket));
    onConnection(socket);
  });
  server.listen(await freePort(), "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A real redis-server, ready, stopped after the test. */
export async function realRedis(t: TestContext, ...options: string[]): Promise<number> {
  const port = await freePort();
  const folder = temporaryFolder(t);
  const args = ["--port", String(port), "--dir", folder, "--save", "", ...options];
  const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  await output(child, /Ready to accept connections/);
  return port;
}

/** Resolves with everything printed so far, once it matches. */
export async function output(child: ChildProcess, wanted: RegExp): Promise<string> {
  let text = "";
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${wanted} in: ${text}`)), DEADLINE_MS);
    const look = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      if (!wanted.test(text)) return;
      clearTimeout(timer);
      resolve(text);
    };
    child.stdout?.on("data", look);
    child.stderr?.on("data", look);
    child.once("exit", () => {
      clearTimeout(timer);
      setImmediate(() => reject(new Error(`ended without ${wanted}: ${text}`)));
    });
  });
}
