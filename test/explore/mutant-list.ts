import { MUTANTS, type Mutant } from "../sim/mutant-list.ts";

/** Of the simulator's mutants those in votes, epochs, configurations and promotions. */
const OF_THE_SIMULATOR: ReadonlySet<string> = new Set([
  "the vote is not in the file",
  "the vote is said before it is saved",
  "a second vote in the same epoch",
  "the majority is off by one",
  "votes of other epochs count",
  "a hello of an equal config epoch is believed",
  "the promotion keeps the old config epoch",
  "the epoch falls when a lower one is heard",
  "the leader counts its own vote before it is saved",
  "ODOWN with one Sentinel fewer than the quorum",
  "a stale configuration is believed",
  "the file names the old master after the promotion",
  "a disagreement is settled without votes",
  "effects are performed before the save",
  "a failed save is taken for a good one",
  "a forced failover stays in an epoch that others have",
  "two names for one server vote apart",
]);

export interface ExplorersMutant extends Mutant {
  /** The only bound that comes upon it, perhaps one of the larger; left out: all small ones are tried. */
  readonly bound?: string;
}

/** Rules that seeds come upon seldom, and the exploration always. */
const OF_OUR_OWN: readonly ExplorersMutant[] = [
  {
    name: "a hello says an epoch that is not saved",
    file: "hello-message.js",
    from: "savedEpoch}`",
    to: "ctx.state.currentEpoch}`",
  },
  {
    name: "a hello says a configuration that is not saved",
    file: "periodic.js",
    from: "if (masterOf(instance).configUnsaved)",
    to: "if (false)",
  },
  {
    name: "votes are asked for before our own is given",
    file: "down.js",
    from: "ctx.state.unsaved || master.leaderEpoch < failover.epoch",
    to: "false",
  },
  {
    name: "the vote in the file is not read",
    file: "instance.js",
    from: "leaderEpoch: config.leaderEpoch,",
    to: "leaderEpoch: 0n,",
  },
  {
    name: "the config epoch in the file is not read",
    file: "instance.js",
    from: "configEpoch: config.configEpoch,",
    to: "configEpoch: 0n,",
  },
  {
    name: "a vote that could not be saved is told",
    file: "sentinel.js",
    from: "reply: ifFailed });",
    to: "reply: { type: 'array', items: [...ifFailed.items.slice(0, 1), { type: 'bulk', text: [...ctx.state.masters.values()][0].leader ?? '*' }, { type: 'integer', value: [...ctx.state.masters.values()][0].leaderEpoch }] } });",
  },
  {
    name: "a forced failover does not wait for the answers",
    file: "failover/own-epoch.js",
    from: "if (!failover.forced)\n        return true;",
    to: "return true;",
  },
  {
    name: "evidence about the old master counts for the new one",
    bound: "two, and the new master dies",
    file: "instance.js",
    from: "peer.masterDown = false;\n        peer.leader = null;\n        peer.dissent",
    to: "peer.dissent",
  },
  {
    name: "names for one server vote apart while one of them is failed over",
    bound: "two names of one server, and operators",
    file: "other-names.js",
    from: "(isAt(other.address) || isAt(currentAddress(other)))",
    to: "sameAddress(other.address, master.address)",
  },
  {
    name: "a forced failover takes any answer for a vote",
    bound: "three and two operators",
    file: "failover/own-epoch.js",
    from: "peer.sdown || isDisconnected(peer) || isVoteKnown(peer, epoch)",
    to: "peer.sdown || isDisconnected(peer) || (peer.asked?.epoch === epoch && !peer.link.pending.has(peer.asked.request))",
  },
  {
    name: "the leader names the master that it voted for another to replace",
    file: "failover/elect.js",
    from: "electedLeader(master, failover.epoch) === ctx.state.myId",
    to: "electedLeader(master, failover.epoch) !== null",
  },
];

/** Faults in votes, epochs, configurations and promotions: what the exploration is there for. */
export function explorersMutants(): readonly ExplorersMutant[] {
  const meant = MUTANTS.filter(({ name }) => OF_THE_SIMULATOR.has(name));
  if (meant.length !== OF_THE_SIMULATOR.size)
    throw new Error("a fault meant here has another name");
  return [...meant, ...OF_OUR_OWN];
}
