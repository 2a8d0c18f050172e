import type { Reply } from "../../src/base/reply.ts";
import type { Random } from "../../src/core/random.ts";
import type { Happening, SimClock } from "./clock.ts";

/** A process with an address: it dials, or listens, or both. */
export interface SimProcess {
  readonly address: string;
  /** One that stands still reads what arrived when it goes on; see `SimNetwork.release`. */
  readonly isStopped: boolean;
}

/** What listens at an address: a simulated Redis server or Sentinel. */
export interface SimHost extends SimProcess {
  /** A dead process refuses connections. */
  isRunning: boolean;
  /** Answered by `SimNetwork.reply`, at once or later, with the same number. */
  receive(connection: SimConnection, request: number, args: readonly string[]): void;
  closed(connection: SimConnection): void;
}

/** The dialling side. It is told of a connection under the number that it gave it. */
export interface SimClient extends SimProcess {
  linkUp(connection: SimConnection): void;
  linkDown(connection: SimConnection, reason: string): void;
  hear(connection: SimConnection, request: number, reply: Reply): void;
  message(connection: SimConnection, channel: string, payload: string): void;
}

/** One direction of a connection: what was sent first arrives first. */
interface Way {
  /** Of the pair of places, in the table of cuts. */
  readonly pair: number;
  lastArrivalAt: number;
}

/** One TCP connection. */
export interface SimConnection {
  readonly client: SimClient;
  readonly id: number;
  /** Which life of the client dialled: a restarted process hears nothing of earlier ones. */
  readonly life: number;
  readonly host: SimHost | null;
  readonly there: Way;
  readonly back: Way;
  isOpen: boolean;
  /** The client closed it, and hears nothing of it any more. */
  isForgotten: boolean;
  /** Of a Redis server: what this client told it. */
  isSubscribed: boolean;
  queued: (readonly string[])[] | null;
  /** A command of its transaction was refused. */
  isAborted: boolean;
}

type Kind = "up" | "down" | "request" | "reply" | "message";

const MAX_PLACES = 256;

const NO_ARGS: readonly string[] = [];
const NO_REPLY: Reply = { type: "nil" };

/** A message under way. Records are used again once they have arrived. */
class Delivery implements Happening {
  readonly #network: SimNetwork;
  kind: Kind = "up";
  connection: SimConnection;
  request = 0;
  args = NO_ARGS;
  reply = NO_REPLY;
  /** Channel and payload, or the reason of an end. */
  channel = "";
  text = "";

  constructor(network: SimNetwork, connection: SimConnection) {
    this.#network = network;
    this.connection = connection;
  }

