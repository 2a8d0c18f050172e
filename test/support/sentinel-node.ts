import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";
import { EventLog } from "./event-log.ts";
import { toRecord } from "./resp-client.ts";
import { type Credentials, ServerNode } from "./server-node.ts";

/** Ours, or the C program of the system. */
export type SentinelKind = "ours" | "c";

export interface SentinelOptions {
  readonly kind?: SentinelKind;
  /** Lines of sentinel.conf beside port, bind and dir. */
  readonly config: readonly string[];
  readonly credentials?: Credentials;
  /** Listens with TLS in place of plain TCP. */
  readonly tls?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

// From dist/test/support, or from another folder of compiled tests one deeper.
const launcher = findLauncher();

/** The command line of a Sentinel without its arguments. */
export function sentinelCommand(kind: SentinelKind): readonly string[] {
  if (kind === "c") return ["redis-sentinel"];
  const standIn = process.env.SENTINEL_UNDER_TEST;
  return standIn === undefined ? [process.execPath, launcher] : [standIn];
}

export class SentinelNode extends ServerNode {
  readonly folder: string;
  readonly file: string;
  readonly events = new EventLog();
  kind: SentinelKind;
  readonly #env: Readonly<Record<string, string>>;

  static launch(
    name: string,
    port: number,
    folder: string,
    options: SentinelOptions,
  ): SentinelNode {
    const listen = options.tls === true ? `port 0\ntls-port ${port}` : `port ${port}`;
    const lines = [listen, "bind 127.0.0.1", `dir ${folder}`, ...options.config];
    writeFileSync(join(folder, "sentinel.conf"), `${lines.join("\n")}\n`);
    return new SentinelNode(name, port, folder, options);
  }

  private constructor(name: string, port: number, folder: string, options: SentinelOptions) {
    const { kind = "ours", env = {}, credentials = {} } = options;
    const file = join(folder, "sentinel.conf");
    super(name, port, spawnSentinel(name, kind, folder, file, env), credentials);
    this.kind = kind;
    this.folder = folder;
    this.file = file;
    this.#env = env;
  }

  override async ready(timeoutMs = 10_000): Promise<void> {
    await super.ready(timeoutMs);
    await this.events.listen(await this.connect());
  }

  /** Starts again on the file that it left, as the same or as the other kind. */
  async restart(kind: SentinelKind = this.kind): Promise<void> {
    if (this.child.running) await this.stop();
    this.disconnect();
    this.kind = kind;
    const before = this.child.log.lines;
    this.child = spawnSentinel(this.name, kind, this.folder, this.file, this.#env);
    this.child.log.lines.unshift(...before);
    await this.ready();
  }

  override disconnect(): void {
    super.disconnect();
    this.events.stop();
  }

  get configText(): string {
    return readFileSync(this.file, "utf8");
  }

  async myId(): Promise<string> {
    return String(await this.call("SENTINEL", "MYID"));
  }

  /** `127.0.0.1:port`, or null for a name that it does not know. */
  async masterAddress(name = "mymaster"): Promise<string | null> {
    const reply = await this.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name);
    return Array.isArray(reply) ? reply.join(":") : null;
  }

  async master(name = "mymaster"): Promise<Record<string, string>> {
    return toRecord(await this.call("SENTINEL", "MASTER", name));
  }

  async replicas(name = "mymaster"): Promise<readonly Record<string, string>[]> {
    return await this.#table("REPLICAS", name);
  }

  async sentinels(name = "mymaster"): Promise<readonly Record<string, string>[]> {
    return await this.#table("SENTINELS", name);
  }

  async #table(what: string, name: string): Promise<readonly Record<string, string>[]> {
    const reply = await this.call("SENTINEL", what, name);
    return Array.isArray(reply) ? reply.map(toRecord) : [];
  }
}

function spawnSentinel(
  name: string,
  kind: SentinelKind,
  folder: string,
  file: string,
  env: Readonly<Record<string, string>>,
): Child {
  const command = [...sentinelCommand(kind), file];
  return new Child({ name: `${name} (${kind})`, command, folder, env });
}

function findLauncher(): string {
  const [root] = import.meta.url.split("/dist/");
  return fileURLToPath(`${root}/bin/redis-sentinel-ts.js`);
}
