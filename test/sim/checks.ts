import assert from "node:assert/strict";
import type { SentinelConfig } from "../../src/core/config.ts";
import type { CSentinel } from "./c-model/c-sentinel.ts";
import { idOf, type SimCluster } from "./cluster.ts";
import type { ToldVote } from "./opinion.ts";
import { checkSelection } from "./selection-checks.ts";
import type { SimEvent } from "./sentinel-options.ts";
import type { SimSentinel } from "./sentinel-process.ts";
import { TruthChecks } from "./truth-checks.ts";

/** Five seconds, and what a slow save holds up. */
const ANSWER_LIFETIME_MS = 8_000;
/** After this, connections that were forgotten in silence are replaced. */
export const FORGOTTEN_MS = 20_000;

/**
 * What must hold at every moment of a life (`src/core/README.md`); throws when it does not. Each check
 * is made when what it is about happens: a vote, a save, an event.
 */
export class Checks {
  readonly #cluster: SimCluster;
  readonly #truth: TruthChecks;
  /** Sentinel, master's address and epoch to the candidate voted for. */
  readonly #votes = new Map<string, string>();
  /** Master's name and epoch to the Sentinel elected without force. */
  readonly #leaders = new Map<string, string>();
  /** Master's name and configuration epoch to each host named in it, and whether who did it heard all others. */
  readonly #addresses = new Map<string, Map<string, boolean>>();
  /** Master's name and each epoch that a forced failover took: nobody has to vote in it. */
  readonly #forced = new Set<string>();
  readonly #forcedByC = new Set<string>();
  /**
   * Master's name and each epoch that may rightly have two leaders: there were twins that did not know of each
   * other, or a newcomer led that had not heard of all Sentinels yet.
   */
  readonly #unsure = new Set<string>();
  /** RESET and REMOVE change who counts as a voter; leaders are compared only without them. */
  membershipAgreed = true;
  /** Replicas chosen, and how many of the choices could be judged. */
  selections = 0;
  judged = 0;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
    this.#truth = new TruthChecks(cluster);
    for (const sentinel of cluster.sentinels) this.#watch(sentinel);
    cluster.onJoined.push((sentinel) => this.#watch(sentinel));
    for (const sentinel of cluster.cSentinels) {
      sentinel.onVote = (vote) => this.#checkOneVote(sentinel.address, vote);
      sentinel.onEvent.push(({ name }) => {
        if (name === "+elected-leader") this.#noteForcedByC(sentinel);
      });
    }
  }

  #watch(sentinel: SimSentinel): void {
    sentinel.onEvent.push((event) => this.#checkEvent(sentinel, event));
    sentinel.onVote = (vote) => this.#checkVote(sentinel, vote);
    let before = sentinel.disk.saved;
    sentinel.onSaved = (now) => {
      this.#checkEpochs(sentinel, before, now);
      // One that dies after the save has not said it.
      this.#noteForced(sentinel);
      this.#checkAddresses(sentinel, now);
      before = now;
    };
  }

