import { setTimeout as wait } from "node:timers/promises";
import type { RedisNode } from "./redis-node.ts";
import { RespClient } from "./resp-client.ts";
import type { SentinelNode } from "./sentinel-node.ts";
import type { Credentials } from "./server-node.ts";

/** After any error: a library would wait longer. */
const RETRY_MS = 2;
/** An answer that does not come ends the connection. */
const PATIENCE_MS = 10_000;
const KEY = "busy:written";

/**
 * Clients that write one number after the other, as fast as they are answered, to the master that a Sentinel names, and
 * remember which were acknowledged.
 */
export class BusyWriters {
  readonly #sentinels: readonly SentinelNode[];
  readonly #credentials: Credentials;
  readonly #acknowledged: string[] = [];
  readonly #ends: Promise<void>[];
  #isOver = false;
  #ackedAt: number | null = null;
  #longestGapMs = 0;

  /** `credentials`: those of the servers. */
  constructor(sentinels: readonly SentinelNode[], count: number, credentials: Credentials = {}) {
    this.#sentinels = sentinels;
    this.#credentials = credentials;
    this.#ends = Array.from({ length: count }, (_, index) => this.#writeForEver(index));
  }

  get count(): number {
    return this.#acknowledged.length;
  }

  /** The longest time between two acknowledgements, of whichever writers, since this was last asked, in ms. */
  takeLongestGap(): number {
    const gapMs = Math.max(this.#longestGapMs, this.#sinceLast());
    this.#longestGapMs = 0;
    return gapMs;
  }

  /** Ends them, and tells the numbers that were acknowledged and are not in the data of this master. */
  async end(master: RedisNode): Promise<readonly string[]> {
    this.#isOver = true;
    await Promise.all(this.#ends);
    const reply = await master.call("SMEMBERS", KEY);
    const held = new Set(Array.isArray(reply) ? reply.map(String) : []);
    return this.#acknowledged.filter((one) => !held.has(one));
  }

  #sinceLast(): number {
    return this.#ackedAt === null ? 0 : performance.now() - this.#ackedAt;
  }

  async #writeForEver(index: number): Promise<void> {
    let client: RespClient | null = null;
    for (let number = 0; !this.#isOver; number++) {
      const id = `${index}:${number}`;
      try {
        client ??= await this.#connect(index + number);
        await client.call("SADD", KEY, id);
        this.#acknowledge(id);
      } catch {
        client?.close();
        client = null;
        // A test that failed before it ended them must not wait for them.
        await wait(RETRY_MS, undefined, { ref: false });
      }
    }
    client?.close();
  }

  #acknowledge(id: string): void {
    this.#acknowledged.push(id);
    this.#longestGapMs = Math.max(this.#longestGapMs, this.#sinceLast());
    this.#ackedAt = performance.now();
  }

  async #connect(choice: number): Promise<RespClient> {
    const running = this.#sentinels.filter((node) => node.running);
    const address = await running[choice % running.length]?.masterAddress();
    const [host, port] = address?.split(":") ?? [];
    const { tls, ...login } = this.#credentials;
    const place = { host, port: Number(port), timeoutMs: PATIENCE_MS };
    return await RespClient.open({ ...place, ...login, ...(tls && { tls: { ...tls } }) });
  }
}
