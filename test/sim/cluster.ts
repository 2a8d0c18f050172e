import { type Random, randomRunId, seededRandom } from "../../src/core/random.ts";
import { currentAddress } from "../../src/core/records.ts";
import type { Master } from "../../src/core/state.ts";
import { OWN_EVENT_LOOP } from "../../src/core/tell.ts";
import { CSentinel } from "./c-model/c-sentinel.ts";
import { currentAddress as cAddress } from "./c-model/records.ts";
import { SimClock } from "./clock.ts";
import { SimNames } from "./names.ts";
import { SimNetwork } from "./network.ts";
import { SimRedis } from "./redis.ts";
import { SimSentinel } from "./sentinel-process.ts";

export interface ClusterOptions {
  readonly seed: number;
  readonly sentinels: number;
  /** Beside them, Sentinels that keep to the rules of the C program. Not with names. */
  readonly cSentinels: number;
  /** Masters that the Sentinels share, each with this many replicas. */
  readonly masters: number;
  readonly replicas: number;
  readonly quorum: number;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
  readonly parallelSyncs: number;
  readonly maxLatencyMs: number;
  /** Servers are known by host names, which may change their address. */
  readonly names: boolean;
  /** The first master is watched under a second name as well. */
  readonly hasAlias: boolean;
  /** Some replicas receive writes late; see `SimRedis.lagRounds`. */
  readonly lag: boolean;
  /** The servers are so old that they tell nothing of histories. */
  readonly old: boolean;
  /** Clocks of the Sentinels' hosts run up to this share fast or slow. */
  readonly drift: number;
}

export const DEFAULT_CLUSTER: ClusterOptions = {
  seed: 1,
  sentinels: 3,
  cSentinels: 0,
  masters: 1,
  replicas: 2,
  quorum: 2,
  downAfterMs: 2_000,
  failoverTimeoutMs: 60_000,
  parallelSyncs: 1,
  maxLatencyMs: 1,
  names: false,
  hasAlias: false,
  lag: false,
  old: false,
  drift: 0,
};

/** In rounds of replication: none, a fifth of a second, two seconds. */
export const LAG_ROUNDS = [1, 4, 40] as const;

const NAMES_LINES = "sentinel resolve-hostnames yes\nsentinel announce-hostnames yes\n";

export const MASTER_NAME = "mymaster";
const ALIAS_NAME = "alias";
/** A round of replication; see `SimRedis.lagRounds`. */
const REPLICATION_PERIOD_MS = 50;
/** How often a condition of the whole cluster is looked at. */
const POLL_MS = 50;

/** One master with its replicas, and the name under which the Sentinels watch it. */
export interface SimGroup {
  readonly name: string;
  readonly servers: readonly SimRedis[];
  /** A second name for the servers of another group. */
  readonly isAlias: boolean;
}

/** Masters, replicas and their Sentinels on one virtual clock, all from one seed. */
export class SimCluster {
  readonly options: ClusterOptions;
  readonly clock = new SimClock();
  readonly random: Random;
  readonly network: SimNetwork;
  readonly names: SimNames;
  /** By host and port. */
  readonly servers = new Map<string, SimRedis>();
  readonly groups: SimGroup[];
  readonly sentinels: SimSentinel[];
  /** Called with each Sentinel that joins later. */
  readonly onJoined: ((sentinel: SimSentinel) => void)[] = [];
  /** Sentinels that were not there from the beginning, whatever became of them. */
  joined = 0;
  /** A copy of one of them with its file and its id, and the one that was copied. */
  twins: readonly [SimSentinel, SimSentinel] | null = null;
  /** Those who had a copy once: they neither vote nor stand for a while after its end. */
  readonly copied = new Set<SimSentinel>();
  /** Copies that are no more: the votes that they gave stay given. */
  readonly removed: SimSentinel[] = [];
  /** When the last of them was taken away. */
  removedAt = Number.NEGATIVE_INFINITY;
  /** When an operator let all servers take writes again. */
  unpausedAt = Number.NEGATIVE_INFINITY;
  /** Faults that wait for their moment still come. */
  isUnderFire = true;
  readonly cSentinels: readonly CSentinel[];

