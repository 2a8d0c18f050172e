import { EMPTY_SENTINEL_CONFIG, type MasterConfig } from "../../src/core/config.ts";
import { currentAddress } from "../../src/core/instance.ts";
import { type Random, seededRandom } from "../../src/core/random.ts";
import type { Master } from "../../src/core/state.ts";
import { SimClock } from "./clock.ts";
import { SimNetwork } from "./network.ts";
import { SimRedis } from "./redis.ts";
import { SimSentinel } from "./sentinel-process.ts";

export interface ClusterOptions {
  readonly seed?: number;
  readonly sentinels?: number;
  readonly replicas?: number;
  readonly quorum?: number;
  readonly downAfterMs?: number;
  readonly failoverTimeoutMs?: number;
  readonly parallelSyncs?: number;
}

export const MASTER_NAME = "mymaster";

/** One master, its replicas and their Sentinels on one virtual clock, all from one seed. */
export class SimCluster {
  readonly clock = new SimClock();
  readonly random: Random;
  readonly network: SimNetwork;
  readonly servers = new Map<string, SimRedis>();
  readonly sentinels: SimSentinel[] = [];

  constructor(options: ClusterOptions = {}) {
    const { seed = 1, sentinels = 3, replicas = 2 } = options;
    this.random = seededRandom(seed);
    this.network = new SimNetwork(this.clock, 1);
    for (let i = 0; i <= replicas; i++) this.#addServer(`10.0.0.${i + 1}`);
    const config = masterConfig(options, this.server(0));
    for (let i = 0; i < sentinels; i++) this.#addSentinel(`10.0.1.${i + 1}`, config);
  }

  #addServer(ip: string): void {
    const server = new SimRedis(this.network, this.random, this.servers, ip, 6379);
    server.follow(this.servers.size > 1 ? this.server(0) : null);
  }

  #addSentinel(ip: string, master: MasterConfig): void {
    const disk = { ...EMPTY_SENTINEL_CONFIG, masters: [master] };
    this.sentinels.push(new SimSentinel(this.network, this.random, ip, 26379, disk));
  }

  server(index: number): SimRedis {
    const server = [...this.servers.values()][index];
    if (!server) throw new Error(`no server ${index}`);
    return server;
  }

  sentinel(index: number): SimSentinel {
    const sentinel = this.sentinels[index];
    if (!sentinel) throw new Error(`no Sentinel ${index}`);
    return sentinel;
  }

  /** Starts every Sentinel and lets them find each other and the replicas. */
  settle(): void {
    for (const sentinel of this.sentinels) sentinel.start();
    this.#settled();
  }

  #settled(): void {
    const known = () =>
      this.sentinels.every((sentinel) => {
        const master = masterOf(sentinel);
        return (
          master.sentinels.size === this.sentinels.length - 1 &&
          master.replicas.size === this.servers.size - 1 &&
          [...master.replicas.values()].every(({ infoAt }) => infoAt !== null)
        );
      });
    if (!this.clock.advanceUntil(known, 60_000)) throw new Error("the cluster did not settle");
  }

  get running(): SimSentinel[] {
    return this.sentinels.filter(({ isRunning }) => isRunning);
  }

  /** Every running Sentinel names this server, and nothing is under way. */
  agreesOn(server: SimRedis): boolean {
    return this.running.every((sentinel) => {
      const master = masterOf(sentinel);
      const { ip, port } = currentAddress(master);
      return `${ip}:${port}` === server.address && master.failover === null;
    });
  }

  /** The running server that all agree on, after the failover ended everywhere. */
  awaitNewMaster(old: SimRedis, limitMs: number): SimRedis {
    const found = () =>
      [...this.servers.values()].find(
        (one) => one !== old && one.isRunning && one.role === "master" && this.agreesOn(one),
      );
    this.clock.advanceUntil(() => found() !== undefined, limitMs);
    const master = found();
    if (!master) throw new Error(`no agreed master after ${limitMs} ms:\n${this.timeline()}`);
    return master;
  }

  /** All events, one line each, for failure messages. */
  timeline(): string {
    return this.sentinels
      .flatMap(({ address, events }) => events.map((event) => ({ address, ...event })))
      .sort((a, b) => a.atMs - b.atMs)
      .map(({ atMs, address, name, payload }) => `${atMs} ${address} ${name} ${payload}`)
      .join("\n");
  }
}

function masterConfig(options: ClusterOptions, server: SimRedis): MasterConfig {
  return {
    name: MASTER_NAME,
    host: server.ip,
    port: server.port,
    quorum: options.quorum ?? 2,
    downAfterMs: options.downAfterMs ?? 2_000,
    failoverTimeoutMs: options.failoverTimeoutMs ?? 60_000,
    parallelSyncs: options.parallelSyncs ?? 1,
    notificationScript: null,
    clientReconfigScript: null,
    authPass: null,
    authUser: null,
    rebootDownAfterMs: 0,
    configEpoch: 0n,
    leaderEpoch: 0n,
    replicas: [],
    sentinels: [],
    renamedCommands: [],
  };
}

export function masterOf(sentinel: SimSentinel): Master {
  const master = sentinel.core.state.masters.get(MASTER_NAME);
  if (!master) throw new Error("the master is not monitored");
  return master;
}
