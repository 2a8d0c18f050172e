import { setTimeout as wait } from "node:timers/promises";
import { RespClient } from "../test/support/resp-client.ts";

const pauseMs = 10;

export interface WritingClientHooks {
  /** The Sentinels' answer: where the master is. */
  findMaster(): Promise<number | null>;
  refused(reason: string, lastWrite: number): void;
  acceptedAgain(port: number, write: number, gapMs: number): void;
}

/**
 * A client of Sentinel as an application has one: it writes to the master it was told of, and
 * when a write fails asks the Sentinels again.
 */
export class WritingClient {
  readonly #hooks: WritingClientHooks;
  #connection: { readonly client: RespClient; readonly port: number } | null = null;
  #running = true;
  #written = 0;
  #lastAcceptedAtMs = performance.now();
  #refused = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(hooks: WritingClientHooks) {
    this.#hooks = hooks;
  }

  get written(): number {
    return this.#written;
  }

  start(): void {
    this.#loop = this.#writeOnAndOn();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#connection?.client.close();
    await this.#loop;
  }

  async #writeOnAndOn(): Promise<void> {
    while (this.#running) {
      try {
        await this.#write();
      } catch (error) {
        if (!this.#running) return;
        this.#onRefusal(error);
      }
      await wait(pauseMs);
    }
  }

  async #write(): Promise<void> {
    const connection = await this.#connect();
    const next = this.#written + 1;
    await connection.client.call("SET", "demo:counter", String(next));
    const now = performance.now();
    if (this.#refused) {
      this.#hooks.acceptedAgain(connection.port, next, now - this.#lastAcceptedAtMs);
    }
    this.#refused = false;
    this.#written = next;
    this.#lastAcceptedAtMs = now;
  }

  async #connect(): Promise<{ readonly client: RespClient; readonly port: number }> {
    if (this.#connection !== null) return this.#connection;
    const port = await this.#hooks.findMaster();
    if (port === null) throw new Error("no Sentinel names a master");
    this.#connection = { client: await RespClient.open({ port }), port };
    return this.#connection;
  }

  #onRefusal(error: unknown): void {
    this.#connection?.client.close();
    this.#connection = null;
    if (!this.#refused) {
      this.#hooks.refused(error instanceof Error ? error.message : String(error), this.#written);
    }
    this.#refused = true;
  }
}
