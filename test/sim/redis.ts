import { bulk, error, integer, OK, type Reply } from "../../src/base/reply.ts";
import { HELLO_CHANNEL } from "../../src/core/defaults.ts";
import { type Random, randomRunId } from "../../src/core/random.ts";
import { SimDataset } from "./dataset.ts";
import type { SyncTerms } from "./full-sync.ts";
import type { SimConnection, SimHost, SimNetwork } from "./network.ts";
import { SimQuirks, type Upstream } from "./quirks.ts";
import {
  LOADING,
  NO_SUCH_COMMAND,
  PONG,
  READ_ONLY,
  SUBSCRIBED,
  WHILE_LOADING,
  WRITE,
} from "./redis-replies.ts";
import { ReplicaLink } from "./replica-link.ts";
import { transact } from "./transaction.ts";
import { WritePause } from "./write-pause.ts";

/**
 * A Redis server as far as a Sentinel and a writing client see it: PING, INFO, the hello channel,
 * SLAVEOF in a transaction, run ids, offsets, and the data that a full resync replaces.
 */
export class SimRedis extends SimQuirks implements SimHost {
  /** Where it listens at present, which it says to nobody in a cluster with names. */
  address: string;
  #isRunning = true;
  #isStopped = false;
  /** When it last died, started, stopped, went on, or closed connections. */
  changedAt = 0;
  /** The same without the connections. */
  livedAt = 0;
  runId: string;
  #upstream: Upstream | null = null;
  #master: SimRedis | undefined;
  readonly #followers = new Set<SimRedis>();
  priority = 100;
  readonly #dataset: SimDataset;
  /** As a replica it takes over what its master has once in so many rounds of replication. */
  lagRounds = 1;
  /** Called with each write that it takes. */
  onWrite: (id: number) => void = () => undefined;
  /** Called when a Sentinel made it a master. */
  onPromoted: () => void = () => undefined;
  /** Called when it came back without its files. */
  onEmptied: () => void = () => undefined;
  /** Called when it lacks what it held before. */
  onForgot: () => void = () => undefined;
  readonly #link = new ReplicaLink();
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
  readonly #pause: WritePause;
  /** Whom its file names as its master: what it follows after a restart. */
  #configured: Upstream | null = null;

