import type { Random } from "../../src/core/random.ts";
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

/** One TCP connection. */
export interface SimConnection {
  readonly client: SimClient;
  readonly host: SimHost;
  readonly there: Way;
  readonly back: Way;
  isOpen: boolean;
}

/** The dialling side. */
export interface SimClient {
  readonly address: string;
  up(): void;
  down(reason: string): void;
  message(channel: string, payload: string): void;
}

/** One direction of a connection: what was sent first arrives first. */
interface Way {
  readonly from: string;
  readonly to: string;
  lastArrivalAt: number;
}

/** How soon a process that goes on reads what waited for it. */
const POLL_MS = 10;

/**
 * Hosts by `ip:port`. Each message takes a random latency and keeps its order within its
 * connection, as TCP does; what a cut holds up arrives after it is healed, nothing is lost or
 * doubled while the connection lives.
 */
export class SimNetwork {
  readonly clock: SimClock;
  readonly #random: Random;
  readonly #maxLatencyMs: number;
  readonly #hosts = new Map<string, SimHost>();
  readonly #cuts = new Set<string>();
  readonly #connections = new Set<SimConnection>();
  readonly #held = new Map<SimHost, (() => void)[]>();
  #delayed: { from: string; to: string; deliver: () => void }[] = [];

  constructor(clock: SimClock, random: Random, maxLatencyMs: number) {
    this.clock = clock;
    this.#random = random;
    this.#maxLatencyMs = maxLatencyMs;
  }

  add(host: SimHost): void {
    this.#hosts.set(host.address, host);
  }

  /** Silence from one address to another; the other direction is not touched. */
  cutOneWay(from: string, to: string): void {
    this.#cuts.add(`${from}|${to}`);
  }

  cut(a: string, b: string): void {
    this.cutOneWay(a, b);
    this.cutOneWay(b, a);
  }

  heal(): void {
    this.#cuts.clear();
    const delayed = this.#delayed;
    this.#delayed = [];
    for (const { deliver } of delayed) deliver();
  }

  get isWhole(): boolean {
    return this.#cuts.size === 0;
  }

  /** Whether bytes from one address do not reach the other at present. */
  isCut(from: string, to: string): boolean {
    return this.#cuts.size > 0 && this.#cuts.has(`${from}|${to}`);
  }

  /** Whether two addresses can talk in both directions. */
  canTalk(a: string, b: string): boolean {
    return !this.isCut(a, b) && !this.isCut(b, a);
  }

  /** Dials; the client hears `up`, `down`, or nothing at all when the way is cut. */
  connect(client: SimClient, address: string): SimConnection | null {
    const host = this.#hosts.get(address);
    if (!this.canTalk(client.address, address)) return null;
    if (!host?.isRunning) {
      this.clock.after(this.#latency(), () => client.down("connection refused"));
      return null;
    }
    const there = { from: client.address, to: address, lastArrivalAt: 0 };
    const back = { from: address, to: client.address, lastArrivalAt: 0 };
    const connection: SimConnection = { client, host, there, back, isOpen: true };
    this.#connections.add(connection);
    this.#carry(back, () => {
      if (connection.isOpen) client.up();
    });
    return connection;
  }

  send(connection: SimConnection, args: readonly string[], respond: (reply: Reply) => void): void {
    const { host, there, back } = connection;
    this.#carry(there, () => {
      if (!connection.isOpen) return;
      host.receive(connection, args, (reply) => {
        this.#carry(back, () => {
          if (connection.isOpen) respond(reply);
        });
      });
    });
  }

  push(connection: SimConnection, channel: string, payload: string): void {
    this.#carry(connection.back, () => {
      if (connection.isOpen) connection.client.message(channel, payload);
    });
  }

  #latency(): number {
    return 1 + this.#random.below(this.#maxLatencyMs);
  }

  #carry(way: Way, arrive: () => void): void {
    const at = Math.max(this.clock.now + this.#latency(), way.lastArrivalAt);
    way.lastArrivalAt = at;
    this.clock.after(at - this.clock.now, () => this.#deliver(way, arrive));
  }

  /** Bytes over a cut way are sent again until it is healed; those to a stopped process wait. */
  #deliver(way: Way, arrive: () => void): void {
    if (this.isCut(way.from, way.to)) {
      this.#delayed.push({ ...way, deliver: () => this.#deliver(way, arrive) });
      return;
    }
    const host = this.#hosts.get(way.to);
    if (host?.isStopped) this.#hold(host, arrive);
    else arrive();
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
      this.release(host);
    });
  }

  /** A process that goes on reads what arrived meanwhile before it does anything else. */
  release(host: SimHost): void {
    const held = this.#held.get(host) ?? [];
    this.#held.delete(host);
    for (const arrive of held) arrive();
  }

  /** Closed by the client: nothing more is heard of it. */
  closeQuietly(connection: SimConnection): void {
    connection.isOpen = false;
    this.#connections.delete(connection);
    connection.host.closed(connection);
  }

  /** Closed by the host: the client is told, unless the way to it is cut. */
  closeByHost(connection: SimConnection, reason: string): void {
    if (!connection.isOpen) return;
    this.closeQuietly(connection);
    this.#carry(connection.back, () => connection.client.down(reason));
  }

  /** The process died: the kernel resets whatever it had open. */
  kill(host: SimHost): void {
    host.isRunning = false;
    for (const connection of [...this.#connections]) {
      if (connection.host === host) this.closeByHost(connection, "connection reset");
    }
  }
}
