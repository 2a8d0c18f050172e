import type { RespClient } from "./resp-client.ts";
import { deferred, within } from "./until.ts";

export interface SentinelEvent {
  readonly channel: string;
  readonly payload: string;
  /** When it arrived here, on the clock of performance.now(). */
  readonly atMs: number;
}

interface Watcher {
  readonly channel: string;
  readonly payload: RegExp;
  resolve(event: SentinelEvent): void;
}

/** Everything that a Sentinel publishes, kept and awaited. */
export class EventLog {
  readonly events: SentinelEvent[] = [];
  onEvent: ((event: SentinelEvent) => void) | null = null;
  readonly #watchers = new Set<Watcher>();
  #client: RespClient | null = null;

  async listen(client: RespClient): Promise<void> {
    this.#client?.close();
    this.#client = client;
    await client.psubscribe("*", (words) => this.#receive(words));
  }

  stop(): void {
    this.#client?.close();
    this.#client = null;
  }

  /** Resolves with the first such event at or after `from`, past ones included. */
  async next(
    channel: string,
    { payload = /^/, from = 0, timeoutMs = 20_000 } = {},
  ): Promise<SentinelEvent> {
    const present = this.events.slice(from).find((event) => matches(event, { channel, payload }));
    if (present !== undefined) return present;
    const { promise, resolve } = deferred<SentinelEvent>();
    const watcher = { channel, payload, resolve };
    this.#watchers.add(watcher);
    try {
      return await within(promise, timeoutMs, `event ${channel} ${payload}`);
    } finally {
      this.#watchers.delete(watcher);
    }
  }

  channels(from = 0): readonly string[] {
    return this.events.slice(from).map((event) => event.channel);
  }

  has(channel: string, payload = /^/): boolean {
    return this.events.some((event) => matches(event, { channel, payload }));
  }

  #receive(words: readonly string[]): void {
    const [kind, , channel = "", payload = ""] = words;
    if (kind !== "pmessage") return;
    const event = { channel, payload, atMs: performance.now() };
    this.events.push(event);
    this.onEvent?.(event);
    for (const watcher of this.#watchers) if (matches(event, watcher)) watcher.resolve(event);
  }
}

function matches(event: SentinelEvent, like: { channel: string; payload: RegExp }): boolean {
  return event.channel === like.channel && like.payload.test(event.payload);
}
