import { MUTANTS_OF_DATA_AND_LIFE } from "./mutants-of-data.ts";
import { MUTANTS_OF_SWITCHES } from "./mutants-of-switches.ts";
import type { Theme } from "./themes.ts";

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
  /** The first seed: one soon before a life that shows it. */
  readonly firstSeed?: number;
  /** What the lives are mostly about; without it, what each seed draws. */
  readonly theme?: Theme;
  /** Lives with C Sentinels show it. */
  readonly isMixed?: boolean;
  /** Below test: it holds the schedule that shows the fault, since seeds seldom come upon it. */
  readonly test?: string;
}

const OF_VOTES_AND_FILES: readonly Mutant[] = [
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
    from: "one.leaderEpoch < epoch && one.configEpoch < epoch",
    to: "one.leaderEpoch <= epoch && one.configEpoch < epoch",
  },
  {
    name: "an old master is told what it is without a majority",
    file: "returning.js",
    from: "Math.floor(all / 2) + 1 : all",
    to: "1 : all",
    test: "sim/returning-master.test.ts",
  },
  {
    name: "an old master is told what it is whatever its data is called",
    file: "returning.js",
    from: "isNamed = keepsName(reign.replid, replica);",
    to: "isNamed = true;",
    test: "sim/returning-master.test.ts",
  },
  {
    name: "a reborn master is judged by what its replicas held before",
    file: "reborn.js",
    from: "(witness.infoAt ?? 0) < since ||",
    to: "",
    test: "core/reborn.test.ts",
  },
  {
    name: "the data of a reborn master is taken for the master's",
    file: "refresh.js",
    from: "if (server.reborn !== null)",
    to: "if (false)",
    test: "core/reborn.test.ts",
  },
  {
    name: "C Sentinels are told of a new master at once",
    file: "tell.js",
    from: "if (at > ctx.now)",
    to: "if (false)",
    test: "sim/c-model.test.ts",
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
    file: "failover/await-promotion.js",
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
    from: "return one.priority - two.priority;",
    to: "return two.priority - one.priority;",
  },
  {
    name: "the selection prefers the smaller offset",
    file: "select-replica.js",
    from: "one.replOffset > two.replOffset ? -1 : 1",
    to: "one.replOffset > two.replOffset ? 1 : -1",
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
    to: ";",
  },
  {
    name: "a replica of somebody else is left as it is",
    file: "refresh.js",
    from: 'repair(ctx, replica, "+fix-slave-config");',
    to: "",
  },
  {
    name: "a restarted attempt never comes",
    file: "failover/start.js",
    from: "const waitMs = 2 * settings.failoverTimeoutMs;",
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
    from: "return (promoted ?? ",
    to: "return (",
    test: "core/heirs.test.ts",
  },
  {
    name: "a stray master is promoted at once",
    file: "heirs.js",
    from: "isFollowedByOurs(ctx, replica) ? heir(-1) : claimOfMaster(replica);",
    to: "heir(0);",
  },
  {
    name: "the leader counts its own vote before it is saved",
    file: "failover/elect.js",
    from: "const isLeader = !ctx.state.unsaved &&",
    to: "const isLeader =",
  },
  {
    name: "ODOWN with one Sentinel fewer than the quorum",
    file: "down.js",
    from: "const odown = agreeing >= quorum;",
    to: "const odown = master.sdown && agreeing + 1 >= quorum;",
  },
  {
    name: "a stale configuration is believed",
    file: "hello.js",
    from: "hello.configEpoch <= master.configEpoch",
    to: "hello.configEpoch === master.configEpoch",
  },
  {
    name: "the selection does not wait for the INFO that it asked for",
    file: "failover/select.js",
    from: "if (missing.length === 0 && !awaitsView(master))",
    to: "if (true)",
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
    from: "elapsedAt(since, instance.downAfterMs)",
    to: "elapsedAt(since, instance.downAfterMs / 10)",
  },
  {
    name: "a dropped connection waits a second before it is opened again",
    file: "link.js",
    from: "return Math.max(least, Math.min(least * 2 ** before, most));",
    to: "return usual;",
    test: "core/watch.test.ts",
  },
  {
    name: "C Sentinels are never told of a new master",
    file: "tell.js",
    from: "if (at > ctx.now)",
    to: "master.tellOthersAt = Infinity; if (false)",
  },
  {
    name: "a connection that was lost in silence is kept in TILT",
    file: "sentinel.js",
    from: "closeStale(ctx, instance);\n    if (ctx.state.tiltSince !== null)\n        return;",
    to: "if (ctx.state.tiltSince !== null)\n        return;\n    closeStale(ctx, instance);",
    test: "core/tilt.test.ts",
  },
  {
    name: "a slow save is taken for a standstill",
    file: "tilt.js",
    from: "state.previousTickAt += tookMs;",
    to: "state.previousTickAt += 0;",
  },
  {
    name: "a PING waits behind a hello that the server holds back",
    file: "aside.js",
    from: "ctx.now < relieveAt(ctx, instance)",
    to: "true",
    test: "core/aside.test.ts",
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
    from: "replicateFrom(ctx, replica, replica.master)",
    to: '(replica.roleReported === "master" ? replicateFrom(ctx, replica.master, replica) : replicateFrom(ctx, replica, replica.master))',
  },
  {
    name: "a disagreement is not settled",
    file: "settle.js",
    from: "if (ctx.now >= turnAt(ctx, master)",
    to: "if (false",
    test: "core/disagreement.test.ts",
  },
  {
    name: "a disagreement is settled without votes",
    file: "failover/elect.js",
    from: "(failover.forced || electedLeader(",
    to: "(failover.forced || failover.settles || electedLeader(",
  },
  {
    name: "only Sentinels that were reached make up the majority",
    file: "election.js",
    from: "const voters = master.sentinels.size + 1;",
    to: "const voters = [...master.sentinels.values()].filter(({ identity }) => identity === 'confirmed').length + 1;",
  },
  {
    name: "any epoch is believed",
    file: "epoch.js",
    from: "epoch <= MAX_EPOCH && epoch <= currentEpoch + MAX_EPOCH_LEAP",
    to: "epoch <= MAX_EPOCH",
    test: "core/epochs.test.ts",
  },
  {
    name: "a vote for a stranger bars us as any other",
    file: "election.js",
    from: "if (ctx.state.peers.has(candidate))",
    to: "if (true)",
  },
  {
    name: "effects are performed before the save",
    file: "src/runtime/daemon.js",
    from: "if (held === null)\n            this.#perform",
    to: "if (true)\n            this.#perform",
  },
  {
    name: "a failed save is taken for a good one",
    file: "src/runtime/daemon.js",
    from: "outcome.ok ?",
    to: "true ?",
  },
  {
    name: "two names for one server vote apart",
    file: "election.js",
    from: "const names = namesOfOneVote(ctx, master);",
    to: "const names = [master];",
    test: "core/other-names.test.ts",
  },
  {
    name: "two names for one server fail over apart",
    file: "namesakes.js",
    from: "if (!movesAlong(other, from, to, master.configEpoch))",
    to: "if (true)",
    test: "core/other-names.test.ts",
  },
  {
    name: "the master of another name is a stray",
    file: "other-names.js",
    from: "return other === null || isReplicaOfOurs(ctx, replica) ? null : other;",
    to: "return null;",
    test: "core/other-names.test.ts",
  },
  {
    name: "two Sentinels with one id stand and vote",
    file: "twin.js",
    from: "return twin?.isConfirmed === true &&",
    to: "return false &&",
    test: "core/twin.test.ts",
  },
  {
    name: "a hello with port 0 adds a Sentinel",
    file: "hello.js",
    from: "if (!address || address.ip === null || hello.port === 0)",
    to: "if (!address || address.ip === null)",
    test: "core/twin.test.ts",
  },
  {
    name: "what a name server said wrongly stays",
    file: "link.js",
    from: "!isDoubtful(ctx, instance)",
    to: "true",
    theme: "names",
  },
  {
    name: "two servers that a name server took for one are one",
    file: "hello.js",
    from: "if (isSame && !isNameOfReplica(master, hello))",
    to: "if (isSame)",
    theme: "names",
  },
  {
    name: "a replica that is said to be where another is when INFO names it is passed over for good",
    file: "refresh.js",
    from: "if (!isWhereAnotherIs(master, found))",
    to: "if (true)",
    test: "core/names.test.ts",
  },
  {
    name: "a replica that is said to be where another is keeps that one out for good",
    file: "doubt.js",
    from: "isInPlaceOfAnother(server));",
    to: "false);",
    test: "core/names.test.ts",
  },
  {
    name: "a failover goes on though its master is found elsewhere",
    file: "doubt.js",
    from: 'failover.step === "wait_start" || failover.step === "select_slave"',
    to: "false",
    test: "core/names.test.ts",
  },
  {
    name: "a master that was said to be where a replica is counts as a replica where it is",
    file: "link.js",
    from: "forgetRole(ctx, instance);",
    to: "",
    test: "core/names.test.ts",
  },
  {
    name: "a master whose last dial hangs is not dialled once more before it is replaced",
    file: "failover/select.js",
    from: " || isDialHanging(ctx, master)",
    to: "",
    test: "core/living-master.test.ts",
  },
  {
    name: "a replica that is still silent stands for a master that is gone",
    file: "failover/select.js",
    from: " || isSilent(ctx, one)",
    to: "",
    test: "core/living-master.test.ts",
  },
];

export const MUTANTS: readonly Mutant[] = [
  ...OF_VOTES_AND_FILES,
  ...MUTANTS_OF_DATA_AND_LIFE,
  ...MUTANTS_OF_SWITCHES,
];
