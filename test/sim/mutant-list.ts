/**
 * Checkers that cannot fail prove nothing. Each of these faults is put into a copy of the compiled
 * core, never into src, and the simulator must find it within a number of seeds.
 */
export interface Mutant {
  readonly name: string;
  /** Below the compiled `src/core`, or a path from `src` on. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly from: string;
  readonly to: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: "the vote is not in the file",
    file: "create-state.js",
    from: "leaderEpoch: master.leaderEpoch,",
    to: "leaderEpoch: 0n,",
  },
  {
    name: "the vote is said before it is saved",
    file: "commands/failover.js",
    from: "if (!ctx.state.unsaved)",
    to: "if (true)",
  },
  {
    name: "a second vote in the same epoch",
    file: "election.js",
    from: "master.leaderEpoch < epoch && master.configEpoch < epoch",
    to: "master.leaderEpoch <= epoch && master.configEpoch < epoch",
  },
  {
    name: "the majority is off by one",
    file: "election.js",
    from: "Math.floor(voters / 2) + 1",
    to: "Math.floor(voters / 2)",
  },
  {
    name: "votes of other epochs count",
    file: "election.js",
    from: "if (leader !== null && leaderEpoch === epoch)",
    to: "if (leader !== null)",
  },
  {
    name: "a hello of an equal config epoch is believed",
    file: "hello.js",
    from: "hello.configEpoch <= master.configEpoch",
    to: "hello.configEpoch < master.configEpoch",
  },
  {
    name: "the promotion keeps the old config epoch",
    file: "failover.js",
    from: "master.configEpoch = failover.epoch;",
    to: "",
  },
  {
    name: "the epoch falls when a lower one is heard",
    file: "context.js",
    from: "if (epoch <= ctx.state.currentEpoch)",
    to: "if (epoch === ctx.state.currentEpoch)",
  },
  {
    name: "the selection prefers the larger priority",
    file: "select-replica.js",
    from: "return a.priority - b.priority;",
    to: "return b.priority - a.priority;",
  },
  {
    name: "the selection prefers the smaller offset",
    file: "select-replica.js",
    from: "a.replOffset > b.replOffset ? -1 : 1",
    to: "a.replOffset > b.replOffset ? 1 : -1",
  },
  {
    name: "priority 0 is chosen",
    file: "select-replica.js",
    from: "if (replica.priority === 0)",
    to: "if (false)",
  },
  {
    name: "a returning master is left as it is",
    file: "refresh.js",
    from: 'repair(ctx, replica, "+convert-to-slave");',
    to: "",
  },
  {
    name: "a replica of somebody else is left as it is",
    file: "refresh.js",
    from: 'repair(ctx, replica, "+fix-slave-config");',
    to: "",
  },
  {
    name: "a restarted attempt never comes",
    file: "failover.js",
    from: "const waitMs = 2 * master.failoverTimeoutMs;",
    to: "const waitMs = Infinity;",
  },
  {
    name: "a new Sentinel is saved lazily",
    file: "hello.js",
    from: "save(ctx);\n    return peer;",
    to: "ctx.state.lazySaveAt ??= ctx.now + 100;\n    return peer;",
  },
  {
    name: "a replica that was promoted already is not preferred",
    file: "select-replica.js",
    from: "candidates.find(isPromotedAlready) ?? candidates[0]",
    to: "candidates[0]",
  },
  {
    name: "a stray master is promoted at once",
    file: "select-replica.js",
    from: "if (reason !== null || !isStray(replica))",
    to: "if (true)",
  },
  {
    name: "the leader counts its own vote before it is saved",
    file: "failover.js",
    from: "const isLeader = !ctx.state.unsaved &&",
    to: "const isLeader =",
  },
  {
    name: "ODOWN with one Sentinel fewer than the quorum",
    file: "down.js",
    from: "const odown = agreeing >= master.quorum;",
    to: "const odown = master.sdown && agreeing + 1 >= master.quorum;",
  },
  {
    name: "a stale configuration is believed",
    file: "hello.js",
    from: "hello.configEpoch <= master.configEpoch",
    to: "hello.configEpoch === master.configEpoch",
  },
  {
    name: "the selection does not wait for the INFO that it asked for",
    file: "failover.js",
    from: "return [...master.replicas.values()].some((replica) => !replica.sdown && isPending",
    to: "return [].some((replica) => !replica.sdown && isPending",
  },
  {
    name: "a standstill is not noticed",
    file: "tilt.js",
    from: "if (!isStalled)",
    to: "if (true)",
  },
  {
    name: "a server is down after a tenth of the time",
    file: "down.js",
    from: "silentFor(ctx, instance) > instance.downAfterMs ||",
    to: "silentFor(ctx, instance) > instance.downAfterMs / 10 ||",
  },
  {
    name: "the file names the old master after the promotion",
    file: "create-state.js",
    from: "const current = currentAddress(master);",
    to: "const current = master.address;",
  },
  {
    name: "the master is put in the place of one that returns",
    file: "refresh.js",
    from: "replicateFrom(ctx, replica, replica.master.address)",
    to: '(replica.roleReported === "master" ? replicateFrom(ctx, replica.master, replica.address) : replicateFrom(ctx, replica, replica.master.address))',
  },
  {
    name: "effects are performed before the save",
    file: "src/runtime/daemon.js",
    from: "if (this.#held === null)\n            for",
    to: "if (true)\n            for",
  },
  {
    name: "a failed save is taken for a good one",
    file: "src/runtime/daemon.js",
    from: "outcome.ok ?",
    to: "true ?",
  },
];
