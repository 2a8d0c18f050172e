import type { ConnectionOptions } from "node:tls";
import type { Child } from "./child.ts";
import { RespClient, type RespValue } from "./resp-client.ts";
import { until } from "./until.ts";

export interface Credentials {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: ConnectionOptions | undefined;
}

/** What a redis-server and a Sentinel have in common: a port, a process that may be restarted. */
export abstract class ServerNode {
  readonly name: string;
  readonly port: number;
  child: Child;
  #credentials: Credentials;
  #client: RespClient | null = null;

  constructor(name: string, port: number, child: Child, credentials: Credentials) {
    this.name = name;
    this.port = port;
    this.child = child;
    this.#credentials = credentials;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get running(): boolean {
    return this.child.running;
  }

  /** One command over a connection that is kept and opened again when it was lost. */
  async call(...words: readonly string[]): Promise<RespValue> {
    const client = await this.#kept();
    return await client.call(...words);
  }

  /** The same for commands that may run twice: once more if the connection is lost meanwhile. */
  protected async callAgain(...words: readonly string[]): Promise<RespValue> {
    const client = await this.#kept();
    try {
      return await client.call(...words);
    } catch (error) {
      if (!client.closed) throw error;
      return await (await this.#kept()).call(...words);
    }
  }

  async #kept(): Promise<RespClient> {
    if (this.#client === null || this.#client.closed) this.#client = await this.connect();
    return this.#client;
  }

  async connect(): Promise<RespClient> {
    return await RespClient.open({ port: this.port, ...this.#credentials });
  }

  setCredentials(credentials: Credentials): void {
    this.#credentials = credentials;
    this.disconnect();
  }

  disconnect(): void {
    this.#client?.close();
    this.#client = null;
  }

  async ready(timeoutMs = 10_000): Promise<void> {
    await until(
      async () => {
        if (!this.child.running) throw new Error(`${this.name} ended`);
        return (await this.call("PING")) === "PONG";
      },
      { what: `${this.name} answers PING`, timeoutMs },
    );
  }

  async info(section: string): Promise<Record<string, string>> {
    const text = String(await this.call("INFO", section));
    const pairs = text.split("\r\n").map((line) => line.split(":"));
    return Object.fromEntries(pairs.map(([key = "", ...rest]) => [key, rest.join(":")]));
  }

  async kill(): Promise<void> {
    this.disconnect();
    await this.child.kill();
  }

  async stop(): Promise<void> {
    this.disconnect();
    await this.child.stop("SIGTERM");
  }

  /** Stopped in its tracks: connections stay open and nothing answers. */
  freeze(): void {
    this.child.signal("SIGSTOP");
  }

  thaw(): void {
    this.child.signal("SIGCONT");
  }
}
