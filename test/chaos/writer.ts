// A client of a cluster, as a process of its own so that it lives on one of the hosts:
//   node writer.js '{"id":"near","master":"mymaster","sentinels":["10.77.0.1"]}'
// It writes without end, asks Sentinels for the master when a write fails, and reports on SIGTERM.
import { setTimeout as wait } from "node:timers/promises";
import { RespClient } from "../support/resp-client.ts";
import { sentinelPort } from "./sentinel.ts";
import type { WriterOptions, WriterReport } from "./writer-child.ts";

const patienceMs = 400;
const paceMs = 10;
const retryMs = 50;
/** Shorter silences are the network's, not the loss of a master. */
const outageMs = 1000;

class Writer {
  readonly #options: WriterOptions;
  #client: RespClient | null = null;
  #acknowledged = 0;
  #lastMs: number | null = null;
  #outagesMs = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Bit n is write number n: to repeat a write whose answer was lost does no harm. */
  async writeForEver(): Promise<never> {
    for (;;) {
      try {
        this.#client ??= await this.#connect();
        await this.#client.call("SETBIT", this.#options.id, String(this.#acknowledged), "1");
        this.#acknowledge();
        await wait(paceMs);
      } catch {
        this.#client?.close();
        this.#client = null;
        await wait(retryMs);
      }
    }
  }

  report(): WriterReport {
    this.#countSilence();
    const sinceLastMs = this.#lastMs === null ? 0 : performance.now() - this.#lastMs;
    return { acknowledged: this.#acknowledged, outagesMs: this.#outagesMs, sinceLastMs };
  }

  #acknowledge(): void {
    this.#countSilence();
    this.#acknowledged++;
    this.#lastMs = performance.now();
  }

  #countSilence(): void {
    if (this.#lastMs === null) return;
    const silentMs = performance.now() - this.#lastMs;
    if (silentMs > outageMs) this.#outagesMs += silentMs;
  }

  /** One Sentinel after the other, until one names a server that says it is a master. */
  async #connect(): Promise<RespClient> {
    for (const host of this.#options.sentinels) {
      const client = await masterBy(host, this.#options.master).catch(() => null);
      if (client !== null) return client;
    }
    throw new Error("No Sentinel knows a master.");
  }
}

async function masterBy(sentinel: string, name: string): Promise<RespClient> {
  const [host, port] = await askSentinel(sentinel, name);
  const client = await RespClient.open({ host, port, timeoutMs: patienceMs });
  const role = await client.call("ROLE");
  if (Array.isArray(role) && role[0] === "master") return client;
  client.close();
  throw new Error(`${host}:${port} is no master`);
}

async function askSentinel(host: string, master: string): Promise<[string, number]> {
  const client = await RespClient.open({ host, port: sentinelPort, timeoutMs: patienceMs });
  try {
    const reply = await client.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master);
    if (!Array.isArray(reply)) throw new Error(`${host} does not know ${master}`);
    return [String(reply[0]), Number(reply[1])];
  } finally {
    client.close();
  }
}

const writer = new Writer(JSON.parse(process.argv[2] ?? "{}"));
process.once("SIGTERM", () => {
  process.stdout.write(`${JSON.stringify(writer.report())}\n`, () => process.exit(0));
});
await writer.writeForEver();
