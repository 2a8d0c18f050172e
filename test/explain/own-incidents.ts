import { ask, filled, type Incident, sees, some, switched } from "./incident-kit.ts";

const OURS = ["ours"] as const;

/** What only Sentinels of ours have, or show so. */
export const OWN_INCIDENTS: Readonly<Record<string, Incident>> = {
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
  handover: {
    kinds: OURS,
    options: () => ({
      downAfterMs: 60_000,
      env: { REDIS_SENTINEL_TS_HANDOVER_ON_SHUTDOWN: "yes" },
    }),
    async play(cluster) {
      const { master, redises } = cluster;
      const slow = redises[2];
      slow?.freeze();
      // It lacks that, and so the master waits for it.
      await master.call("SET", "key", "value");
      master.child.signal("SIGTERM");
      const truth = await switched(cluster, "handover");
      slow?.thaw();
      await master.child.exited;
      return [truth, { kind: "leaving", result: "done" }];
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
