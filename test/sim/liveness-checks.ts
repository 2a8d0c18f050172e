import assert from "node:assert/strict";
import { isPlanned } from "../../src/core/failover/coordinated/plan.ts";
import { currentAddress } from "../../src/core/records.ts";
import { FORGOTTEN_MS } from "./checks.ts";
import { isAt, type SimCluster, type SimGroup } from "./cluster.ts";
import type { SimRedis } from "./redis.ts";
import type { SimEvent } from "./sentinel-options.ts";
import type { SimSentinel } from "./sentinel-process.ts";

/** How often it is looked whether somebody is owed a master. */
const LOOK_MS = 250;
/** A slower disk makes its Sentinel one that nothing is expected of. */
const MOST_SAVE_MS = 500;
/** Of a host's clock. */
const MAX_DRIFT = 1.01;

/**
 * What is owed: these Sentinels hear each other and are enough to lead, the master that they name is
 * there for none of them, and this replica is fit. Then they end with a master that serves.
 */
interface Claim {
  readonly since: number;
  readonly deadline: number;
  readonly sentinels: readonly SimSentinel[];
  readonly dead: SimRedis;
  readonly replica: SimRedis;
}

/** What a group went through as far as it matters here. */
interface Course {
  claim: Claim | null;
  /** When any Sentinel could last reach the server that is named. */
  aliveAt: number;
  /** Since when nobody outside has meddled: an operator, a Sentinel that is none of the majority. */
  disturbedAt: number;
  /** By Sentinel: when it last stood, or voted for somebody, without a master from it. */
  readonly attempts: Map<SimSentinel, number>;
  /** Epochs of votes that could not be saved, and were refused: they delay the voter's own attempt as well. */
  readonly refused: Map<SimSentinel, bigint>;
  /** Those who told a server to be the master since they last stood. */
  readonly told: Set<SimSentinel>;
  /** Those who stood last because an operator said so. */
  readonly forced: Set<SimSentinel>;
}

/**
 * Liveness while faults go on: a majority and the quorum of Sentinels that hear each other, and one fit
 * replica that they reach, end with a master that serves within `boundMs`, whatever happens elsewhere.
 * Each change of that condition begins the time anew; so does a vote that one of them gives to
 * somebody outside, who may lead then, and what an operator says.
 */