  happen(): void {
    this.#network.deliver(this);
  }
}

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
  readonly #places = new Map<string, number>();
  /** By pair of places: 1 if nothing gets from the first to the second. */
  readonly #cuts = new Uint8Array(MAX_PLACES * MAX_PLACES);
  #cutCount = 0;
  /** By place: what each message from or to it may take beside the usual. */
  readonly #delaysMs = new Uint16Array(MAX_PLACES);
  #slowCount = 0;
  /** When connections were last forgotten in silence; they are missed some time later. */
  forgottenAt = Number.NEGATIVE_INFINITY;
  /** When something was last cut or healed. */
  changedAt = 0;
  /** The same for each pair of places that ever was. */
  readonly #pairsChangedAt = new Map<number, number>();
  /** How long each pair that was healed last had been cut. */
  readonly #pairsCutMs = new Map<number, number>();
  readonly #connections = new Map<SimHost, Set<SimConnection>>();
  readonly #held = new Map<SimProcess, Delivery[]>();
  #delayed: Delivery[] = [];
  readonly #spare: Delivery[] = [];

  constructor(clock: SimClock, random: Random, maxLatencyMs: number) {
    this.clock = clock;
    this.#random = random;
    this.#maxLatencyMs = maxLatencyMs;
  }

  add(host: SimHost): void {
    this.#hosts.set(host.address, host);
    this.#connections.set(host, new Set());
  }

  remove(host: SimHost): void {
    this.#hosts.delete(host.address);
    this.#connections.delete(host);
  }

  #place(address: string): number {
    const known = this.#places.get(address);
    if (known !== undefined) return known;
    const place = this.#places.size;
    if (place >= MAX_PLACES) throw new Error("too many addresses");
    this.#places.set(address, place);
    return place;
  }

  #pair(from: string, to: string): number {
    return this.#place(from) * MAX_PLACES + this.#place(to);
  }

  /** Silence from one address to another; the other direction is not touched. */
  cutOneWay(from: string, to: string): void {
    const pair = this.#pair(from, to);
    this.changedAt = this.clock.now;
    if (this.#cuts[pair] === 1) return;
    this.#cutCount += 1;
    this.#cuts[pair] = 1;
    this.#pairsChangedAt.set(pair, this.clock.now);
  }

  cut(a: string, b: string): void {
    this.cutOneWay(a, b);
    this.cutOneWay(b, a);
  }

  heal(): void {
    for (const [pair, cutAt] of this.#pairsChangedAt) {
      if (this.#cuts[pair] !== 1) continue;
      this.#pairsCutMs.set(pair, this.clock.now - cutAt);
      this.#pairsChangedAt.set(pair, this.clock.now);
    }
    this.#cuts.fill(0);
    this.#cutCount = 0;
    this.#delaysMs.fill(0);
    this.#slowCount = 0;
    this.changedAt = this.clock.now;
    const delayed = this.#delayed;
    this.#delayed = [];
    for (const delivery of delayed) this.deliver(delivery);
  }

  /** All that it says, and is told, takes up to so much longer, until `heal`. */
  slowDown(address: string, delayMs: number): void {
    this.#delaysMs[this.#place(address)] = delayMs;
    this.#slowCount++;
    this.changedAt = this.clock.now;
  }

  isSlow(address: string): boolean {
    return this.#slowCount > 0 && this.#delaysMs[this.#place(address)] !== 0;
  }

  /** Connections that were open to a host are there no more, and neither side is told. */
  forgetConnections(address: string): void {
    this.forgottenAt = this.clock.now;
    const host = this.#hosts.get(address);
    for (const connection of (host && this.#connections.get(host)) ?? []) this.#close(connection);
  }

  /** Whether any way between these was cut or healed since. */
  isChangedAmong(those: readonly { readonly address: string }[], since: number): boolean {
    if (this.changedAt < since) return false;
    return those.some(({ address: from }) =>
      those.some(({ address: to }) => {
        const at = this.#pairsChangedAt.get(this.#pair(from, to));
        return at !== undefined && at >= since;
      }),
    );
  }

  /** For how long the way between two addresses was cut before it was healed last, in either direction. */
  wasCutMs(a: string, b: string): number {
    const there = this.#pairsCutMs.get(this.#pair(a, b)) ?? 0;
    return Math.max(there, this.#pairsCutMs.get(this.#pair(b, a)) ?? 0);
  }

  /** When the way between two addresses was last cut or healed; null: it never was. */
  changedBetween(a: string, b: string): number | null {
    const there = this.#pairsChangedAt.get(this.#pair(a, b));
    const back = this.#pairsChangedAt.get(this.#pair(b, a));
    if (there === undefined || back === undefined) return there ?? back ?? null;
    return Math.max(there, back);
  }

  get isWhole(): boolean {
    return this.#cutCount === 0 && this.#slowCount === 0;
  }

  /** Whether bytes from one address do not reach the other at present. */
  isCut(from: string, to: string): boolean {
    return this.#cutCount > 0 && this.#cuts[this.#pair(from, to)] === 1;
  }

  /** Whether two addresses can talk in both directions. */
  canTalk(a: string, b: string): boolean {
    return this.#cutCount === 0 || !(this.isCut(a, b) || this.isCut(b, a));
  }

  /** Dials; the client hears `linkUp`, `linkDown`, or nothing at all when the way is cut. */
  connect(client: SimClient, id: number, life: number, address: string): SimConnection | null {
    if (!this.canTalk(client.address, address)) return null;
    const host = this.#hosts.get(address);
    const connection: SimConnection = {
      client,
      id,
      life,
      host: host?.isRunning ? host : null,
      there: { pair: this.#pair(client.address, address), lastArrivalAt: 0 },
      back: { pair: this.#pair(address, client.address), lastArrivalAt: 0 },
      isOpen: host?.isRunning === true,
      isForgotten: false,
      isSubscribed: false,
      queued: null,
      isAborted: false,
    };
    if (connection.host) this.#connections.get(connection.host)?.add(connection);
    const news = this.#delivery(connection.host ? "up" : "down", connection);
    news.text = "connection refused";
    this.#carry(connection.back, news);
    return connection;
  }

  send(connection: SimConnection, request: number, args: readonly string[]): void {
    const delivery = this.#delivery("request", connection);
    delivery.request = request;
    delivery.args = args;
    this.#carry(connection.there, delivery);
  }

  reply(connection: SimConnection, request: number, reply: Reply): void {
    if (!connection.isOpen) return;
    const delivery = this.#delivery("reply", connection);
    delivery.request = request;
    delivery.reply = reply;
    this.#carry(connection.back, delivery);
  }

  push(connection: SimConnection, channel: string, payload: string): void {
    const delivery = this.#delivery("message", connection);
    delivery.channel = channel;
    delivery.text = payload;
    this.#carry(connection.back, delivery);
  }

  #delivery(kind: Kind, connection: SimConnection): Delivery {
    const delivery = this.#spare.pop() ?? new Delivery(this, connection);
    delivery.kind = kind;
    delivery.connection = connection;
    return delivery;
  }

  #carry(way: Way, delivery: Delivery): void {
    const { now } = this.clock;
    const delayMs = this.#slowCount === 0 ? 0 : this.#delayOf(way.pair);
    const latencyMs = 1 + this.#random.below(this.#maxLatencyMs) + delayMs;
    const at = Math.max(now + latencyMs, way.lastArrivalAt);
    way.lastArrivalAt = at;
    this.clock.plan(at - now, delivery);
  }

  #delayOf(pair: number): number {
    const from = this.#delaysMs[Math.floor(pair / MAX_PLACES)] ?? 0;
    const to = this.#delaysMs[pair % MAX_PLACES] ?? 0;
    return from + to === 0 ? 0 : this.#random.below(from + to);
  }

  /** Bytes over a cut way are sent again until it is healed; those to a stopped process wait. */
  deliver(delivery: Delivery): void {
    const { connection, kind } = delivery;
    const { there, back, host, client } = connection;
    const pair = kind === "request" ? there.pair : back.pair;
    if (this.#cutCount > 0 && this.#cuts[pair] === 1) {
      this.#delayed.push(delivery);
      return;
    }
    const receiver = kind === "request" ? host : client;
    if (receiver?.isStopped) this.#hold(receiver, delivery);
    else this.#arrive(delivery);
  }

  #arrive(delivery: Delivery): void {
    const { connection, kind, request, args, reply, channel, text } = delivery;
    this.#spare.push(delivery);
    const { client, host, isOpen } = connection;
    if (kind === "down") {
      if (!connection.isForgotten) client.linkDown(connection, text);
    } else if (!isOpen) return;
    else if (kind === "request") host?.receive(connection, request, args);
    else if (kind === "reply") client.hear(connection, request, reply);
    else if (kind === "message") client.message(connection, channel, text);
    else client.linkUp(connection);
  }

  /** Keeps what arrives at a stopped process until it goes on. */
  #hold(process: SimProcess, delivery: Delivery): void {
    const held = this.#held.get(process);
    if (held) held.push(delivery);
    else this.#held.set(process, [delivery]);
  }

  /** A process that goes on reads what arrived meanwhile before it does anything else. */
  release(process: SimProcess): void {
    const held = this.#held.get(process);
    if (!held) return;
    this.#held.delete(process);
    for (const delivery of held) this.#arrive(delivery);
  }

  /** Closed by the client: nothing more is heard of it. */
  closeQuietly(connection: SimConnection): void {
    connection.isForgotten = true;
    this.#close(connection);
  }

  /** Closed by the host: the client is told, unless the way to it is cut. */
  closeByHost(connection: SimConnection, reason: string): void {
    if (!connection.isOpen) return;
    this.#close(connection);
    const delivery = this.#delivery("down", connection);
    delivery.text = reason;
    this.#carry(connection.back, delivery);
  }

  closeAllByHost(
    host: SimHost,
    isMeant: (connection: SimConnection) => boolean,
    reason: string,
  ): void {
    for (const connection of this.#connections.get(host) ?? []) {
      if (isMeant(connection)) this.closeByHost(connection, reason);
    }
  }

  #close(connection: SimConnection): void {
    const { host, isOpen } = connection;
    if (!isOpen || !host) return;
    connection.isOpen = false;
    this.#connections.get(host)?.delete(connection);
    host.closed(connection);
  }

  /** The process died: the kernel resets whatever it had open. */
  kill(host: SimHost): void {
    host.isRunning = false;
    this.closeAllByHost(host, () => true, "connection reset");
  }
}