  /** One candidate per Sentinel, master and epoch, also across crashes [I1]; on disk first [I2]. */
  #checkVote(sentinel: SimSentinel, vote: ToldVote): void {
    this.#checkOneVote(sentinel.label, vote);
    checkSaved(sentinel, vote);
  }

  #checkOneVote(address: string, { master, epoch, leader }: ToldVote): void {
    const key = `${address} ${master} ${epoch}`;
    const before = this.#votes.get(key) ?? leader;
    assert.equal(leader, before, `${address} voted twice about ${master} in ${epoch}`);
    this.#votes.set(key, leader);
  }

  #checkEvent(sentinel: SimSentinel, event: SimEvent): void {
    this.#truth.checkEvent(sentinel, event);
    switch (event.name) {
      case "+vote-for-leader":
        return checkTwin(this.#cluster, sentinel);
      case "+new-epoch":
        return this.#noteForced(sentinel);
      case "+odown":
        return this.#checkQuorum(sentinel, event);
      case "+elected-leader":
        return this.#checkLeader(sentinel, event);
      case "+config-settled":
        return this.#checkSettled(sentinel, event);
      case "+selected-slave":
        this.selections++;
        if (checkSelection(sentinel, event)) this.judged++;
        return;
      case "+sentinel":
        return checkVoterSaved(sentinel, event);
      default:
    }
  }

  /**
   * As many Sentinels as the quorum have said that the master is down, itself included, and a copy counts once [I7].
   * What a copy said that is no more counts for as long as any answer [ANSWER-LIFETIME].
   */
  #checkQuorum(sentinel: SimSentinel, { payload }: SimEvent): void {
    const [, name = "", host, port] = payload.split(" ");
    const { allSentinels, removed, removedAt, clock } = this.#cluster;
    const gone = clock.now < removedAt + ANSWER_LIFETIME_MS ? removed : [];
    const others = [...allSentinels, ...gone].filter(
      (one) => one !== sentinel && one.toldDown.has(`${host}:${port}`),
    );
    const saying = new Set([sentinel, ...others].map(idOf)).size;
    const quorum = sentinel.core.state.masters.get(name)?.settings.quorum ?? 0;
    assert.ok(saying >= quorum, `${sentinel.address}: ODOWN of ${name} without quorum`);
  }

  /** At most one unforced leader per master and epoch, and a majority voted for it [I5]. */
  #checkLeader(sentinel: SimSentinel, { payload }: SimEvent): void {
    const [, name = ""] = payload.split(" ");
    const master = sentinel.core.state.masters.get(name);
    const failover = master?.failover;
    if (!failover || failover.forced || !this.membershipAgreed) return;
    this.#checkOneLeader(sentinel, name, failover.epoch);
    // Who has just started and never reached the master knows nobody to ask, and nobody to promote.
    if (master.replicas.size > 0) this.#checkMajority(sentinel, name, failover.epoch);
  }

  /** While two bear one id and do not know of each other yet, its vote may be given twice. */
  #checkOneLeader(sentinel: SimSentinel, name: string, epoch: bigint): void {
    const { label } = sentinel;
    const where = `${name} in epoch ${epoch}`;
    const isUnsure = areUnknownTwins(this.#cluster) || this.#cluster.isNew(sentinel);
    for (const one of this.#namesAlong(name)) {
      if (isUnsure) this.#unsure.add(`${one} in epoch ${epoch}`);
    }
    const leader = this.#leaders.get(where) ?? label;
    if (this.#unsure.has(where)) return;
    assert.equal(leader, label, `two leaders of ${where}`);
    this.#leaders.set(where, label);
  }

  /** An epoch that settles a disagreement has one leader, with a majority, as that of a failover [I5]. */
  #checkSettled(sentinel: SimSentinel, { payload }: SimEvent): void {
    const [, name = "", , , epoch = ""] = payload.split(" ");
    if (!this.membershipAgreed) return;
    this.#checkOneLeader(sentinel, name, BigInt(epoch));
    this.#checkMajority(sentinel, name, BigInt(epoch));
  }

  /** Counted from what voters said and what stands on the leader's disk, not from its memory. */
  #checkMajority(sentinel: SimSentinel, name: string, epoch: bigint): void {
    const { allSentinels, options } = this.#cluster;
    const saved = sentinel.disk.saved.masters.find((one) => one.name === name);
    const own = saved !== undefined && saved.leaderEpoch >= epoch ? 1 : 0;
    const id = sentinel.core.state.myId;
    const others = [...allSentinels, ...this.#cluster.removed].filter(
      (one) =>
        one !== sentinel &&
        one.toldVotes.some((vote) => vote.leader === id && vote.epoch === epoch),
    );
    const votes = own + new Set(others.map(idOf)).size;
    // One that has just joined is not known to all yet, and a copy counts once.
    const known = (saved?.sentinels.length ?? 0) + 1;
    const voters = this.#cluster.joined > 0 ? known : allSentinels.length;
    const needed = Math.max(Math.floor(voters / 2) + 1, options.quorum);
    assert.ok(votes >= needed, `${name}: elected in ${epoch} with ${votes} of ${needed} votes`);
  }

  #noteForced(sentinel: SimSentinel): void {
    for (const { name, failover } of sentinel.core.state.masters.values()) {
      if (!failover?.forced) continue;
      for (const one of this.#namesAlong(name)) this.#forced.add(`${one} ${failover.epoch}`);
    }
  }

  /** Another name of the same servers moves along in the same epoch. */
  #namesAlong(name: string): readonly string[] {
    const { groups, options } = this.#cluster;
    return options.hasAlias ? groups.map((group) => group.name) : [name];
  }

  /** A C Sentinel that is told to fail over asks nobody: its epoch may be that of another, too. */
  #noteForcedByC({ state }: CSentinel): void {
    for (const { name, isForced, failoverEpoch } of state.masters.values()) {
      if (isForced) this.#forcedByC.add(`${name} ${failoverEpoch}`);
    }
  }

  /**
   * One address per configuration epoch, whoever saves it; a forced failover that does not hear all
   * others may name a second one [I6].
   */
  #checkAddresses(sentinel: SimSentinel, { masters }: SentinelConfig): void {
    if (!this.membershipAgreed) return;
    for (const { name, configEpoch, host } of masters) {
      if (configEpoch === 0n) continue;
      const key = `${name} ${configEpoch}`;
      const named = this.#addresses.get(key) ?? new Map<string, boolean>();
      this.#addresses.set(key, named);
      if (named.has(host)) continue;
      named.set(host, this.#hearsAll(sentinel, name));
      const isDeaf = this.#forced.has(key) && [...named.values()].includes(false);
      const isUnsure = this.#unsure.has(`${name} in epoch ${configEpoch}`);
      const isExcused = isDeaf || isUnsure || this.#forcedByC.has(key);
      const hosts = [...named.keys()].join(" and ");
      const what = `${sentinel.address}: ${name} in config epoch ${configEpoch}`;
      assert.ok(named.size === 1 || isExcused, `${what} is ${hosts}`);
    }
  }

  /** Every other Sentinel answers as far as it knows, and its connection is there. */
  #hearsAll(sentinel: SimSentinel, name: string): boolean {
    const { network } = this.#cluster;
    if (network.clock.now - network.forgottenAt < FORGOTTEN_MS) return false;
    const peers = [...(sentinel.core.state.masters.get(name)?.sentinels.values() ?? [])];
    return this.#cluster.sentinels.every((one) => {
      if (one === sentinel) return true;
      const peer = peers.find(({ runId }) => runId === one.core.state.myId);
      const isSlow = network.isSlow(sentinel.address) || network.isSlow(one.address);
      const isReached = !isSlow && network.canTalk(sentinel.address, one.address);
      const isAble = one.isRunning && !one.isStopped && one.disk.saveTakesMs === 0;
      return isReached && isAble && peer?.link.command?.up === true && !peer.sdown;
    });
  }

  /** Epochs on disk never fall, within a life and across lives [I3] [I4]. */
  #checkEpochs(sentinel: SimSentinel, before: SentinelConfig, now: SentinelConfig): void {
    const mustRise = (what: string, from: bigint, to: bigint) => {
      if (to < from) assert.fail(`${sentinel.address}: ${what} fell from ${from} to ${to}`);
    };
    mustRise("the epoch", before.currentEpoch, now.currentEpoch);
    if (!this.membershipAgreed) return;
    for (const [index, master] of now.masters.entries()) {
      const old = before.masters[index];
      if (old?.name !== master.name) continue;
      mustRise(`the config epoch of ${master.name}`, old.configEpoch, master.configEpoch);
      mustRise(`the epoch voted in for ${master.name}`, old.leaderEpoch, master.leaderEpoch);
    }
  }
}

