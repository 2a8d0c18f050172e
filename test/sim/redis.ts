import { HELLO_CHANNEL } from "../../src/core/defaults.ts";
import { type Random, randomRunId } from "../../src/core/random.ts";
import { array, bulk, error, integer, OK, type Reply, status } from "../../src/core/reply.ts";
import type { SimConnection, SimHost, SimNetwork } from "./network.ts";

interface Upstream {
  readonly ip: string;
  readonly port: number;
}

interface Session {
  subscribed: boolean;
  queued: string[][] | null;
}

/**
 * A Redis server as far as a Sentinel and a writing client see it: PING, INFO, the hello channel,
 * SLAVEOF in a transaction, run ids, offsets, and the data that a full resync replaces.
 */
export class SimRedis implements SimHost {
  readonly address: string;
  isRunning = true;
  isStopped = false;
  runId: string;
  #upstream: Upstream | null = null;
  #master: SimRedis | undefined;
  priority = 100;
  /** Ids of the writes it holds, oldest first; its length is the replication offset. */
  data: number[] = [];
  readonly ip: string;
  readonly port: number;
  readonly #network: SimNetwork;
  readonly #random: Random;
  readonly #servers: ReadonlyMap<string, SimRedis>;
  readonly #sessions = new Map<SimConnection, Session>();

  constructor(
    network: SimNetwork,
    random: Random,
    servers: Map<string, SimRedis>,
    { ip, port }: Upstream,
  ) {
    this.ip = ip;
    this.port = port;
    this.address = `${ip}:${port}`;
    this.#network = network;
    this.#random = random;
    this.#servers = servers;
    this.runId = randomRunId(random);
    servers.set(this.address, this);
    network.add(this);
  }

  get upstream(): Upstream | null {
    return this.#upstream;
  }

  set upstream(upstream: Upstream | null) {
    this.#upstream = upstream;
    this.#master = upstream ? this.#servers.get(`${upstream.ip}:${upstream.port}`) : undefined;
  }

  get role(): "master" | "slave" {
    return this.upstream ? "slave" : "master";
  }

  get offset(): number {
    return this.data.length;
  }

  get master(): SimRedis | undefined {
    return this.#master;
  }

  /** Replicating now: both run and reach each other. */
  get isLinked(): boolean {
    const { master } = this;
    if (!master?.isRunning || master.isStopped || !this.isRunning || this.isStopped) return false;
    return this.#network.canTalk(this.address, master.address);
  }

  follow(master: SimRedis | null): void {
    this.upstream = master && { ip: master.ip, port: master.port };
  }

  /** A client's write; false if this server does not take it. */
  write(id: number): boolean {
    if (!this.isRunning || this.isStopped || this.upstream) return false;
    this.data.push(id);
    return true;
  }

  /** Replicas take over what their master has, as long as they are linked. */
  replicate(): void {
    const { master } = this;
    if (!this.isLinked || !master) return;
    if (!this.#follows(master)) this.data = [...master.data];
    else
      for (let at = this.data.length; at < master.data.length; at++)
        this.data.push(master.data[at] ?? 0);
  }

  /** What it holds is the beginning of what its master holds: writes are numbered in their order. */
  #follows({ data }: SimRedis): boolean {
    const last = this.data.length - 1;
    return last < data.length && (last < 0 || this.data[last] === data[last]);
  }

  restart(): void {
    this.isRunning = true;
    this.runId = randomRunId(this.#random);
    this.#sessions.clear();
  }

  receive(
    connection: SimConnection,
    args: readonly string[],
    respond: (reply: Reply) => void,
  ): void {
    const session = this.#session(connection);
    const name = args[0]?.toUpperCase();
    if (name === "MULTI") {
      session.queued = [];
      respond(OK);
    } else if (name === "EXEC") {
      const queued = session.queued ?? [];
      session.queued = null;
      respond(array(queued.map((one) => this.#execute(connection, one))));
    } else if (session.queued) {
      session.queued.push([...args]);
      respond(status("QUEUED"));
    } else respond(this.#execute(connection, args));
  }

  closed(connection: SimConnection): void {
    this.#sessions.delete(connection);
  }

  #session(connection: SimConnection): Session {
    const known = this.#sessions.get(connection) ?? { subscribed: false, queued: null };
    this.#sessions.set(connection, known);
    return known;
  }

  #execute(connection: SimConnection, args: readonly string[]): Reply {
    switch (args[0]?.toUpperCase()) {
      case "PING":
        return status("PONG");
      case "INFO":
        return bulk(this.#info());
      case "PUBLISH":
        return integer(this.#publish(args[2] ?? "", []));
      case "SUBSCRIBE":
        this.#session(connection).subscribed = true;
        return array([bulk("subscribe"), bulk(HELLO_CHANNEL), integer(1)]);
      case "SLAVEOF":
        return this.#slaveof(args[1] ?? "", args[2] ?? "");
      case "CLIENT":
        if (args[1]?.toUpperCase() === "KILL") this.#killClients(connection, args[3] ?? "");
        return OK;
      case "AUTH":
      case "CONFIG":
        return OK;
      default:
        return error("ERR unknown command");
    }
  }

  #slaveof(host: string, port: string): Reply {
    this.upstream = host.toUpperCase() === "NO" ? null : { ip: host, port: Number(port) };
    this.replicate();
    return OK;
  }

  #killClients(self: SimConnection, type: string): void {
    for (const [connection, { subscribed }] of [...this.#sessions]) {
      if (connection !== self && subscribed === (type === "pubsub")) {
        this.#network.closeByHost(connection, "killed");
      }
    }
  }

  /** To the subscribers here and, as replication carries it, on every linked replica. */
  #publish(payload: string, path: readonly SimRedis[]): number {
    let receivers = 0;
    for (const [connection, { subscribed }] of this.#sessions) {
      if (!subscribed) continue;
      receivers++;
      this.#network.push(connection, HELLO_CHANNEL, payload);
    }
    for (const replica of this.#replicas()) {
      if (!path.includes(replica)) replica.#publish(payload, [...path, this]);
    }
    return receivers;
  }

  #replicas(): SimRedis[] {
    return [...this.#servers.values()].filter((one) => one.master === this && one.isLinked);
  }

  #info(): string {
    const lines = [`run_id:${this.runId}`, `role:${this.role}`];
    if (this.upstream) {
      const { isLinked } = this;
      lines.push(`master_host:${this.upstream.ip}`, `master_port:${this.upstream.port}`);
      lines.push(`master_link_status:${isLinked ? "up" : "down"}`);
      if (!isLinked) lines.push("master_link_down_since_seconds:1");
      lines.push(`slave_repl_offset:${this.offset}`, `slave_priority:${this.priority}`);
      lines.push("replica_announced:1");
    }
    for (const [index, { ip, port, offset }] of this.#replicas().entries()) {
      lines.push(`slave${index}:ip=${ip},port=${port},state=online,offset=${offset},lag=0`);
    }
    return `${lines.join("\r\n")}\r\n`;
  }
}
