import assert from "node:assert/strict";
import type { SentinelConfig } from "../../src/core/config.ts";
import type { Replica } from "../../src/core/state.ts";
import type { SimCluster } from "./cluster.ts";
import type { ToldVote } from "./opinion.ts";
import type { SimEvent, SimSentinel } from "./sentinel-process.ts";
import { TruthChecks } from "./truth-checks.ts";

/**
 * What must hold at every moment of a life (algorithm.md 10.1); throws when it does not. Each check
 * is made when what it is about happens: a vote, a save, an event.
 */
export class Checks {
  readonly #cluster: SimCluster;
  readonly #truth: TruthChecks;
  /** Sentinel, master's address and epoch to the candidate voted for. */
  readonly #votes = new Map<string, string>();
  /** Master's name and epoch to the Sentinel elected without force. */
  readonly #leaders = new Map<string, string>();
  /** Master's name and configuration epoch to its host; epochs of forced failovers have no vote. */
  readonly #addresses = new Map<string, string>();
  readonly #forced = new Set<string>();
  /** RESET and REMOVE change who counts as a voter; leaders are compared only without them. */
  membershipAgreed = true;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
    this.#truth = new TruthChecks(cluster);
    for (const sentinel of cluster.sentinels) {
      sentinel.onEvent.push((event) => this.#checkEvent(sentinel, event));
      sentinel.onVote = (vote) => this.#checkVote(sentinel, vote);
      let before = sentinel.disk.saved;
      sentinel.onSaved = (now) => {
        this.#checkEpochs(sentinel, before, now);
        this.#checkAddresses(sentinel, now);
        before = now;
      };
    }
  }

  /** One candidate per Sentinel, master and epoch, also across crashes (I1); on disk first (I2). */
  #checkVote(sentinel: SimSentinel, vote: ToldVote): void {
    const { master, epoch, leader } = vote;
    const key = `${sentinel.address} ${master} ${epoch}`;
    const before = this.#votes.get(key) ?? leader;
    assert.equal(leader, before, `${sentinel.address} voted twice about ${master} in ${epoch}`);
    this.#votes.set(key, leader);
    checkSaved(sentinel, vote);
  }

  #checkEvent(sentinel: SimSentinel, event: SimEvent): void {
    this.#truth.checkEvent(sentinel, event);
    switch (event.name) {
      case "+odown":
        return this.#checkQuorum(sentinel, event);
      case "+elected-leader":
        return this.#checkLeader(sentinel, event);
      case "+selected-slave":
        return this.#checkSelection(sentinel, event);
      case "+sentinel":
        return checkVoterSaved(sentinel, event);
      default:
    }
  }

  /** As many Sentinels as the quorum have said that the master is down, itself included (I7). */
  #checkQuorum(sentinel: SimSentinel, { payload }: SimEvent): void {
    const [, name = "", host, port] = payload.split(" ");
    const others = this.#cluster.sentinels.filter(
      (one) => one !== sentinel && one.toldDown.has(`${host}:${port}`),
    );
    const quorum = sentinel.core.state.masters.get(name)?.quorum ?? 0;
    assert.ok(others.length + 1 >= quorum, `${sentinel.address}: ODOWN of ${name} without quorum`);
  }

  /** At most one unforced leader per master and epoch, and a majority voted for it (I5). */
  #checkLeader(sentinel: SimSentinel, { payload }: SimEvent): void {
    const [, name = ""] = payload.split(" ");
    const failover = sentinel.core.state.masters.get(name)?.failover;
    if (failover?.forced) this.#forced.add(`${name} ${failover.epoch}`);
    if (!failover || failover.forced || !this.membershipAgreed) return;
    const key = `${name} ${failover.epoch}`;
    const leader = this.#leaders.get(key) ?? sentinel.address;
    assert.equal(leader, sentinel.address, `two leaders of ${name} in epoch ${failover.epoch}`);
    this.#leaders.set(key, sentinel.address);
    this.#checkMajority(sentinel, name, failover.epoch);
  }

  /** Counted from what voters said and what stands on the leader's disk, not from its memory. */
  #checkMajority(sentinel: SimSentinel, name: string, epoch: bigint): void {
    const { sentinels, options } = this.#cluster;
    const saved = sentinel.disk.saved.masters.find((one) => one.name === name);
    const own = saved !== undefined && saved.leaderEpoch >= epoch ? 1 : 0;
    const id = sentinel.core.state.myId;
    const others = sentinels.filter(
      (one) =>
        one !== sentinel &&
        one.toldVotes.some((vote) => vote.leader === id && vote.epoch === epoch),
    );
    const votes = own + others.length;
    const needed = Math.max(Math.floor(sentinels.length / 2) + 1, options.quorum);
    assert.ok(votes >= needed, `${name}: elected in ${epoch} with ${votes} of ${needed} votes`);
  }

  /** The chosen replica is eligible and no eligible one is better, on the data at hand (I11). */
  #checkSelection(sentinel: SimSentinel, { payload }: SimEvent): void {
    const [, chosenName = "", , , , masterName = ""] = payload.split(" ");
    const master = sentinel.core.state.masters.get(masterName);
    const chosen = master?.replicas.get(chosenName);
    if (!master || !chosen) return;
    assert.ok(isEligible(sentinel.now, chosen), `${chosenName} is not eligible`);
    for (const other of master.replicas.values()) {
      if (other === chosen || !isEligible(sentinel.now, other)) continue;
      const better = rank(other) - rank(chosen) || comparePriorities(other, chosen);
      assert.ok(better >= 0, `${other.name} is better than ${chosenName}`);
    }
    if (rank(chosen) === STRAY) checkPatience(sentinel, chosen, this.#cluster.clock.now);
  }

  /** One address per configuration epoch, whoever saves it; forced failovers aside (I6). */
  #checkAddresses(sentinel: SimSentinel, { masters }: SentinelConfig): void {
    if (!this.membershipAgreed) return;
    for (const { name, configEpoch, host } of masters) {
      const isForced = this.#forced.has(`${name} ${configEpoch}`);
      if (configEpoch === 0n || isForced) continue;
      const key = `${name} ${configEpoch}`;
      const before = this.#addresses.get(key) ?? host;
      const what = `${sentinel.address}: ${name} in config epoch ${configEpoch}`;
      assert.equal(host, before, `${what} is ${host}, and ${before} too`);
      this.#addresses.set(key, host);
    }
  }

  /** Epochs on disk never fall, within a life and across lives (I3, I4). */
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

