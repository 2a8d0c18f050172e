import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Child, type ChildOptions } from "./child.ts";
import { releasePort, reservePort } from "./ports.ts";
import { RedisNode, type RedisOptions } from "./redis-node.ts";
import { SentinelNode, type SentinelOptions } from "./sentinel-node.ts";
import { until, within } from "./until.ts";

const redisLinesShown = 8;
const otherLinesShown = 40;

/** The processes, ports and files of one test; nothing of them outlives it. */
export class Scene {
  readonly folder: string;
  readonly #children: Child[] = [];
  readonly #redises: RedisNode[] = [];
  readonly #sentinels: SentinelNode[] = [];
  readonly #ports: number[] = [];
  #redisCount = 0;
  #sentinelCount = 0;
  readonly #ended = new AbortController();

  constructor() {
    this.folder = mkdtempSync(join(realpathSync(tmpdir()), "redis-sentinel-ts-"));
    chmodSync(this.folder, 0o755);
  }

  async port(): Promise<number> {
    const port = await reservePort();
    this.#ports.push(port);
    return port;
  }

  /** A folder of its own for a process. */
  subfolder(name: string): string {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  async redis(options: RedisOptions = {}): Promise<RedisNode> {
    const name = `redis-${++this.#redisCount}`;
    const port = await this.port();
    const node = RedisNode.launch(name, port, this.subfolder(name), options);
    this.#redises.push(node);
    await node.ready();
    return node;
  }

  async sentinel(options: SentinelOptions): Promise<SentinelNode> {
    const name = `sentinel-${++this.#sentinelCount}`;
    const port = await this.port();
    const node = SentinelNode.launch(name, port, this.subfolder(name), options);
    this.#sentinels.push(node);
    await node.ready();
    return node;
  }

  /** Any other process, for example a Sentinel that is expected not to start. */
  spawn(options: Omit<ChildOptions, "folder"> & { readonly folder?: string }): Child {
    const child = new Child({ folder: this.folder, ...options });
    this.#children.push(child);
    return child;
  }

  async until<T>(
    what: string,
    probe: () => Promise<T | undefined | false> | T | undefined | false,
    timeoutMs = 20_000,
  ): Promise<T> {
    return await until(probe, { what, timeoutMs, signal: this.#ended.signal });
  }

  /** The last log lines of every process, for the message of a failure. */
  describe(): string {
    const redises = this.#redises.map(({ child }) => lastLines(child, redisLinesShown));
    const others = [...this.#sentinels.map(({ child }) => child), ...this.#children];
    return [...redises, ...others.map((child) => lastLines(child, otherLinesShown))].join("\n");
  }

  /** Leaves everything running and on disk. */
  release(): void {
    for (const node of [...this.#redises, ...this.#sentinels]) {
      node.disconnect();
      node.child.release();
    }
    for (const child of this.#children) child.release();
  }

  async cleanUp(): Promise<void> {
    this.#ended.abort(new Error("The test is over."));
    const nodes = [...this.#redises, ...this.#sentinels];
    for (const node of nodes) node.disconnect();
    const children = [...nodes.map((node) => node.child), ...this.#children];
    await within(Promise.all(children.map((child) => child.kill())), 10_000, "the end of all");
    for (const port of this.#ports) releasePort(port);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A test with processes: what it started ends with it, and a failure shows their logs. */
export function sceneTest(
  name: string,
  body: (scene: Scene) => Promise<void>,
  { timeoutMs = 90_000 } = {},
): void {
  test(name, async () => {
    const scene = new Scene();
    try {
      await within(body(scene), timeoutMs, name);
    } catch (error) {
      throw withLogs(error, scene);
    } finally {
      await scene.cleanUp();
    }
  });
}

/** For a program of its own, outside of the test runner: a signal ends what the scene started. */
export function cleanUpOnSignals(scene: Scene): void {
  let ending = false;
  const end = (): void => {
    // The signal often comes twice, from the terminal and from npm.
    if (ending) return;
    ending = true;
    void scene.cleanUp().finally(() => process.exit(130));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, end);
}

function lastLines(child: Child, count: number): string {
  return `--- ${child.name}, pid ${child.pid}\n${child.log.tail(count)}`;
}

/** A new error, for the stack of an AssertionError, which is what is shown, has its first message. */
function withLogs(error: unknown, scene: Scene): Error {
  const message = error instanceof Error ? error.message : String(error);
  return new Error(`${message}\n${scene.describe()}`, { cause: error });
}
