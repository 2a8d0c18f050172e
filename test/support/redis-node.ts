import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "./child.ts";
import type { RespValue } from "./resp-client.ts";
import { type Credentials, ServerNode } from "./server-node.ts";

export interface RedisOptions {
  /** Lines of redis.conf beside those every test needs. */
  readonly config?: readonly string[];
  readonly credentials?: Credentials;
  readonly master?: RedisNode;
  /** It has a file, `redis.conf` in its folder, that CONFIG REWRITE changes. */
  readonly hasFile?: boolean;
  /** Also listens with TLS only. */
  readonly tls?: boolean;
}

/** A real redis-server with nothing on disk. */
export class RedisNode extends ServerNode {
  readonly #folder: string;
  readonly #config: string;
  readonly #hasFile: boolean;

  static launch(name: string, port: number, folder: string, options: RedisOptions): RedisNode {
    const text = configText(port, folder, options);
    const child = spawnRedis(name, folder, text, options.hasFile);
    return new RedisNode(name, port, child, folder, text, options);
  }

  private constructor(
    name: string,
    port: number,
    child: Child,
    folder: string,
    config: string,
    { credentials = {}, hasFile = false }: RedisOptions,
  ) {
    super(name, port, child, credentials);
    this.#hasFile = hasFile;
    this.#folder = folder;
    this.#config = config;
  }

  /**
   * A Sentinel that changes a server's role kills the server's clients, this one as well. What tests
   * ask of a server may be asked twice.
   */
  override async call(...words: readonly string[]): Promise<RespValue> {
    return await this.callAgain(...words);
  }

  /** What is in its file. */
  get configText(): string {
    return readFileSync(join(this.#folder, "redis.conf"), "utf8");
  }

  /** With the configuration of the first start: a former master comes back as one. */
  async restart(): Promise<void> {
    if (this.child.running) await this.kill();
    this.disconnect();
    const before = this.child.log.lines;
    this.child = spawnRedis(this.name, this.#folder, this.#config, this.#hasFile);
    this.child.log.lines.unshift(...before);
    await this.ready();
  }

  async role(): Promise<string> {
    return (await this.info("replication")).role ?? "";
  }

  async isReplicaOf(master: RedisNode): Promise<boolean> {
    const { role, master_port, master_link_status } = await this.info("replication");
    return role === "slave" && master_port === String(master.port) && master_link_status === "up";
  }
}

function configText(port: number, folder: string, options: RedisOptions): string {
  const { master, config = [], tls = false } = options;
  const lines = [
    tls ? `tls-port ${port}\nport 0` : `port ${port}`,
    "bind 127.0.0.1",
    `dir ${folder}`,
    'save ""',
    "appendonly no",
    "repl-diskless-sync-delay 0",
    "repl-diskless-load swapdb",
    "enable-debug-command local",
    ...(master === undefined ? [] : [`replicaof 127.0.0.1 ${master.port}`]),
    ...config,
  ];
  return `${lines.join("\n")}\n`;
}

/** The configuration comes by standard input: Sentinels rewrite theirs, nobody this one unless it is to have a file. */
function spawnRedis(name: string, folder: string, config: string, hasFile = false): Child {
  if (hasFile) {
    const file = join(folder, "redis.conf");
    writeFileSync(file, config);
    return new Child({ name, command: ["redis-server", file], folder });
  }
  return new Child({ name, command: ["redis-server", "-"], folder, input: config });
}
