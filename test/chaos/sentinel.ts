import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../support/child.ts";
import { RespClient, toRecord } from "../support/resp-client.ts";
import { type SentinelKind, sentinelCommand } from "../support/sentinel-node.ts";
import { ServerNode } from "../support/server-node.ts";
import { enter, type Host } from "./fabric.ts";

export const sentinelPort = 26379;

export interface ChaosSentinelOptions {
  readonly host: Host;
  readonly kind: SentinelKind;
  readonly folder: string;
  /** Lines of sentinel.conf beside port, bind and dir. */
  readonly config: readonly string[];
}

/** A Sentinel on a host, ours or the C program, with a file that outlives its processes. */
export class ChaosSentinel extends ServerNode {
  readonly host: Host;
  readonly kind: SentinelKind;
  readonly folder: string;
  readonly file: string;
  /** One text for each time that the process ended and nobody had asked it to. */
  readonly unaskedEnds: string[] = [];
  /** Everything that its processes printed, oldest first; those that ended included. */
  readonly #earlier: string[] = [];
  #asked = false;

  static launch(options: ChaosSentinelOptions): ChaosSentinel {
    const { host, folder, config } = options;
    const lines = [`port ${sentinelPort}`, "bind 0.0.0.0", "protected-mode no", `dir ${folder}`];
    writeFileSync(join(folder, "sentinel.conf"), `${[...lines, ...config].join("\n")}\n`);
    return new ChaosSentinel(`sentinel-${host.name}`, options);
  }

  private constructor(name: string, { host, kind, folder }: ChaosSentinelOptions) {
    super(name, sentinelPort, spawnSentinel(name, kind, host, folder), {});
    this.host = host;
    this.kind = kind;
    this.folder = folder;
    this.file = join(folder, "sentinel.conf");
    this.#watch();
  }

  override get address(): string {
    return `${this.host.address}:${this.port}`;
  }

  override async connect(): Promise<RespClient> {
    return await RespClient.open({ host: this.host.address, port: this.port });
  }

  get allLines(): readonly string[] {
    return [...this.#earlier, ...this.child.log.lines];
  }

  get configText(): string {
    return readFileSync(this.file, "utf8");
  }

  /** What comes next is wanted: an end by a signal of ours, or by SIMULATE-FAILURE. */
  expectEnd(): void {
    this.#asked = true;
  }

  /** An end is not wanted any more. */
  refuseEnd(): void {
    this.#asked = false;
  }

  override async kill(): Promise<void> {
    this.expectEnd();
    await super.kill();
  }

  /** Starts again on the file that it left. */
  async restart(): Promise<void> {
    this.disconnect();
    await this.child.exited;
    this.#earlier.push(...this.child.log.lines);
    this.child = spawnSentinel(this.name, this.kind, this.host, this.folder);
    this.#watch();
    await this.ready();
  }

  async masterAddress(master: string): Promise<string | null> {
    const reply = await this.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master);
    return Array.isArray(reply) ? reply.join(":") : null;
  }

  async master(name: string): Promise<Record<string, string>> {
    return toRecord(await this.call("SENTINEL", "MASTER", name));
  }

  async table(what: "REPLICAS" | "SENTINELS", name: string): Promise<Record<string, string>[]> {
    const reply = await this.call("SENTINEL", what, name);
    return Array.isArray(reply) ? reply.map(toRecord) : [];
  }

  #watch(): void {
    this.#asked = false;
    const { child } = this;
    void child.exited.then(({ code, signal }) => {
      if (this.#asked) return;
      this.unaskedEnds.push(
        `${this.name} ended by itself, ${code ?? signal}: ${child.log.tail(3)}`,
      );
    });
  }
}

function spawnSentinel(name: string, kind: SentinelKind, host: Host, folder: string): Child {
  const file = join(folder, "sentinel.conf");
  const command = [...enter(host), ...sentinelCommand(kind), file];
  return new Child({ name: `${name} (${kind})`, command, folder });
}