  constructor(options: Partial<ClusterOptions> = {}) {
    this.options = { ...DEFAULT_CLUSTER, ...options };
    this.random = seededRandom(this.options.seed);
    this.network = new SimNetwork(this.clock, this.random, this.options.maxLatencyMs);
    this.names = new SimNames(this.clock, this.random);
    this.groups = range(this.options.masters).map((index) => this.#createGroup(index));
    const [first] = this.groups;
    if (this.options.hasAlias && first) {
      this.groups.push({ ...first, name: ALIAS_NAME, isAlias: true });
    }
    this.sentinels = range(this.options.sentinels).map((index) => this.#createSentinel(index));
    this.cSentinels = range(this.options.cSentinels).map((index) => this.#createCSentinel(index));
    this.#replicateForEver();
  }

  #createGroup(group: number): SimGroup {
    const servers = range(this.options.replicas + 1).map((index) => {
      const ip = `10.${group}.0.${index + 1}`;
      const host = this.options.names ? `redis-${group}-${index}` : ip;
      this.names.add(host, ip);
      const where = { host, ip, port: 6379 };
      const server = new SimRedis(this.network, this.random, this.servers, where);
      server.tellsHistory = !this.options.old;
      server.isOld = this.options.old;
      if (this.options.lag) server.lagRounds = LAG_ROUNDS[this.random.below(3)] ?? 1;
      return server;
    });
    for (const replica of servers.slice(1)) {
      replica.follow(servers[0] ?? null);
      replica.replicate(0);
    }
    return { name: group === 0 ? MASTER_NAME : `${MASTER_NAME}-${group}`, servers, isAlias: false };
  }

  #createSentinel(index: number, copiedText?: string): SimSentinel {
    const where = { ip: `10.99.0.${index + 1}`, port: 26379 };
    const spread = (this.random.below(2_001) - 1_000) / 1_000;
    const drift = { rate: 1 + this.options.drift * spread, offsetMs: this.random.below(100_000) };
    const masters = this.groups.map((group) => this.#monitorLines(group)).join("");
    const text = copiedText ?? (this.options.names ? NAMES_LINES : "") + masters;
    const { network, names, random } = this;
    // Some pass for C Sentinels, which are told of a new master at another time.
    const infoText = random.below(3) === 0 ? "" : `multiplexing_api:${OWN_EVENT_LOOP}`;
    return new SimSentinel({ network, names, random, ...where, text, drift, infoText });
  }

  /** One more, with a file of its own or the copy of another's; it runs from now on. */
  join(copiedText?: string): SimSentinel {
    const { sentinels, cSentinels } = this.options;
    const sentinel = this.#createSentinel(sentinels + cSentinels + this.joined++, copiedText);
    this.sentinels.push(sentinel);
    for (const hear of this.onJoined) hear(sentinel);
    sentinel.start();
    return sentinel;
  }

  /** It came later, and has not heard of all others yet: what it takes for a majority is none. */
  isNew({ core, label }: SimSentinel): boolean {
    const ids = new Set(this.allSentinels.map((one) => idOf(one)));
    const { sentinels, cSentinels } = this.options;
    const isFromTheBeginning = Number(label.split(/[.:]/)[3]) <= sentinels + cSentinels;
    if (isFromTheBeginning) return false;
    return [...core.state.masters.values()].some((master) => master.sentinels.size + 1 < ids.size);
  }

  /** For good. */
  remove(sentinel: SimSentinel): void {
    if (sentinel.isRunning) sentinel.crash();
    this.sentinels.splice(this.sentinels.indexOf(sentinel), 1);
    this.removed.push(sentinel);
    this.removedAt = this.clock.now;
  }

  #createCSentinel(index: number): CSentinel {
    const { quorum, downAfterMs, failoverTimeoutMs, parallelSyncs } = this.options;
    const { network, random, options } = this;
    const masters = this.groups.map(({ name, servers }) => ({
      name,
      address: { ip: servers[0]?.ip ?? "", port: servers[0]?.port ?? 0 },
      ...{ quorum, downAfterMs, failoverTimeoutMs, parallelSyncs },
      ...{ configEpoch: 0n, leaderEpoch: 0n, replicas: [], peers: [] },
    }));
    const file = { myId: randomRunId(random), currentEpoch: 0n, masters };
    const where = { ip: `10.99.0.${options.sentinels + index + 1}`, port: 26379 };
    return new CSentinel({ network, random, where, file });
  }

  #monitorLines({ name, servers }: SimGroup): string {
    const { quorum, downAfterMs, failoverTimeoutMs, parallelSyncs } = this.options;
    return [
      `monitor ${name} ${servers[0]?.host} ${servers[0]?.port} ${quorum}`,
      `down-after-milliseconds ${name} ${downAfterMs}`,
      `failover-timeout ${name} ${failoverTimeoutMs}`,
      `parallel-syncs ${name} ${parallelSyncs}`,
    ]
      .map((line) => `sentinel ${line}\n`)
      .join("");
  }

