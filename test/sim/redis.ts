import { HELLO_CHANNEL } from "../../src/core/defaults.ts";
import { type Random, randomRunId } from "../../src/core/random.ts";
import { array, bulk, error, integer, OK, type Reply, status } from "../../src/core/reply.ts";
import type { SimConnection, SimHost, SimNetwork } from "./network.ts";

/** A server as another was told of it: by name where the cluster has names, else by address. */
interface Upstream {
  readonly host: string;
  readonly port: number;
}

const PONG = status("PONG");
const QUEUED = status("QUEUED");
const NO_SUCH_COMMAND = error("ERR unknown command");
const READ_ONLY = error("READONLY You can't write against a read only replica.");
const SUBSCRIBED = array([bulk("subscribe"), bulk(HELLO_CHANNEL), integer(1)]);

/** A silent master is given up after this; repl-timeout, which is 60 s, so that a life sees it. */
const REPL_TIMEOUT_MS = 10_000;
/** Write of a client: `SET key id`. */
const WRITE = "SET";

/**
 * A Redis server as far as a Sentinel and a writing client see it: PING, INFO, the hello channel,
 * SLAVEOF in a transaction, run ids, offsets, and the data that a full resync replaces.
 */
export class SimRedis implements SimHost {
  /** Where it listens at present, which it says to nobody in a cluster with names. */
  address: string;
  #isRunning = true;
  #isStopped = false;
  /** When it last died, started, stopped, went on, or closed connections. */
  changedAt = 0;
  runId: string;
  #upstream: Upstream | null = null;
  #master: SimRedis | undefined;
  readonly #followers = new Set<SimRedis>();
  priority = 100;
  /** Ids of the writes it holds, oldest first; its length is the replication offset. */
  data: number[] = [];
  /** As a replica it takes over what its master has once in so many rounds of replication. */
  lagRounds = 1;
  /** Called with each write that it takes. */
  onWrite: (id: number) => void = () => undefined;
  /** Called when a Sentinel made it a master. */
  onPromoted: () => void = () => undefined;
  /** Called when it came back without its files. */
  onEmptied: () => void = () => undefined;
  /** As a replica: what it believes of its link to the master. */
  #isLinkUp = false;
  /** When the link was lost; null: it never was up since the start, or since it follows this master. */
  #linkLostAt: number | null = null;
  #lastHeardAt = 0;
  /** What it is called, by others and by itself: a name, or its address. */
  readonly host: string;
  ip: string;
  readonly port: number;
  readonly #network: SimNetwork;
  readonly #random: Random;
  readonly #servers: ReadonlyMap<string, SimRedis>;
  readonly #subscribers = new Set<SimConnection>();
  /** The last message that passed here: none goes round in a ring of replicas. */
  #lastPublish: object | null = null;

