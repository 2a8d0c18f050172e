import type { Reply } from "../../src/base/reply.ts";
import type { SimGroup } from "./cluster.ts";
import type { SimNames } from "./names.ts";
import type { SimClient, SimConnection, SimNetwork } from "./network.ts";
import type { SimSentinel } from "./sentinel-process.ts";

/** Between writes, and between attempts to find the master. */
const PERIOD_MS = 200;
/** An answer that does not come in this time ends the connection, and another Sentinel is asked. */
const PATIENCE_MS = 1_000;

/** Makes the ids of writes, in the order of their making. */
export interface WriteIds {
  next(): number;
}

interface WriterOptions {
  readonly network: SimNetwork;
  readonly names: SimNames;
  readonly group: SimGroup;
  readonly sentinels: readonly SimSentinel[];
  readonly ids: WriteIds;
  readonly address: string;
}

/**
 * A client as libraries make them: asks one Sentinel after the other where the master is, writes
 * there, and asks again after any error.
 */
export class SimWriter implements SimClient {
  readonly address: string;
  readonly isStopped = false;
  /** When a write was last acknowledged. */
  ackedAt = 0;
  readonly #options: WriterOptions;
  #connection: SimConnection | null = null;
  #isUp = false;
  /** To the master; else to a Sentinel. */
  #isMaster = false;
  #sentinel = 0;
  #request = 0;
  #askedAt: number | null = null;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.address = options.address;
  }

  writeForEver(): void {
    const { clock } = this.#options.network;
    const round = {
      happen: () => {
        this.#go();
        clock.plan(PERIOD_MS, round);
      },
    };
    clock.plan(PERIOD_MS, round);
  }

  #go(): void {
    const { network, sentinels } = this.#options;
    const { now } = network.clock;
    if (this.#askedAt !== null && now - this.#askedAt > PATIENCE_MS) this.#leave();
    if (this.#askedAt !== null) return;
    if (this.#connection) return this.#say();
    const sentinel = sentinels[this.#sentinel++ % sentinels.length];
    if (sentinel) this.#dial(sentinel.address, false);
  }

  #dial(address: string, isMaster: boolean): void {
    const { network } = this.#options;
    this.#isMaster = isMaster;
    this.#isUp = false;
    this.#askedAt = network.clock.now;
    this.#connection = network.connect(this, 0, 0, address);
  }

  #say(): void {
    const { network, group, ids } = this.#options;
    if (!this.#connection || !this.#isUp) return;
    const question = ["SENTINEL", "get-master-addr-by-name", group.name];
    const args = this.#isMaster ? ["SET", "key", `${ids.next()}`] : question;
    this.#askedAt = network.clock.now;
    network.send(this.#connection, ++this.#request, args);
  }

  #leave(): void {
    if (this.#connection) this.#options.network.closeQuietly(this.#connection);
    this.#connection = null;
    this.#askedAt = null;
  }

  linkUp(connection: SimConnection): void {
    if (connection !== this.#connection) return;
    this.#isUp = true;
    this.#say();
  }

  linkDown(connection: SimConnection): void {
    if (connection === this.#connection) this.#leave();
  }

  hear(connection: SimConnection, request: number, reply: Reply): void {
    if (connection !== this.#connection || request !== this.#request) return;
    this.#askedAt = null;
    if (!this.#isMaster) this.#follow(reply);
    else if (reply.type === "status") this.ackedAt = this.#options.network.clock.now;
    else this.#leave();
  }

  /** The address of the master as the Sentinel names it. */
  #follow(reply: Reply): void {
    this.#leave();
    if (reply.type !== "array") return;
    const [host, port] = reply.items;
    if (host?.type !== "bulk" || port?.type !== "bulk") return;
    const ip = this.#options.names.lookUp(host.text);
    if (ip !== null) this.#dial(`${ip}:${port.text}`, true);
  }

  message(): void {
    // It subscribes to nothing.
  }
}