  #replicateForEver(): void {
    const servers = [...this.servers.values()];
    let number = 0;
    const round = {
      happen: () => {
        number++;
        for (const server of servers) server.replicate(number);
        this.clock.plan(REPLICATION_PERIOD_MS, round);
      },
    };
    this.clock.plan(REPLICATION_PERIOD_MS, round);
  }

  server(index: number, group = 0): SimRedis {
    const server = this.groups[group]?.servers[index];
    if (!server) throw new Error(`no server ${index} in group ${group}`);
    return server;
  }

  sentinel(index: number): SimSentinel {
    const sentinel = this.sentinels[index];
    if (!sentinel) throw new Error(`no Sentinel ${index}`);
    return sentinel;
  }

  get running(): SimSentinel[] {
    return this.sentinels.filter(({ isRunning }) => isRunning);
  }

  /** Of both kinds. */
  get allSentinels(): readonly (SimSentinel | CSentinel)[] {
    return [...this.sentinels, ...this.cSentinels];
  }

  /** Starts every Sentinel and lets them find each other and the replicas. */
  settle(): void {
    for (const sentinel of this.allSentinels) sentinel.start();
    if (!this.clock.pollUntil(() => this.isDiscovered(), POLL_MS, 60_000)) {
      throw new Error(`the cluster did not settle:\n${this.timeline()}`);
    }
  }

  /** Every Sentinel knows every other and every replica, with their INFO. */
  isDiscovered(): boolean {
    const others = this.allSentinels.length - 1;
    return this.groups.every(
      ({ name, servers }) =>
        this.sentinels.every((sentinel) => {
          const master = sentinel.core.state.masters.get(name);
          if (master?.sentinels.size !== others) return false;
          if (master.replicas.size !== servers.length - 1) return false;
          return [...master.replicas.values()].every(({ infoAt }) => infoAt !== null);
        }) &&
        this.cSentinels.every(({ state }) => {
          const master = state.masters.get(name);
          return master?.peers.size === others && master.replicas.size === servers.length - 1;
        }),
    );
  }

  /** Every running Sentinel names this server, and nothing is under way. */
  agreesOn(server: SimRedis, called?: string): boolean {
    const ofServer = this.groups.find(({ servers }) => servers.includes(server));
    const name = called ?? ofServer?.name ?? "";
    const isNamed = ({ state }: CSentinel) => {
      const master = state.masters.get(name);
      return master?.step === "none" && master.address.ip === server.ip;
    };
    if (!this.cSentinels.every((one) => !one.isRunning || isNamed(one))) return false;
    return this.running.every((sentinel) => {
      const master = sentinel.core.state.masters.get(name);
      // What it concluded but has not saved is not said yet.
      if (!master || master.failover || sentinel.core.state.unsaved) return false;
      return isAt(server, currentAddress(master));
    });
  }

  /** Whether the running Sentinels name one address, whatever it is. */
  agreesOnSome(name: string): boolean {
    const named = this.running.map((sentinel) => currentAddress(masterOf(sentinel, name)).host);
    const byC = this.cSentinels.flatMap(({ isRunning, state }) => {
      const master = isRunning && state.masters.get(name);
      return master ? cAddress(master).ip : [];
    });
    return new Set([...named, ...byC]).size === 1;
  }

  /** The running server that all agree on, after the failover ended everywhere. */
  awaitNewMaster(old: SimRedis, limitMs: number): SimRedis {
    const group = this.groups.find(({ servers }) => servers.includes(old));
    const found = () =>
      group?.servers.find(
        (one) => one !== old && one.isRunning && one.role === "master" && this.agreesOn(one),
      );
    this.clock.advanceUntil(() => found() !== undefined, limitMs);
    const master = found();
    if (!master) throw new Error(`no agreed master after ${limitMs} ms:\n${this.timeline()}`);
    return master;
  }

  /** All events, one line each, for failure messages. */
  timeline(): string {
    return this.allSentinels
      .flatMap(({ address, events }) => events.map((event) => ({ address, ...event })))
      .sort((a, b) => a.atMs - b.atMs)
      .map(({ atMs, address, name, payload }) => `${atMs} ${address} ${name} ${payload}`)
      .join("\n");
  }
}

export function idOf(sentinel: SimSentinel | CSentinel): string {
  return sentinel instanceof SimSentinel ? sentinel.core.state.myId : sentinel.state.myId;
}

/** In a cluster with names all know a server by its name, so that an address never stands for it. */
export function isAt(server: SimRedis, { host, port }: { host: string; port: number }): boolean {
  return host === server.host && port === server.port;
}

export function masterOf(sentinel: SimSentinel, name = MASTER_NAME): Master {
  const master = sentinel.core.state.masters.get(name);
  if (!master) throw new Error(`${name} is not monitored`);
  return master;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