export class LivenessChecks {
  readonly #cluster: SimCluster;
  readonly #courses = new Map<SimGroup, Course>();
  /** So often a master was owed, and so often there was one in time before anything changed. */
  owed = 0;
  given = 0;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
    for (const group of cluster.groups) {
      if (group.isAlias) continue;
      this.#courses.set(group, {
        ...{ claim: null, aliveAt: 0, disturbedAt: 0 },
        ...{ attempts: new Map(), refused: new Map(), told: new Set(), forced: new Set() },
      });
    }
    const watch = (sentinel: SimSentinel) =>
      sentinel.onEvent.push((event) => this.#note(sentinel, event));
    for (const sentinel of cluster.sentinels) watch(sentinel);
    cluster.onJoined.push(watch);
    for (const { onEvent } of cluster.cSentinels) onEvent.push((event) => this.#noteRepair(event));
  }

  /** From now on; names are left out, since what a Sentinel dials is what it heard of a name server. */
  lookForEver(): void {
    const { clock, options } = this.#cluster;
    if (options.names || options.replicas === 0) return;
    const look = {
      happen: () => {
        for (const [group, course] of this.#courses) this.#look(group, course);
        clock.plan(LOOK_MS, look);
      },
    };
    clock.plan(LOOK_MS, look);
  }

  /** An operator meddles: what comes of it has its own times. */
  disturb(): void {
    for (const course of this.#courses.values()) course.disturbedAt = this.#cluster.clock.now;
  }

  /** Lets time pass as long as a master is owed to anybody. */
  awaitMasters(limitMs: number): void {
    const { clock } = this.#cluster;
    clock.advance(2 * LOOK_MS);
    const isNobodyOwed = () => [...this.#courses.values()].every(({ claim }) => claim === null);
    clock.pollUntil(isNobodyOwed, LOOK_MS, limitMs);
  }

  /**
   * A C Sentinel judges a role by an INFO of up to ten seconds ago: it may put a server that was promoted just
   * now back under the dead master. Nobody leads that one out of it before it counts as demoted.
   */
  #noteRepair({ name, payload }: SimEvent): void {
    if (name !== "+convert-to-slave" && name !== "+fix-slave-config") return;
    const [masterName] = payload.split(" @ ")[1]?.split(" ") ?? [];
    for (const [group, course] of this.#courses) {
      if (group.name === masterName) course.disturbedAt = this.#cluster.clock.now;
    }
  }

  #note(sentinel: SimSentinel, { name, payload }: SimEvent): void {
    if (name === "+vote-for-leader") return this.#noteVote(sentinel, payload.split(" ")[0] ?? "");
    // Of a replica it stands after the @.
    const [subject = "", masterPart = subject] = payload.split(" @ ");
    const isReplica = subject !== payload;
    const place = isReplica || name === "+switch-master" ? 0 : 1;
    const masterName = masterPart.split(" ")[place];
    const group = this.#cluster.groups.find((one) => one.name === masterName);
    const course = group && this.#courses.get(group);
    if (!course) return;
    if (name === "+try-failover") {
      course.attempts.set(sentinel, this.#cluster.clock.now);
      course.told.delete(sentinel);
      // An operator's attempt delays the next one however it ends, as with C.
      const failover = sentinel.core.state.masters.get(group.name)?.failover;
      const isForced = failover != null && isPlanned(failover);
      if (isForced) course.forced.add(sentinel);
      else course.forced.delete(sentinel);
    }
    if (name === "+failover-state-wait-promotion") course.told.add(sentinel);
    // A leader that told nobody anything delays no next attempt, nor does one who has moved on.
    const isWithout = !course.told.has(sentinel) && !course.forced.has(sentinel);
    const isUntold = name === "-failover-abort-no-good-slave" && isWithout;
    if (isUntold || name === "+switch-master") course.attempts.delete(sentinel);
  }

  /** Votes name no master: it may be any. */
  #noteVote(sentinel: SimSentinel, candidate: string): void {
    const { sentinels, cSentinels, clock } = this.#cluster;
    if (candidate === sentinel.core.state.myId) return;
    const isC = cSentinels.some(({ state }) => state.myId === candidate);
    const leader = sentinels.find(({ core }) => core.state.myId === candidate);
    if (!leader && !isC) return;
    for (const course of this.#courses.values()) {
      course.attempts.set(sentinel, clock.now);
      const { claim } = course;
      if (claim?.sentinels.includes(sentinel) && !(leader && claim.sentinels.includes(leader))) {
        course.disturbedAt = clock.now;
      }
    }
  }

  #noteRefusedVotes({ name }: SimGroup, { attempts, refused }: Course): void {
    const { sentinels, clock } = this.#cluster;
    for (const sentinel of sentinels) {
      const { untoldVotes } = sentinel.core.state;
      const vote = untoldVotes.find((one) => one.isRefused && one.master.name === name);
      if (!vote || refused.get(sentinel) === vote.epoch) continue;
      refused.set(sentinel, vote.epoch);
      attempts.set(sentinel, clock.now);
    }
  }

  #look(group: SimGroup, course: Course): void {
    const { clock } = this.#cluster;
    this.#noteRefusedVotes(group, course);
    const { claim } = course;
    if (claim && this.#isServed(group, claim.sentinels)) {
      this.given++;
      course.claim = null;
    } else if (claim && !this.#holds(group, course, claim)) course.claim = null;
    if (course.claim) {
      assert.ok(clock.now < course.claim.deadline, describe(group, course.claim, clock.now));
    } else course.claim = this.#findClaim(group, course);
  }

  /** All of them name one server that takes writes, and reach it. */
  #isServed(group: SimGroup, sentinels: readonly SimSentinel[]): boolean {
    const server = namedByAll(group, sentinels);
    if (!server?.isServing) return false;
    return sentinels.every((one) => this.#reaches(one, server));
  }

  /** No way is cut, and the one server that all name is there: nobody can be owed another. */
  #isAllWell({ name, servers }: SimGroup): boolean {
    const { network, sentinels } = this.#cluster;
    const first = network.isWhole && sentinels[0]?.core.state.masters.get(name);
    if (!first) return false;
    const address = currentAddress(first);
    const server = servers.find((one) => isAt(one, address));
    if (!server?.isRunning || server.isStopped) return false;
    return sentinels.every(({ core }) => {
      const master = core.state.masters.get(name);
      return master !== undefined && isAt(server, currentAddress(master));
    });
  }

  #findClaim(group: SimGroup, course: Course): Claim | null {
    const { clock, sentinels } = this.#cluster;
    if (this.#isAllWell(group)) {
      if (this.#cluster.running.length > 0) course.aliveAt = clock.now;
      return null;
    }
    for (const first of sentinels) {
      const found = this.#clique(first);
      const dead = namedByAll(group, found);
      if (!dead) continue;
      if (this.#isAliveToAny(dead)) course.aliveAt = clock.now;
      if (!this.#mayAct(group, found) || !this.#isDead(dead, found)) continue;
      const replica = group.servers.find((one) => this.#isFit(group, course, found, dead, one));
      if (replica) return this.#owe(group, course, { sentinels: found, dead, replica });
    }
    return null;
  }

  #owe(
    group: SimGroup,
    course: Course,
    claim: Pick<Claim, "sentinels" | "dead" | "replica">,
  ): Claim {
    this.owed++;
    const since = this.#cluster.clock.now;
    const { sentinels } = claim;
    const barredUntil = this.#barredUntil(course, sentinels);
    const slowest = Math.max(...sentinels.map(({ disk }) => disk.saveTakesMs));
    const risky = group.servers.filter((one) => this.#isRisky(claim, one)).length;
    const isWhole = sentinels.length === this.#cluster.allSentinels.length;
    const waitMs = boundMs(this.#cluster, { saveMs: slowest, risky, isWhole });
    const deadline = Math.max(since, barredUntil) + waitMs;
    return { ...claim, since, deadline };
  }

  /** It may be chosen and then not be there, or seem to be there and not be chosen in time. */
  #isRisky(
    { sentinels, dead, replica }: Pick<Claim, "sentinels" | "dead" | "replica">,
    server: SimRedis,
  ): boolean {
    if (server === dead || server === replica) return false;
    const { clock, options } = this.#cluster;
    const isSettled = server.livedAt < clock.now - options.downAfterMs - 2_000;
    if (!server.isRunning) return !isSettled;
    const isThere = sentinels.every((one) => this.#reaches(one, server));
    return server.isStopped || !isThere || !server.isReady || !isSettled;
  }

  /** Who stood or voted waits for twice the failover timeout; the first of them who need not leads. */
  #barredUntil({ attempts }: Course, sentinels: readonly SimSentinel[]): number {
    const { failoverTimeoutMs } = this.#cluster.options;
    const waitMs = 2 * failoverTimeoutMs + 1_000;
    const ends = sentinels.map((one) => {
      const at = attempts.get(one);
      return at === undefined ? 0 : at + MAX_DRIFT * waitMs;
    });
    return Math.min(...ends);
  }

  /** Nothing of it has changed since it was made. */
  #holds(group: SimGroup, course: Course, claim: Claim): boolean {
    const { since, sentinels, dead, replica } = claim;
    const { network } = this.#cluster;
    const lives = [dead.livedAt, replica.livedAt, network.forgottenAt];
    const changedAt = Math.max(course.disturbedAt, ...lives);
    if (changedAt >= since) return false;
    if (sentinels.some((one) => !isWell(one) || one.changedAt >= since)) return false;
    if (network.isChangedAmong([...sentinels, replica], since)) return false;
    if (!this.#isDead(dead, sentinels) || !this.#mayAct(group, sentinels)) return false;
    const promoted = namedBySome(group, sentinels).find((one) => one !== dead);
    if (!promoted) return this.#isFit(group, course, sentinels, dead, replica);
    // They are on their way to another, and soon all of them know.
    const isSteady = promoted.livedAt < since && promoted.isRunning && !promoted.isStopped;
    return isSteady && sentinels.every((one) => this.#reaches(one, promoted));
  }

  /** Those that are well and hear each other, one of them given. */
  #clique(first: SimSentinel): SimSentinel[] {
    const found: SimSentinel[] = [];
    for (const one of [first, ...this.#cluster.sentinels]) {
      if (found.includes(one) || !isWell(one) || this.#isCopied(one)) continue;
      if (found.every((other) => this.#reaches(other, one))) found.push(one);
    }
    return found;
  }

  #isCopied(one: SimSentinel): boolean {
    return this.#cluster.copied.has(one) || this.#cluster.twins?.[1] === one;
  }

  /** Each knows all of them, and that they are enough. */
  #mayAct({ name }: SimGroup, sentinels: readonly SimSentinel[]): boolean {
    return sentinels.every((one) => {
      const master = one.core.state.masters.get(name);
      if (!master || (master.failover && isPlanned(master.failover))) return false;
      const voters = master.sentinels.size + 1;
      const needed = Math.max(Math.floor(voters / 2) + 1, master.settings.quorum);
      if (sentinels.length < needed) return false;
      return sentinels.every((other) => {
        if (other === one) return true;
        const peer = master.sentinels.get(other.core.state.myId);
        return peer !== undefined && `${peer.address.ip}:${peer.address.port}` === other.address;
      });
    });
  }

  #isAliveToAny(server: SimRedis): boolean {
    if (!server.isRunning || server.isStopped) return false;
    const { network, running } = this.#cluster;
    return running.some((one) => network.canTalk(one.address, server.address));
  }

  #isDead(server: SimRedis, sentinels: readonly SimSentinel[]): boolean {
    if (!server.isRunning || server.isStopped) return true;
    // A slow one is not down.
    return !sentinels.some((one) => this.#cluster.network.canTalk(one.address, server.address));
  }

  #reaches(one: SimSentinel, { address }: { readonly address: string }): boolean {
    const { network } = this.#cluster;
    if (network.isSlow(one.address) || network.isSlow(address)) return false;
    return network.canTalk(one.address, address);
  }

  /** A replica of the dead one that holds its data, was with it lately, and obeys. */
  #isFit(
    group: SimGroup,
    { aliveAt }: Course,
    sentinels: readonly SimSentinel[],
    dead: SimRedis,
    server: SimRedis,
  ): boolean {
    if (!server.isRunning || server.isStopped || server.master !== dead) return false;
    if (server.priority === 0 || !server.isReady || !server.isHeirOf(dead)) return false;
    const { linkLostAt } = server;
    const staleMs = linkLostAt === null ? 0 : aliveAt - linkLostAt;
    if (staleMs > 5 * this.#cluster.options.downAfterMs) return false;
    return sentinels.every((one) => {
      const { replicas } = one.core.state.masters.get(group.name) ?? {};
      const isKnown = [...(replicas?.values() ?? [])].some(({ address }) => isAt(server, address));
      return isKnown && this.#reaches(one, server);
    });
  }
}

/**
 * From the moment that the condition holds, and nobody is held back by an earlier attempt any more, to a
 * master that all of them name and that takes writes.
 */
function boundMs(
  { options, clock, network }: SimCluster,
  { saveMs, risky, isWhole }: { saveMs: number; risky: number; isWhole: boolean },
): number {
  const { downAfterMs, maxLatencyMs } = options;
  // Connections that were lost in the change are opened again: one attempt hangs, the next one comes.
  const isForgotten = clock.now - network.forgottenAt < FORGOTTEN_MS;
  const reconnectMs = isForgotten ? FORGOTTEN_MS : 3_000;
  // Some epochs are lost, and the next one is won; voters who do not answer are waited for in each.
  const electionMs = isWhole ? 4_000 : 8_000;
  // Each that may be lost again is chosen before, and is given up when it is down.
  const selectionMs = 2_000 + risky * (downAfterMs + 1_000);
  // INFO shows the promotion, and hellos tell the others.
  const promotionMs = 3_000;
  const turnsMs = 60 * maxLatencyMs + 10 * saveMs;
  const waits = downAfterMs + reconnectMs + electionMs + selectionMs + promotionMs + turnsMs;
  return MAX_DRIFT * waits;
}

/** It acts as soon as there is reason to. */
function isWell({ isRunning, isStopped, disk, core }: SimSentinel): boolean {
  const isAwake = isRunning && !isStopped && core.state.tiltSince === null;
  return isAwake && !disk.isFull && disk.saveTakesMs <= MOST_SAVE_MS;
}

/** The server that each of them names; undefined: they do not agree. */
function namedByAll(group: SimGroup, sentinels: readonly SimSentinel[]): SimRedis | undefined {
  const [first, ...others] = namedBySome(group, sentinels);
  return others.length === 0 ? first : undefined;
}

function namedBySome({ name, servers }: SimGroup, sentinels: readonly SimSentinel[]): SimRedis[] {
  const addresses = sentinels.flatMap(({ core }) => {
    const master = core.state.masters.get(name);
    return master ? [currentAddress(master)] : [];
  });
  return servers.filter((server) => addresses.some((address) => isAt(server, address)));
}

function describe({ name }: SimGroup, claim: Claim, now: number): string {
  const { since, sentinels, dead, replica } = claim;
  const who = sentinels.map(({ address }) => address).join(", ");
  return (
    `${name}: no master after ${now - since} ms, though ${replica.host} is fit for ${who} ` +
    `since ${since} and ${dead.host} is dead`
  );
}