  constructor(
    network: SimNetwork,
    random: Random,
    servers: Map<string, SimRedis>,
    { host, ip, port }: { host?: string; ip: string; port: number },
  ) {
    super();
    this.host = host ?? ip;
    this.ip = ip;
    this.port = port;
    this.address = `${ip}:${port}`;
    this.#network = network;
    this.#random = random;
    this.#servers = servers;
    this.runId = randomRunId(random);
    this.#dataset = new SimDataset(random);
    this.#pause = new WritePause(network);
    servers.set(`${this.host}:${port}`, this);
    network.add(this);
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  set isRunning(isRunning: boolean) {
    this.#isRunning = isRunning;
    this.changedAt = this.#network.clock.now;
    this.livedAt = this.changedAt;
  }

  /** A stopped process accepts connections, and answers when it goes on. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  set isStopped(isStopped: boolean) {
    if (isStopped === this.#isStopped) return;
    this.#isStopped = isStopped;
    this.changedAt = this.#network.clock.now;
    this.livedAt = this.changedAt;
    if (isStopped) return;
    this.#goOn();
    this.#network.release(this);
  }

  get upstream(): Upstream | null {
    return this.#upstream;
  }

  set upstream(upstream: Upstream | null) {
    if (this.#master) this.#master.#followers.delete(this);
    if (this.#upstream && !upstream) this.#dataset.rename();
    this.#link.change(this.#upstream !== null, upstream !== null, this.#network.clock.now);
    this.#upstream = upstream;
    this.#master = upstream ? this.#servers.get(`${upstream.host}:${upstream.port}`) : undefined;
    if (this.#master) this.#master.#followers.add(this);
  }

  /** Ids of the writes it holds, oldest first. */
  get data(): number[] {
    return this.#dataset.writes;
  }

  set data(writes: number[]) {
    this.#dataset.writes = writes;
  }

  get role(): "master" | "slave" {
    return this.upstream ? "slave" : "master";
  }

  get offset(): number {
    return this.#dataset.offset;
  }

  get master(): SimRedis | undefined {
    return this.#master;
  }

  /** When it lost its link to whichever master; null: it has one, or has had none since its start. */
  get linkLostAt(): number | null {
    return this.#link.isUp ? null : this.#link.lostAt;
  }

  /** It would obey at once if it were told to be a master. */
  get isReady(): boolean {
    const { sync } = this.#link;
    if (this.#isLoading || sync.isUnderWay || sync.isHollow) return false;
    const order = ["SLAVEOF", "NO", "ONE"];
    return this.refuse(order) === null && this.fail(order) === null;
  }

  /** It holds data, and under the name that a master has for it now. */
  isHeirOf(master: SimRedis): boolean {
    return this.offset > 1 && this.#dataset.isOf(master.#dataset);
  }

  /** What it holds is a beginning of what that one holds. */
  isBehind(other: SimRedis): boolean {
    return this.#dataset.mayGoOn(other.#dataset);
  }

  /** Data flows: both run and reach each other. */
  get isLinked(): boolean {
    const master = this.#master;
    if (!master?.isRunning || master.isStopped || !this.isRunning || this.isStopped) return false;
    return this.#network.canTalk(this.address, master.address);
  }

  #watchLink(): void {
    const master = this.#master;
    if (!master) return;
    const { now } = this.#network.clock;
    if (this.isLinked) return this.#link.hear(this.#dataset, master.#dataset, now);
    if (this.isStopped) return;
    const isReset = !master.isRunning && this.#network.canTalk(this.address, master.address);
    this.#link.miss(isReset, now);
  }

  follow(master: SimRedis | null): void {
    this.upstream = master && { host: master.host, port: master.port };
    this.#configured = this.#upstream;
  }

  /** How its full syncs go from now on. */
  set syncTerms(terms: SyncTerms) {
    this.#link.sync.terms = terms;
  }

  /** The connection to its master is reset, maybe in the middle of a transfer. */
  loseLink(): void {
    this.#link.lose(this.#network.clock.now);
  }

  /** It takes writes: it runs, is a master, and neither loads its data nor holds writes back. */
  get isServing(): boolean {
    const isAwake = this.isRunning && !this.isStopped && this.endsAt === null;
    return isAwake && !this.upstream && !this.#isLoading && !this.#pause.isOn && !this.isFenced;
  }

  /** A client's write; false if this server does not take it. */
  write(id: number): boolean {
    if (!this.isServing || this.#linkedReplicas < this.minReplicas) return false;
    this.data.push(id);
    this.onWrite(id);
    return true;
  }

  /** A round of replication, by number. */
  replicate(round: number): void {
    if (this.isRunning && !this.isStopped) this.failover.look(this, this.#network.clock.now);
    if (!this.#master || !this.isRunning) return;
    this.#watchLink();
    if (round % this.lagRounds === 0) this.#takeOver();
  }

  /** Replicas take over what their master has, as long as they are linked. */
  #takeOver(): void {
    const master = this.#master;
    if (!master || !this.isLinked || master.#link.sync.isUnderWay) return;
    this.#link.takeOver(this.#dataset, master.#dataset, this.#network.clock.now);
  }

  get #linkedReplicas(): number {
    let count = 0;
    for (const one of this.#followers) if (one.#link.isUp && one.isLinked) count++;
    return count;
  }

  /** Starts again with what it held, and as what its file says: it may have been told otherwise since. */
  restart(): void {
    this.isRunning = true;
    this.isStopped = false;
    this.#pause.forget();
    this.failover.forget();
    this.forgetSettings();
    this.runId = randomRunId(this.#random);
    this.#link.restart();
    this.#dataset.reload();
    if (this.#configured !== this.#upstream) this.upstream = this.#configured;
    if (!this.#upstream) this.#dataset.rename();
  }

  /** Starts again as an image without its files does: as a master, and with nothing. */
  restartEmpty(): void {
    this.restart();
    this.follow(null);
    this.#dataset.empty();
    this.onEmptied();
  }

  /** A dead one comes back elsewhere; whoever knows its name must look it up. */
  moveTo(ip: string): void {
    this.#network.remove(this);
    this.ip = ip;
    this.address = `${ip}:${this.port}`;
    this.#network.add(this);
  }

  /** Starts again from a file that lacks the last writes. */
  restartOlder(count: number): void {
    this.#dataset.forgetLast(count);
    this.restart();
    this.onForgot();
  }

  /** As CLIENT PAUSE ms WRITE; 0: as CLIENT UNPAUSE. */
  pauseWrites(spanMs: number): void {
    this.#pause.begin(spanMs, () => this.#goOn());
  }

  #goOn(): void {
    if (this.#pause.isOn || this.isStopped) return;
    this.#pause.release((connection, request, args) => this.receive(connection, request, args));
  }

  receive(connection: SimConnection, request: number, args: readonly string[]): void {
    const isWrite = args[0] === "PUBLISH" || args[0] === WRITE;
    if (this.#pause.holds(connection, request, args, isWrite)) return;
    this.#handle(connection, request, args);
  }

  #handle(connection: SimConnection, request: number, args: readonly string[]): void {
    const isBarred = this.#isLoading && !WHILE_LOADING.has(args[0] ?? "");
    const refusal = isBarred ? LOADING : this.refuse(args);
    const isSlow = args[0] === "INFO" && this.infoTakesMs > 0 && !connection.queued;
    const reply = transact(connection, args, refusal, (one) => this.#execute(connection, one));
    const answer = () => this.#network.reply(connection, request, reply);
    if (!isSlow) return answer();
    this.#network.clock.after(this.infoTakesMs, answer);
  }

  closed(connection: SimConnection): void {
    this.#subscribers.delete(connection);
    this.#pause.closed(connection);
  }

  /** The core writes command names in capitals. */
  #execute(connection: SimConnection, args: readonly string[]): Reply {
    const failure = this.fail(args);
    if (failure) return failure;
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
        if (args[1]?.endsWith("PAUSE")) this.pauseWrites(Number(args[2] ?? 0));
        return OK;
      case WRITE:
        return this.write(Number(args[2])) ? OK : READ_ONLY;
      case "FAILOVER":
        return this.failover.order(this, args, this.#followers, this.#network.clock.now);
      case "AUTH":
        return OK;
      case "CONFIG":
        if (args[1] === "REWRITE") this.#configured = this.#upstream;
        return this.config(args);
      default:
        return NO_SUCH_COMMAND;
    }
  }

  #slaveof(host: string, port: string): Reply {
    if (this.failover.isOn) return error("ERR REPLICAOF not allowed while failing over.");
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
      if (replica.#link.sync.isUnderWay) continue;
      receivers += replica.#publish(payload, message);
    }
    return receivers;
  }

  #info(): string {
    let text = `run_id:${this.runId}\r\nrole:${this.role}\r\n${this.failover.info}`;
    if (this.#isLoading) text = `loading:1\r\n${text}`;
    text += this.endInfo(this.#network.clock.now, this.data.length);
    if (this.#upstream) {
      this.#watchLink();
      const { now } = this.#network.clock;
      text += this.#link.infoOfReplica(this, this.shownMaster ?? this.#upstream, now);
    }
    if (this.tellsHistory) text += this.#dataset.info();
    let index = 0;
    for (const replica of this.#followers) {
      if (!replica.isRunning || !(replica.#link.isUp || replica.#link.sync.isUnderWay)) continue;
      const { host, port, offset } = replica;
      text += `slave${index}:ip=${host},port=${port},state=online,offset=${offset},lag=0\r\n`;
      index++;
    }
    return text;
  }

  get #isLoading(): boolean {
    const { now } = this.#network.clock;
    return now < (this.loadingUntil ?? now) || this.#link.sync.isLoading(now);
  }
}