/** Who counts as a voter is on disk before anybody hears of it: it decides what a majority is. */
function checkVoterSaved(sentinel: SimSentinel, { payload }: SimEvent): void {
  const [, id, , , , masterName] = payload.split(" ");
  const master = sentinel.disk.saved.masters.find(({ name }) => name === masterName);
  const isSaved = master?.sentinels.some(({ runId }) => runId === id);
  assert.ok(isSaved || sentinel.disk.isFull, `${sentinel.address} has not saved Sentinel ${id}`);
}

/** A vote is on disk before anybody hears of it (I2). */
function checkSaved(sentinel: SimSentinel, { epoch }: ToldVote): void {
  const isSaved = sentinel.disk.saved.masters.some(({ leaderEpoch }) => leaderEpoch >= epoch);
  assert.ok(isSaved, `${sentinel.address} told a vote of epoch ${epoch} that is not on its disk`);
}

type Candidate = Replica;

/** The rule of algorithm.md 8.3 once more, in words and figures of its own. */
function isEligible(now: number, replica: Candidate): boolean {
  const { sdown, priority, infoAt, link, master, masterLinkDownMs, downAfterMs } = replica;
  const isConnected = link.command?.up === true;
  const isFresh = infoAt !== null && now - infoAt <= (master.sdown ? 5_000 : 30_000);
  const answers = now - link.lastValidPongAt <= 5_000;
  const lastSignOfLife = master.link.pingPendingSince ?? master.sdownSince ?? now;
  const downFor = master.sdown ? now - Math.min(lastSignOfLife, master.sdownSince ?? now) : 0;
  const wasLinked = masterLinkDownMs <= downFor + 10 * downAfterMs;
  return !sdown && priority > 0 && isConnected && isFresh && answers && wasLinked;
}

/** It became a master while the old one was down, and not by a restart. */
function wasPromoted({ roleReported, roleReportedSince, runIdSince, master }: Candidate): boolean {
  const isFree = master.sdown || master.failover?.forced === false;
  const since = (isFree && master.sdownSince) || Number.POSITIVE_INFINITY;
  return roleReported === "master" && roleReportedSince >= since && runIdSince < roleReportedSince;
}

const STRAY = 2;
/** Of a host's clock. */
const MAX_DRIFT = 0.01;

/** Promoted by somebody before replicas, and a master that nobody promoted last. */
function rank(candidate: Candidate): number {
  if (candidate.roleReported !== "master") return 1;
  return wasPromoted(candidate) ? 0 : STRAY;
}

/** Whoever follows nobody is taken after 10 s of waiting for a better one, or half a failover timeout. */
function checkPatience({ events }: SimSentinel, { name, master }: Candidate, now: number): void {
  const begun = events.findLast(
    (one) =>
      one.name === "+failover-state-select-slave" && one.payload.split(" ")[1] === master.name,
  );
  const waitedMs = (now - (begun?.atMs ?? 0)) * (1 + MAX_DRIFT);
  const neededMs = Math.min(10_000, master.failoverTimeoutMs / 2);
  assert.ok(waitedMs >= neededMs, `${name}, a stray master, is chosen after ${waitedMs} ms`);
}

/** Negative if the first is the better one. */
function comparePriorities(a: Candidate, b: Candidate): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.replOffset !== b.replOffset) return Number(b.replOffset - a.replOffset);
  return (a.runId ?? "~").localeCompare(b.runId ?? "~");
}
