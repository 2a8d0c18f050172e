import { type ClusterOptions, knowsAll, newMaster, onlyMaster } from "../support/cluster.ts";
import { SplitVoter } from "../support/split-voter.ts";
import { ask, type Incident, peersAre, priorities, sees, some, switched } from "./incident-kit.ts";
import { OWN_INCIDENTS } from "./own-incidents.ts";

const BOTH = ["c", "ours"] as const;

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
  ...OWN_INCIDENTS,
};
