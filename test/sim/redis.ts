import { HELLO_CHANNEL } from "../../src/core/defaults.ts";
import { type Random, randomRunId } from "../../src/core/random.ts";
import { array, bulk, error, integer, OK, type Reply, status } from "../../src/core/reply.ts";
import type { SimConnection, SimHost, SimNetwork } from "./network.ts";

interface Upstream {
  readonly ip: string;
  readonly port: number;
}

/** A Redis server as far as a Sentinel sees it: PING, INFO, hello channel, SLAVEOF. */
export class SimRedis implements SimHost {
  readonly ip: string;
  readonly port: number;
  isRunning = true;
  isStopped = false;
  runId: string;
  upstream: Upstream | null = null;
  priority = 100;
  offset = 0;
  /** Roles taken on over its life, with the time. */
  readonly history: { atMs: number; role: string }[] = [];
  readonly #network: SimNetwork;
  readonly #random: Random;
  readonly #servers: ReadonlyMap<string, SimRedis>;
  readonly #connections = new Map<
    SimConnection,
    { subscribed: boolean; queued: string[][] | null }
  >();

  constructor(
    network: SimNetwork,
    random: Random,
    servers: Map<string, SimRedis>,
    ip: string,
    port: number,
  ) {
    this.ip = ip;
    this.port = port;
    this.#network = network;
    this.#random = random;
    this.#servers = servers;
    this.runId = randomRunId(random);
    servers.set(this.address, this);
    network.add(this);
  }

  get address(): string {
    return `${this.ip}:${this.port}`;
  }

  get role(): "master" | "slave" {
    return this.upstream ? "slave" : "master";
  }

  get master(): SimRedis | undefined {
    return this.upstream
      ? this.#servers.get(`${this.upstream.ip}:${this.upstream.port}`)
      : undefined;
  }

  /** Replicating now: the master runs and can be reached. */
  get isLinked(): boolean {
    const { master } = this;
    if (!master?.isRunning || master.isStopped) return false;
    return !this.#network.isCut(this.address, master.address);
  }

  follow(master: SimRedis | null): void {
    this.upstream = master && { ip: master.ip, port: master.port };
    this.history.push({ atMs: this.#network.clock.now, role: this.role });
  }

  /** A client's write, replicated at once to the linked replicas. */
  write(): void {
    this.offset += 10;
    for (const replica of this.#servers.values()) {
      if (replica.master === this && replica.isLinked) replica.offset = this.offset;
    }
  }

  restart(): void {
    this.isRunning = true;
    this.runId = randomRunId(this.#random);
    this.#connections.clear();
  }

  receive(
    connection: SimConnection,
    args: readonly string[],
    respond: (reply: Reply) => void,
  ): void {
    const session = this.#session(connection);
    const name = args[0]?.toUpperCase();
    if (session.queued && name !== "EXEC") {
      session.queued.push([...args]);
      respond(status("QUEUED"));
      return;
    }
    if (name === "MULTI") session.queued = [];
    const queued = session.queued ?? [];
    if (name === "EXEC") session.queued = null;
    if (name === "EXEC") respond(array(queued.map((one) => this.#execute(connection, one))));
    else respond(this.#execute(connection, args));
  }

  closed(connection: SimConnection): void {
    this.#connections.delete(connection);
  }

  #session(connection: SimConnection) {
    const known = this.#connections.get(connection) ?? { subscribed: false, queued: null };
    this.#connections.set(connection, known);
    return known;
  }

  #execute(connection: SimConnection, args: readonly string[]): Reply {
    switch (args[0]?.toUpperCase()) {
      case "PING":
        return status("PONG");
      case "INFO":
        return bulk(this.#info());
      case "PUBLISH":
        return integer(this.#publish(args[2] ?? ""));
      case "SUBSCRIBE":
        this.#session(connection).subscribed = true;
        return array([bulk("subscribe"), bulk(HELLO_CHANNEL), integer(1)]);
      case "SLAVEOF":
        return this.#slaveof(args[1] ?? "", args[2] ?? "");
      case "CLIENT":
        if (args[1]?.toUpperCase() === "KILL") this.#killClients(connection, args[3] ?? "");
        return OK;
      case "MULTI":
      case "AUTH":
      case "CONFIG":
        return OK;
      default:
        return error("ERR unknown command");
    }
  }

  #slaveof(host: string, port: string): Reply {
    const isMaster = host.toUpperCase() === "NO";
    this.upstream = isMaster ? null : { ip: host, port: Number(port) };
    this.history.push({ atMs: this.#network.clock.now, role: this.role });
    if (this.master) this.offset = this.master.offset;
    return OK;
  }

  #killClients(self: SimConnection, type: string): void {
    for (const [connection, { subscribed }] of [...this.#connections]) {
      if (connection !== self && subscribed === (type === "pubsub")) {
        this.#network.closeByHost(connection, "killed");
      }
    }
  }

  /** Subscribers here and on every replica that is linked. */
  #publish(payload: string, path: readonly SimRedis[] = []): number {
    let receivers = 0;
    for (const [connection, { subscribed }] of this.#connections) {
      if (!subscribed) continue;
      receivers++;
      this.#network.push(connection, HELLO_CHANNEL, payload);
    }
    for (const replica of this.#servers.values()) {
      const isLoop = path.includes(replica);
      if (!isLoop && replica.master === this && replica.isLinked && !replica.isStopped) {
        replica.#publish(payload, [...path, this]);
      }
    }
    return receivers;
  }

  #info(): string {
    const replicas = [...this.#servers.values()].filter(
      (one) => one.master === this && one.isLinked,
    );
    const lines = [`run_id:${this.runId}`, `role:${this.role}`];
    if (this.upstream) {
      const { isLinked } = this;
      lines.push(`master_host:${this.upstream.ip}`, `master_port:${this.upstream.port}`);
      lines.push(`master_link_status:${isLinked ? "up" : "down"}`);
      if (!isLinked) lines.push("master_link_down_since_seconds:1");
      lines.push(`slave_repl_offset:${this.offset}`, `slave_priority:${this.priority}`);
      lines.push("replica_announced:1");
    }
    for (const [index, { ip, port, offset }] of replicas.entries()) {
      lines.push(`slave${index}:ip=${ip},port=${port},state=online,offset=${offset},lag=0`);
    }
    return `${lines.join("\r\n")}\r\n`;
  }
}
