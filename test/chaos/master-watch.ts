import { setTimeout as wait } from "node:timers/promises";
import { RespClient } from "../support/resp-client.ts";
import type { ChaosRedis } from "./redis.ts";

const periodMs = 50;
const patienceMs = 250;

/** Looks all the time which servers of a master's family would take a write. */
export class MasterWatch {
  readonly #probes: readonly RoleProbe[];
  readonly #ended: Promise<void>;
  #going = true;
  #severalSinceMs: number | null = null;
  #longestMs = 0;
  /** When several were last seen, on the clock of performance.now(). */
  #severalLastMs = 0;

  constructor(redises: readonly ChaosRedis[]) {
    this.#probes = redises.map((node) => new RoleProbe(node));
    this.#ended = this.#look();
  }

  /** The longest time with more than one writable master, in milliseconds. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** How long after this instant there was still more than one. */
  severalAfterMs(sinceMs: number): number {
    return Math.max(0, this.#severalLastMs - sinceMs);
  }

  async stop(): Promise<void> {
    this.#going = false;
    await this.#ended;
  }

  async #look(): Promise<void> {
    while (this.#going) {
      const writable = await Promise.all(this.#probes.map((probe) => probe.isWritable()));
      this.#record(writable.filter(Boolean).length);
      await wait(periodMs);
    }
    for (const probe of this.#probes) probe.close();
  }

  #record(masters: number): void {
    if (masters < 2) {
      this.#severalSinceMs = null;
      return;
    }
    const nowMs = performance.now();
    this.#severalSinceMs ??= nowMs;
    this.#severalLastMs = nowMs;
    this.#longestMs = Math.max(this.#longestMs, nowMs - this.#severalSinceMs);
  }
}

class RoleProbe {
  readonly #node: ChaosRedis;
  #client: RespClient | null = null;

  constructor(node: ChaosRedis) {
    this.#node = node;
  }

  /** Dead, hanging and loading servers take no writes. */
  async isWritable(): Promise<boolean> {
    if (!this.#node.running) return false;
    try {
      this.#client ??= await this.#open();
      const role = await this.#client.call("ROLE");
      return Array.isArray(role) && role[0] === "master";
    } catch {
      this.close();
      return false;
    }
  }

  close(): void {
    this.#client?.close();
    this.#client = null;
  }

  async #open(): Promise<RespClient> {
    const { host, port } = this.#node;
    return await RespClient.open({ host: host.address, port, timeoutMs: patienceMs });
  }
}
