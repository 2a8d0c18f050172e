import { type Cluster, type ClusterOptions, knowsAll, newMaster } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import type { SentinelKind, SentinelNode } from "../support/sentinel-node.ts";

/** What was done to a cluster, known by who did it and not by any log. */
export interface Truth {
  readonly master?: string;
  readonly kind: string;
  readonly result: string;
  readonly from?: string;
  readonly to?: string;
  /** The config epoch that it ended in. */
  readonly epoch?: string;
}

/** One thing that happens to a cluster of real processes, whose logs are kept. */
export interface Incident {
  readonly kinds: readonly SentinelKind[];
  readonly options?: (kind: SentinelKind) => ClusterOptions;
  play(cluster: Cluster): Promise<readonly Truth[]>;
}

export async function ask(
  node: SentinelNode | undefined,
  ...words: readonly string[]
): Promise<void> {
  const reply = await node?.call("SENTINEL", ...words);
  if (reply instanceof Error) throw reply;
}

/** Every one of them says it. */
export async function sees(
  nodes: readonly (SentinelNode | undefined)[],
  channel: string,
  payload = /^/,
): Promise<void> {
  const waits = nodes.map((node) => node?.events.next(channel, { payload, timeoutMs: 40_000 }));
  await Promise.all(waits);
}

export async function some({ sentinels }: Cluster, channel: string): Promise<void> {
  const waits = sentinels.map(({ events }) => events.next(channel, { timeoutMs: 40_000 }));
  await Promise.any(waits);
  for (const wait of waits) wait.catch(() => undefined);
}

/** Waits for the switch away from `old`, and says what came of it. */
export async function switched(
  cluster: Cluster,
  kind: string,
  old = cluster.master,
): Promise<Truth> {
  const master: RedisNode = await newMaster(cluster, old, 60_000);
  const running = cluster.sentinels.filter((node) => node.running);
  // Who led it says so last.
  await sees(
    running,
    "+switch-master",
    RegExp(`^mymaster 127.0.0.1 ${old.port} 127.0.0.1 ${master.port}$`),
  );
  const row = await running[0]?.master();
  const epoch = row?.["config-epoch"] ?? "";
  return { kind, result: "done", from: old.address, to: master.address, epoch };
}

export async function priorities(cluster: Cluster, priority: string): Promise<void> {
  for (const node of cluster.redises.slice(1)) {
    await node.call("CONFIG", "SET", "replica-priority", priority);
  }
  await cluster.scene.until("priorities are seen", async () => {
    const all = await Promise.all(cluster.sentinels.map((node) => node.replicas()));
    return all.flat().every((row) => row["slave-priority"] === priority);
  });
}

export async function peersAre(cluster: Cluster, count: number): Promise<void> {
  await cluster.scene.until("the voters are known", async () => {
    const [node] = cluster.sentinels;
    return node !== undefined && knowsAll(node, { replicas: 2, peers: count });
  });
}

export async function filled({ master, redises, scene, sentinels }: Cluster): Promise<void> {
  for (let id = 0; id < 100; id++) await master.call("SET", `key:${id}`, "value");
  for (const node of redises.slice(1)) {
    await scene.until("replicas have it", async () => (await node.call("DBSIZE")) === 100);
  }
  for (const sentinel of sentinels) {
    await scene.until("Sentinels know of it", async () => {
      const cache = JSON.stringify(await sentinel.call("SENTINEL", "INFO-CACHE", "mymaster"));
      return cache.includes("db0:keys=100");
    });
  }
}