  constructor(
    network: SimNetwork,
    random: Random,
    servers: Map<string, SimRedis>,
    { host, ip, port }: { host?: string; ip: string; port: number },
  ) {
    this.host = host ?? ip;
    this.ip = ip;
    this.port = port;
    this.address = `${ip}:${port}`;
    this.#network = network;
    this.#random = random;
    this.#servers = servers;
    this.runId = randomRunId(random);
    servers.set(`${this.host}:${port}`, this);
    network.add(this);
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  set isRunning(isRunning: boolean) {
    this.#isRunning = isRunning;
    this.changedAt = this.#network.clock.now;
  }

  /** A stopped process accepts connections, and answers when it goes on. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  set isStopped(isStopped: boolean) {
    if (isStopped === this.#isStopped) return;
    this.#isStopped = isStopped;
    this.changedAt = this.#network.clock.now;
    if (!isStopped) this.#network.release(this);
  }

  get upstream(): Upstream | null {
    return this.#upstream;
  }

  set upstream(upstream: Upstream | null) {
    if (this.#master) this.#master.#followers.delete(this);
    this.#upstream = upstream;
    this.#master = upstream ? this.#servers.get(`${upstream.host}:${upstream.port}`) : undefined;
    if (this.#master) this.#master.#followers.add(this);
    this.#isLinkUp = false;
    this.#linkLostAt = null;
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

  /** Data flows: both run and reach each other. */
  get isLinked(): boolean {
    const master = this.#master;
    if (!master?.isRunning || master.isStopped || !this.isRunning || this.isStopped) return false;
    return this.#network.canTalk(this.address, master.address);
  }

  /** A dead master resets the connection; a silent one is missed after a while only. */
  #watchLink(): void {
    const master = this.#master;
    const { now } = this.#network.clock;
    if (this.isLinked) {
      this.#isLinkUp = true;
      this.#lastHeardAt = now;
      return;
    }
    if (!this.#isLinkUp || this.isStopped) return;
    const isReset =
      !master?.isRunning && this.#network.canTalk(this.address, master?.address ?? "");
    if (!isReset && now - this.#lastHeardAt < REPL_TIMEOUT_MS) return;
    this.#isLinkUp = false;
    this.#linkLostAt = now;
  }

  follow(master: SimRedis | null): void {
    this.upstream = master && { host: master.host, port: master.port };
  }

  /** A client's write; false if this server does not take it. */
  write(id: number): boolean {
    if (!this.isRunning || this.isStopped || this.upstream) return false;
    this.data.push(id);
    this.onWrite(id);
    return true;
  }

  /** A round of replication, by number. */
  replicate(round: number): void {
    if (!this.#master || !this.isRunning) return;
    this.#watchLink();
    if (round % this.lagRounds === 0) this.#takeOver();
  }

  /** Replicas take over what their master has, as long as they are linked. */
  #takeOver(): void {
    const master = this.#master;
    if (!master || !this.isLinked) return;
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

  /** Starts again with what it held and followed, as from its files. */
  restart(): void {
    this.isRunning = true;
    this.isStopped = false;
    this.runId = randomRunId(this.#random);
    this.#isLinkUp = false;
    this.#linkLostAt = null;
  }

  /** Starts again as an image without its files does: as a master, and with nothing. */
  restartEmpty(): void {
    this.restart();
    this.follow(null);
    this.data = [];
    this.onEmptied();
  }

  /** A dead one comes back elsewhere; whoever knows its name must look it up. */
  moveTo(ip: string): void {
    this.#network.remove(this);
    this.ip = ip;
    this.address = `${ip}:${this.port}`;
    this.#network.add(this);
  }

  receive(connection: SimConnection, request: number, args: readonly string[]): void {
    const { queued } = connection;
    if (args[0] === "MULTI") {
      connection.queued = [];
      this.#network.reply(connection, request, OK);
    } else if (args[0] === "EXEC") {
      connection.queued = null;
      const replies = (queued ?? []).map((one) => this.#execute(connection, one));
      this.#network.reply(connection, request, array(replies));
    } else if (queued) {
      queued.push(args);
      this.#network.reply(connection, request, QUEUED);
    } else this.#network.reply(connection, request, this.#execute(connection, args));
  }

  closed(connection: SimConnection): void {
    this.#subscribers.delete(connection);
  }

  /** The core writes command names in capitals. */
  #execute(connection: SimConnection, args: readonly string[]): Reply {
    switch (args[0]) {
      case "PING":
        return PONG;
      case "INFO":
        return bulk(this.#info());
      case "PUBLISH":
        return integer(this.#publish(args[2] ?? "", {}));
      case "SUBSCRIBE":
        connection.isSubscribed = true;
        this.#subscribers.add(connection);
        return SUBSCRIBED;
      case "SLAVEOF":
        return this.#slaveof(args[1] ?? "", args[2] ?? "");
      case "CLIENT":
        if (args[1] === "KILL") this.#killClients(connection, args[3] ?? "");
        return OK;
      case WRITE:
        return this.write(Number(args[2])) ? OK : READ_ONLY;
      case "AUTH":
      case "CONFIG":
        return OK;
      default:
        return NO_SUCH_COMMAND;
    }
  }

  #slaveof(host: string, port: string): Reply {
    if (host.toUpperCase() === "NO") {
      this.upstream = null;
      this.onPromoted();
    } else {
      this.upstream = { host, port: Number(port) };
      this.#watchLink();
      this.#takeOver();
    }
    return OK;
  }

  #killClients(self: SimConnection, type: string): void {
    this.changedAt = this.#network.clock.now;
    this.#network.closeAllByHost(
      this,
      (one) => one !== self && one.isSubscribed === (type === "pubsub"),
      "killed",
    );
  }

  /** To the subscribers here and, as replication carries it, on every linked replica. */
  #publish(payload: string, message: object): number {
    this.#lastPublish = message;
    for (const connection of this.#subscribers) {
      this.#network.push(connection, HELLO_CHANNEL, payload);
    }
    let receivers = this.#subscribers.size;
    for (const replica of this.#followers) {
      if (replica.#lastPublish === message || !replica.isLinked) continue;
      receivers += replica.#publish(payload, message);
    }
    return receivers;
  }

  #info(): string {
    let text = `run_id:${this.runId}\r\nrole:${this.role}\r\n`;
    if (this.#upstream) text += this.#replicationInfo(this.#upstream);
    let index = 0;
    for (const replica of this.#followers) {
      if (!replica.isRunning || !replica.#isLinkUp) continue;
      const { host, port, offset } = replica;
      text += `slave${index}:ip=${host},port=${port},state=online,offset=${offset},lag=0\r\n`;
      index++;
    }
    return text;
  }

  #replicationInfo({ host, port }: Upstream): string {
    this.#watchLink();
    const { now } = this.#network.clock;
    const lostSeconds =
      this.#linkLostAt === null ? -1 : Math.floor((now - this.#linkLostAt) / 1_000);
    return (
      `master_host:${host}\r\nmaster_port:${port}\r\n` +
      `master_link_status:${this.#isLinkUp ? "up" : "down"}\r\n` +
      (this.#isLinkUp ? "" : `master_link_down_since_seconds:${lostSeconds}\r\n`) +
      `slave_repl_offset:${this.offset}\r\nslave_priority:${this.priority}\r\n` +
      "replica_announced:1\r\n"
    );
  }
}
