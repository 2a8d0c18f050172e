import type { Cluster, ClusterOptions } from "../support/cluster.ts";
import { knowsAll, newMaster, onlyMaster } from "../support/cluster.ts";
import type { RedisNode } from "../support/redis-node.ts";
import type { SentinelKind, SentinelNode } from "../support/sentinel-node.ts";
import { SplitVoter } from "../support/split-voter.ts";

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

const BOTH = ["c", "ours"] as const;
const OURS = ["ours"] as const;

/** A Sentinel that does not ask the others, and is elected by a majority all the same. */
const ALONE: ClusterOptions = { quorum: 1, failoverTimeoutMs: 3_000 };

export const INCIDENTS: Readonly<Record<string, Incident>> = {
  kill: {
    kinds: BOTH,
    async play(cluster) {
      await cluster.master.kill();
      const truth = await switched(cluster, "down");
      await cluster.master.restart();
      await some(cluster, "+convert-to-slave");
      return [truth];
    },
  },
  // The forms of Valkey.
  forms: {
    kinds: OURS,
    options: () => ({
      sentinelConfig: (index) => [
        ...(index === 0 ? ["log-format logfmt"] : []),
        `log-timestamp-format ${index === 1 ? "milliseconds" : "iso8601"}`,
      ],
    }),
    async play(cluster) {
      await cluster.master.kill();
      return [await switched(cluster, "down")];
    },
  },
  json: {
    kinds: OURS,
    options: () => ({ env: { REDIS_SENTINEL_TS_LOG_FORMAT: "json" } }),
    async play(cluster) {
      await cluster.master.kill();
      return [await switched(cluster, "down")];
    },
  },
  hang: {
    kinds: BOTH,
    async play(cluster) {
      cluster.master.freeze();
      const truth = await switched(cluster, "down");
      cluster.master.thaw();
      await some(cluster, "+convert-to-slave");
      return [truth];
    },
  },
  "forced-twice": {
    kinds: BOTH,
    async play(cluster) {
      const [first, second] = cluster.sentinels;
      await ask(first, "FAILOVER", "mymaster");
      const one = await switched(cluster, "forced");
      const between = await newMaster(cluster, cluster.master);
      await onlyMaster(cluster, between);
      await cluster.scene.until("the second Sentinel knows all", () => {
        return second !== undefined && knowsAll(second, { replicas: 2, peers: 2 });
      });
      await ask(second, "FAILOVER", "mymaster");
      const two = await switched(cluster, "forced", between);
      return [one, two];
    },
  },
  "no-good-slave": {
    kinds: BOTH,
    options: () => ({ failoverTimeoutMs: 3_000 }),
    async play(cluster) {
      const from = cluster.master.address;
      await priorities(cluster, "0");
      cluster.master.freeze();
      await some(cluster, "-failover-abort-no-good-slave");
      // The next attempt finds one.
      await priorities(cluster, "100");
      const truth = await switched(cluster, "down");
      cluster.master.thaw();
      await some(cluster, "+convert-to-slave");
      return [{ kind: "down", result: "no-good-slave", from }, truth];
    },
  },
  "not-elected": {
    kinds: BOTH,
    options: () => ALONE,
    async play(cluster) {
      const [alone, ...others] = cluster.sentinels;
      for (const other of others) other.freeze();
      cluster.master.freeze();
      await sees([alone], "-failover-abort-not-elected");
      cluster.master.thaw();
      await sees([alone], "-sdown");
      for (const other of others) other.thaw();
      const from = cluster.master.address;
      return [{ kind: "down", result: "not-elected", from }];
    },
  },
  "split-vote": {
    kinds: BOTH,
    options: (kind) => ({ ...ALONE, sentinels: [kind] }),
    async play(cluster) {
      const from = cluster.master.address;
      const ids = ["a".repeat(40), "b".repeat(40)];
      const voters = await Promise.all(ids.map((id) => SplitVoter.listen(id, 1)));
      const hellos = voters.map((voter) => voter.hello("mymaster", cluster.master.port));
      for (const hello of hellos) await cluster.master.call("PUBLISH", "__sentinel__:hello", hello);
      await sees(cluster.sentinels, "+sentinel");
      await peersAre(cluster, 2);
      await cluster.master.kill();
      await sees(cluster.sentinels, "-failover-abort-not-elected");
      const truth = await switched(cluster, "down");
      for (const voter of voters) voter.close();
      return [{ kind: "down", result: "not-elected", from, epoch: "1" }, truth];
    },
  },
  "slave-timeout": {
    kinds: ["c"],
    options: () => ({
      failoverTimeoutMs: 3_000,
      redis: { config: ['rename-command SLAVEOF ""', 'rename-command REPLICAOF ""'] },
    }),
    async play(cluster) {
      const from = cluster.master.address;
      cluster.master.freeze();
      await some(cluster, "-failover-abort-slave-timeout");
      cluster.master.thaw();
      await sees(cluster.sentinels, "-sdown");
      return [{ kind: "down", result: "slave-timeout", from }];
    },
  },
  refused: {
    kinds: OURS,
    options: () => ({
      failoverTimeoutMs: 3_000,
      redis: { config: ['rename-command SLAVEOF ""', 'rename-command REPLICAOF ""'] },
    }),
    async play(cluster) {
      const from = cluster.master.address;
      cluster.master.freeze();
      await some(cluster, "-failover-abort-no-good-slave");
      cluster.master.thaw();
      await sees(cluster.sentinels, "-sdown");
      return [{ kind: "down", result: "no-good-slave", from }];
    },
  },
  "no-quorum": {
    kinds: BOTH,
    options: () => ({ quorum: 3 }),
    async play(cluster) {
      const [first, second, third] = cluster.sentinels;
      third?.freeze();
      cluster.master.freeze();
      await sees([first, second], "+sdown", /^master/);
      cluster.master.thaw();
      await sees([first, second], "-sdown", /^master/);
      third?.thaw();
      return [{ kind: "outage", result: "ended", from: cluster.master.address }];
    },
  },
  tilt: {
    kinds: BOTH,
    // Longer than what makes a Sentinel doubt its clock.
    options: () => ({ downAfterMs: 4_000 }),
    async play(cluster) {
      const [first] = cluster.sentinels;
      first?.freeze();
      await cluster.sentinels[1]?.events.next("+sdown", { payload: /^sentinel/ });
      first?.thaw();
      await first?.events.next("-tilt", { timeoutMs: 60_000 });
      return [{ kind: "tilt", result: "ended" }];
    },
  },
  restart: {
    kinds: BOTH,
    options: () => ({ ...ALONE, failoverTimeoutMs: 10_000 }),
    async play(cluster) {
      const [alone, ...others] = cluster.sentinels;
      const from = cluster.master.address;
      for (const other of others) other.freeze();
      await cluster.master.kill();
      await sees([alone], "+try-failover");
      await alone?.kill();
      for (const other of others) other.thaw();
      await alone?.restart();
      return [{ kind: "down", result: "restarted", from }, await switched(cluster, "down")];
    },
  },
  "two-masters": {
    kinds: BOTH,
    async play(cluster) {
      const { scene, sentinels, master } = cluster;
      const other = await scene.redis();
      const replica = await scene.redis({ master: other });
      for (const node of sentinels) {
        await ask(node, "MONITOR", "other", "127.0.0.1", `${other.port}`, "2");
        await ask(node, "SET", "other", "down-after-milliseconds", "2000");
      }
      await scene.until("the other one is known", async () => {
        const known = await Promise.all(
          sentinels.map((node) => knowsAll(node, { replicas: 1, peers: 2 }, "other")),
        );
        return known.every(Boolean);
      });
      await Promise.all([master.kill(), other.kill()]);
      await sees(sentinels, "+switch-master", /^other /);
      const row = await sentinels[0]?.master("other");
      const places = { from: other.address, to: replica.address };
      const second = {
        kind: "down",
        result: "done",
        epoch: row?.["config-epoch"] ?? "",
        ...places,
      };
      return [await switched(cluster, "down"), { ...second, master: "other" }];
    },
  },
  names: {
    kinds: BOTH,
    options: () => ({
      sentinelConfig: () => ["sentinel resolve-hostnames yes", "sentinel announce-hostnames yes"],
    }),
    async play(cluster) {
      const [, replica] = cluster.redises;
      await replica?.call("CONFIG", "SET", "replica-announce-ip", "nowhere.invalid");
      // It says so when it connects.
      await replica?.call("CLIENT", "KILL", "TYPE", "master");
      await cluster.scene.until("the name is looked for", () => {
        const line = /Failed to resolve hostname 'nowhere.invalid'/;
        return cluster.sentinels.every((node) => node.child.log.has(line));
      });
      return [{ kind: "name", result: "done" }];
    },
  },
  repaired: {
    kinds: BOTH,
    async play(cluster) {
      const [, one, other] = cluster.redises;
      await one?.call("REPLICAOF", "127.0.0.1", `${other?.port}`);
      await some(cluster, "+fix-slave-config");
      return [{ kind: "repaired", result: "done" }];
    },
  },
  coordinated: {
    kinds: OURS,
    async play(cluster) {
      await ask(cluster.sentinels[0], "FAILOVER", "mymaster", "COORDINATED");
      return [await switched(cluster, "coordinated")];
    },
  },
  "master-timeout": {
    kinds: OURS,
    options: () => ({ replicas: 1 }),
    async play(cluster) {
      const [leader] = cluster.sentinels;
      const [, target] = cluster.redises;
      if (leader === undefined) throw new Error("no Sentinel");
      leader.events.onEvent = ({ channel }) => {
        if (channel === "+elected-leader") target?.freeze();
      };
      await ask(leader, "FAILOVER", "mymaster", "COORDINATED");
      await sees([leader], "-failover-abort-master-timeout");
      target?.thaw();
      const from = cluster.master.address;
      return [{ kind: "coordinated", result: "master-timeout", from }];
    },
  },
  reborn: {
    kinds: OURS,
    options: () => ({ downAfterMs: 5_000, redis: { config: ["repl-diskless-sync-delay 5"] } }),
    async play(cluster) {
      await filled(cluster);
      await cluster.master.restart();
      return [await switched(cluster, "guard")];
    },
  },
  paused: {
    kinds: OURS,
    async play(cluster) {
      for (const node of cluster.sentinels) {
        await ask(node, "PAUSE", "mymaster", "60", "new kernel");
      }
      cluster.master.freeze();
      await sees(cluster.sentinels, "+sdown", /^master/);
      cluster.master.thaw();
      await sees(cluster.sentinels, "-sdown", /^master/);
      for (const node of cluster.sentinels) await ask(node, "RESUME", "mymaster");
      return [
        { kind: "pause", result: "began" },
        { kind: "pause", result: "ended" },
      ];
    },
  },
  mixed: {
    kinds: OURS,
    options: () => ({ sentinels: ["ours", "c", "c"] }),
    async play(cluster) {
      cluster.master.freeze();
      const truth = await switched(cluster, "down");
      cluster.master.thaw();
      await some(cluster, "+convert-to-slave");
      return [truth];
    },
  },
};

