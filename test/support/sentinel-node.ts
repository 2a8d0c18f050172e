import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { Child, type ChildOptions } from "./child.ts";
import { EventLog } from "./event-log.ts";
import { LAUNCHER, OURS } from "./launcher.ts";
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
  /** Makes its folder what it shall be and says what goes in front of the command line. */
  readonly place?: Place;
  /** The words of an image, a chart or a unit, with `FILE` and `PORT`, in place of our own command. */
  readonly commandLine?: string;
  /** An executable of ours in place of the one under test. */
  readonly program?: string;
}

/** `file` stands in `folder` already; the prefix ends in what executes the words behind it. */
export type Place = (folder: string, file: string, port: number) => readonly string[];

/** The command line of a Sentinel without its arguments. */
export function sentinelCommand(kind: SentinelKind): readonly string[] {
  return kind === "c" ? ["redis-sentinel"] : OURS;
}

export class SentinelNode extends ServerNode {
  readonly folder: string;
  readonly file: string;
  readonly events = new EventLog();
  kind: SentinelKind;
  readonly #start: (kind: SentinelKind) => Child;

  static launch(
    name: string,
    port: number,
    folder: string,
    options: SentinelOptions,
  ): SentinelNode {
    const listen = options.tls === true ? ["port 0", `tls-port ${port}`] : [`port ${port}`];
    const listens = options.commandLine?.includes("PORT") ? [] : listen;
    const lines = [...listens, "bind 127.0.0.1", `dir ${folder}`, ...options.config];
    const file = join(folder, "sentinel.conf");
    writeFileSync(file, `${lines.join("\n")}\n`);
    const prefix = options.place?.(folder, file, port) ?? [];
    const start = (kind: SentinelKind): Child =>
      new Child({
        name: `${name} (${kind})`,
        folder,
        ...commandOf(kind, prefix, file, port, options),
      });
    return new SentinelNode(name, port, folder, options, start);
  }

  private constructor(
    name: string,
    port: number,
    folder: string,
    { kind = "ours", credentials = {} }: SentinelOptions,
    start: (kind: SentinelKind) => Child,
  ) {
    super(name, port, start(kind), credentials);
    this.#start = start;
    this.kind = kind;
    this.folder = folder;
    this.file = join(folder, "sentinel.conf");
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
    this.child = this.#start(kind);
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

function commandOf(
  kind: SentinelKind,
  prefix: readonly string[],
  file: string,
  port: number,
  { env = {}, commandLine, program }: SentinelOptions,
): Pick<ChildOptions, "command" | "env"> {
  if (program !== undefined && kind === "ours") {
    return { command: [...prefix, program, file], env };
  }
  if (commandLine === undefined) {
    return { command: [...prefix, ...sentinelCommand(kind), file], env };
  }
  const words = commandLine.replace("PORT", `${port}`).replace("FILE", file).split(" ");
  const command = [...prefix, "env", ...words];
  if (kind === "c") return { command, env };
  // The folder in which the names of others are ours.
  const folders = [dirname(LAUNCHER), dirname(process.execPath), process.env.PATH];
  return { command, env: { PATH: folders.join(delimiter), ...env } };
}