/** They could know of each other by now and neither votes nor stands any more. */
const TWINS_KNOWN_MS = 20_000;

/** Who knows of a twin gives no vote: nobody could tell whose it was. */
function checkTwin(cluster: SimCluster, sentinel: SimSentinel): void {
  const isTwin = cluster.twins?.includes(sentinel) && !areUnknownTwins(cluster);
  assert.ok(!isTwin, `${sentinel.address} votes, and its twin does`);
}

/** Nobody could expect them to know of each other, now or for as long as it takes. */
function areUnknownTwins({ twins, clock, network, servers }: SimCluster): boolean {
  if (!twins) return false;
  const [one, two] = twins;
  const since = clock.now - TWINS_KNOWN_MS;
  if (network.changedAt >= since || network.forgottenAt >= since) return true;
  const isWell = ({ isRunning, isStopped, changedAt, disk, address }: SimSentinel) => {
    const isAwake = isRunning && !isStopped && changedAt < since && !network.isSlow(address);
    return isAwake && !disk.isFull && disk.saveTakesMs === 0;
  };
  if (!isWell(one) || !isWell(two) || !network.canTalk(one.address, two.address)) return true;
  // Each hears the other's hellos on a server.
  return ![...servers.values()].some(
    ({ isServing, changedAt, address }) =>
      isServing &&
      changedAt < since &&
      twins.every((twin) => network.canTalk(twin.address, address)),
  );
}

/** Who counts as a voter is on disk before anybody hears of it: it decides what a majority is. */
function checkVoterSaved(sentinel: SimSentinel, { payload }: SimEvent): void {
  const [, id, , , , masterName] = payload.split(" ");
  const master = sentinel.disk.saved.masters.find(({ name }) => name === masterName);
  const isSaved = master?.sentinels.some(({ runId }) => runId === id);
  assert.ok(isSaved || sentinel.disk.isFull, `${sentinel.address} has not saved Sentinel ${id}`);
}

/** A vote is on disk before anybody hears of it [I2]. */
function checkSaved(sentinel: SimSentinel, { epoch }: ToldVote): void {
  const isSaved = sentinel.disk.saved.masters.some(({ leaderEpoch }) => leaderEpoch >= epoch);
  assert.ok(isSaved, `${sentinel.address} told a vote of epoch ${epoch} that is not on its disk`);
}