async function ask(node: SentinelNode | undefined, ...words: readonly string[]): Promise<void> {
  const reply = await node?.call("SENTINEL", ...words);
  if (reply instanceof Error) throw reply;
}

/** Every one of them says it. */
async function sees(
  nodes: readonly (SentinelNode | undefined)[],
  channel: string,
  payload = /^/,
): Promise<void> {
  const waits = nodes.map((node) => node?.events.next(channel, { payload, timeoutMs: 40_000 }));
  await Promise.all(waits);
}

async function some({ sentinels }: Cluster, channel: string): Promise<void> {
  const waits = sentinels.map(({ events }) => events.next(channel, { timeoutMs: 40_000 }));
  await Promise.any(waits);
  for (const wait of waits) wait.catch(() => undefined);
}

/** Waits for the switch away from `old`, and says what came of it. */
async function switched(cluster: Cluster, kind: string, old = cluster.master): Promise<Truth> {
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

async function priorities(cluster: Cluster, priority: string): Promise<void> {
  for (const node of cluster.redises.slice(1)) {
    await node.call("CONFIG", "SET", "replica-priority", priority);
  }
  await cluster.scene.until("priorities are seen", async () => {
    const all = await Promise.all(cluster.sentinels.map((node) => node.replicas()));
    return all.flat().every((row) => row["slave-priority"] === priority);
  });
}

async function peersAre(cluster: Cluster, count: number): Promise<void> {
  await cluster.scene.until("the voters are known", async () => {
    const [node] = cluster.sentinels;
    return node !== undefined && knowsAll(node, { replicas: 2, peers: count });
  });
}

async function filled({ master, redises, scene, sentinels }: Cluster): Promise<void> {
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
