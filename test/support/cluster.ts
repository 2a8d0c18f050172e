import type { RedisNode, RedisOptions } from "./redis-node.ts";
import type { Scene } from "./scene.ts";
import type { Place, SentinelKind, SentinelNode } from "./sentinel-node.ts";
import type { Credentials } from "./server-node.ts";

export interface ClusterOptions {
  readonly replicas?: number;
  readonly sentinels?: readonly SentinelKind[];
  readonly quorum?: number;
  readonly downAfterMs?: number;
  readonly failoverTimeoutMs?: number;
  readonly redis?: Omit<RedisOptions, "master">;
  readonly sentinelCredentials?: Credentials;
  readonly sentinelTls?: boolean;
  /** Environment of the Sentinels. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of each, by its index. */
  readonly sentinelEnv?: (index: number) => Readonly<Record<string, string>>;
  readonly sentinelPlace?: Place;
  readonly sentinelCommandLine?: string;
  /** An executable of ours in place of the one under test. */
  readonly program?: string;
  /** More lines of a Sentinel's file, by its index. */
  readonly sentinelConfig?: (index: number, master: RedisNode) => readonly string[];
}

/** One master with replicas, watched by some Sentinels as `mymaster`. */
export interface Cluster {
  readonly scene: Scene;
  readonly master: RedisNode;
  readonly redises: readonly RedisNode[];
  readonly sentinels: readonly SentinelNode[];
}

export async function startCluster(scene: Scene, options: ClusterOptions = {}): Promise<Cluster> {
  const { replicas = 2, sentinels: kinds = ["ours", "ours", "ours"], redis = {} } = options;
  const master = await scene.redis(redis);
  const copies = Array.from({ length: replicas }, () => scene.redis({ ...redis, master }));
  const redises = [master, ...(await Promise.all(copies))];
  const { sentinelCredentials: credentials = {}, sentinelTls: tls = false, env = {} } = options;
  const { sentinelPlace: place, sentinelCommandLine: commandLine, program } = options;
  const how = {
    ...(place && { place }),
    ...(commandLine && { commandLine }),
    ...(program && { program }),
  };
  const started = kinds.map((kind, index) => {
    const config = sentinelConfig(master, index, options);
    const ownEnv = { ...env, ...options.sentinelEnv?.(index) };
    return scene.sentinel({ kind, credentials, tls, env: ownEnv, config, ...how });
  });
  const cluster = { scene, master, redises, sentinels: await Promise.all(started) };
  await settled(cluster);
  return cluster;
}

/**
 * After a switch a C Sentinel may wait a whole ping period, one second, before it connects to the
 * new master, and counts the time as silence. With down-after 1000 it then sees the new master
 * down, and with its peers' answers about the old one in mind it fails over a second time.
 */
function quietDownAfterMs(kinds: readonly SentinelKind[]): number {
  return kinds.includes("c") ? 2000 : 1000;
}

function sentinelConfig(
  master: RedisNode,
  index: number,
  options: ClusterOptions,
): readonly string[] {
  const { quorum = 2, failoverTimeoutMs = 10_000, sentinels = [] } = options;
  const { downAfterMs = quietDownAfterMs(sentinels) } = options;
  return [
    `sentinel monitor mymaster 127.0.0.1 ${master.port} ${quorum}`,
    `sentinel down-after-milliseconds mymaster ${downAfterMs}`,
    `sentinel failover-timeout mymaster ${failoverTimeoutMs}`,
    "sentinel parallel-syncs mymaster 2",
    ...(options.sentinelConfig?.(index, master) ?? []),
  ];
}

/** Every Sentinel knows every replica in sync and has working links to every other Sentinel. */
export async function settled(cluster: Cluster): Promise<void> {
  const { scene, redises, sentinels } = cluster;
  const count = { replicas: redises.length - 1, peers: sentinels.length - 1 };
  for (const sentinel of sentinels.filter((node) => node.running)) {
    await scene.until(`${sentinel.name} knows all others`, () => knowsAll(sentinel, count));
  }
}

/** So many replicas of a master, all in sync, and so many other Sentinels, all reachable. */
export async function knowsAll(
  sentinel: SentinelNode,
  count: { readonly replicas: number; readonly peers: number },
  master = "mymaster",
): Promise<boolean> {
  const replicas = await sentinel.replicas(master);
  const peers = await sentinel.sentinels(master);
  return (
    replicas.length === count.replicas &&
    replicas.every((row) => row.flags === "slave" && row["master-link-status"] === "ok") &&
    peers.length === count.peers &&
    peers.every((row) => row.flags === "sentinel")
  );
}

/** After a failover: the one new master that all running Sentinels name with one config epoch. */
export async function newMaster(
  cluster: Cluster,
  old: RedisNode,
  timeoutMs = 30_000,
): Promise<RedisNode> {
  const { scene, redises, sentinels } = cluster;
  const running = sentinels.filter((node) => node.running);
  return await scene.until(
    "all Sentinels name one new master",
    async () => {
      const views = await Promise.all(running.map(viewOf));
      const [view] = views;
      if (view === undefined || new Set(views).size !== 1) return undefined;
      return redises.find((node) => node !== old && view.startsWith(`${node.address} `));
    },
    timeoutMs,
  );
}

/** Address and config epoch. */
async function viewOf(sentinel: SentinelNode): Promise<string> {
  const row = await sentinel.master();
  return `${await sentinel.masterAddress()} ${row["config-epoch"]}`;
}

/** Exactly one running redis-server is a master, and all others replicate from it. */
export async function onlyMaster(
  cluster: Cluster,
  master: RedisNode,
  timeoutMs = 30_000,
): Promise<void> {
  const running = cluster.redises.filter((node) => node.running);
  await cluster.scene.until(
    `${master.address} is the only master`,
    async () => {
      if ((await master.role()) !== "master") return false;
      const others = running.filter((node) => node !== master);
      const following = await Promise.all(others.map((node) => node.isReplicaOf(master)));
      return following.every(Boolean);
    },
    timeoutMs,
  );
}
