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

/** Hosts by `ip:port`, links that can be cut, one latency for all. */
export class SimNetwork {
  readonly clock: SimClock;
  readonly latencyMs: number;
  readonly #hosts = new Map<string, SimHost>();
  readonly #cuts = new Set<string>();
  readonly #connections = new Set<SimConnection>();

  constructor(clock: SimClock, latencyMs: number) {
    this.clock = clock;
    this.latencyMs = latencyMs;
  }

  add(host: SimHost): void {
    this.#hosts.set(host.address, host);
  }

  /** Silence in both directions between two addresses; nothing is reset. */
  cut(a: string, b: string): void {
    this.#cuts.add(`${a}|${b}`).add(`${b}|${a}`);
  }

  heal(): void {
    this.#cuts.clear();
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

  /** Bytes over a cut way are lost; bytes to a stopped process wait for it. */
  #carry(from: string, to: string, arrive: () => void): void {
    this.clock.after(this.latencyMs, () => {
      if (this.isCut(from, to)) return;
      const host = this.#hosts.get(to);
      if (host?.isStopped) this.clock.after(10, () => this.#carry(from, to, arrive));
      else arrive();
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
