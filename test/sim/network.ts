import type { Reply } from "../../src/core/reply.ts";
import type { SimClock } from "./clock.ts";

/** What listens at an address: a simulated Redis server or Sentinel. */
export interface SimHost {
  readonly address: string;
  /** A dead process refuses connections. */
  isRunning: boolean;
  /** A stopped one accepts them and answers when it goes on. */
  isStopped: boolean;
  receive(
    connection: SimConnection,
    args: readonly string[],
    respond: (reply: Reply) => void,
  ): void;
  closed(connection: SimConnection): void;
}

/** One TCP connection; bytes take the network's latency, in order. */
export interface SimConnection {
  readonly client: SimClient;
  readonly host: SimHost;
  isOpen: boolean;
}

/** The dialling side. */
export interface SimClient {
  readonly address: string;
  up(): void;
  down(reason: string): void;
  message(channel: string, payload: string): void;
}

/** How soon a process that goes on reads what waited for it. */
const POLL_MS = 10;

/** Hosts by `ip:port`, links that can be cut, one latency for all. */
export class SimNetwork {
  readonly clock: SimClock;
  readonly latencyMs: number;
  readonly #hosts = new Map<string, SimHost>();
  readonly #cuts = new Set<string>();
  readonly #connections = new Set<SimConnection>();
  readonly #delayed: (() => void)[] = [];
  readonly #held = new Map<SimHost, (() => void)[]>();

  constructor(clock: SimClock, latencyMs: number) {
    this.clock = clock;
    this.latencyMs = latencyMs;
  }

  add(host: SimHost): void {
    this.#hosts.set(host.address, host);
  }

  /** Silence in both directions between two addresses; TCP delivers after the cut is healed. */
  cut(a: string, b: string): void {
    this.#cuts.add(`${a}|${b}`).add(`${b}|${a}`);
  }

  heal(): void {
    this.#cuts.clear();
    for (const deliver of this.#delayed.splice(0)) deliver();
  }

  get isWhole(): boolean {
    return this.#cuts.size === 0;
  }

  isCut(a: string, b: string): boolean {
    return this.#cuts.has(`${a}|${b}`);
  }

  /** Dials; the client hears `up`, `down`, or nothing at all when the way is cut. */
  connect(client: SimClient, address: string): SimConnection | null {
    const host = this.#hosts.get(address);
    if (this.isCut(client.address, address)) return null;
    if (!host?.isRunning) {
      this.clock.after(this.latencyMs, () => client.down("connection refused"));
      return null;
    }
    const connection: SimConnection = { client, host, isOpen: true };
    this.#connections.add(connection);
    this.clock.after(this.latencyMs, () => {
      if (connection.isOpen) client.up();
    });
    return connection;
  }

  send(connection: SimConnection, args: readonly string[], respond: (reply: Reply) => void): void {
    const { client, host } = connection;
    this.#carry(client.address, host.address, () => {
      if (!connection.isOpen) return;
      host.receive(connection, args, (reply) => {
        this.#carry(host.address, client.address, () => {
          if (connection.isOpen) respond(reply);
        });
      });
    });
  }

  push(connection: SimConnection, channel: string, payload: string): void {
    const { client, host } = connection;
    this.#carry(host.address, client.address, () => {
      if (connection.isOpen) client.message(channel, payload);
    });
  }

  /** Bytes over a cut way are sent again until it is healed; those to a stopped process wait. */
  #carry(from: string, to: string, arrive: () => void): void {
    this.clock.after(this.latencyMs, () => {
      if (this.isCut(from, to)) {
        this.#delayed.push(() => this.#carry(from, to, arrive));
        return;
      }
      const host = this.#hosts.get(to);
      if (host?.isStopped) this.#hold(host, arrive);
      else arrive();
    });
  }

  /** Keeps what arrives at a stopped process until it goes on. */
  #hold(host: SimHost, arrive: () => void): void {
    const held = this.#held.get(host);
    if (held) {
      held.push(arrive);
      return;
    }
    this.#held.set(host, [arrive]);
    this.#releaseWhenRunning(host);
  }

  #releaseWhenRunning(host: SimHost): void {
    this.clock.after(POLL_MS, () => {
      if (host.isStopped) return this.#releaseWhenRunning(host);
      const held = this.#held.get(host) ?? [];
      this.#held.delete(host);
      for (const arrive of held) arrive();
    });
  }

  /** Closed by the client: nothing more is heard of it. */
  closeQuietly(connection: SimConnection): void {
    connection.isOpen = false;
    this.#connections.delete(connection);
    connection.host.closed(connection);
  }

  /** Closed by the host: the client is told. */
  closeByHost(connection: SimConnection, reason: string): void {
    if (!connection.isOpen) return;
    this.closeQuietly(connection);
    this.clock.after(this.latencyMs, () => connection.client.down(reason));
  }

  /** The process died: the kernel resets whatever it had open. */
  kill(host: SimHost): void {
    host.isRunning = false;
    for (const connection of [...this.#connections]) {
      if (connection.host === host) this.closeByHost(connection, "connection reset");
    }
  }
}
