import assert from "node:assert/strict";
import { currentAddress, instancesOf } from "../../src/core/records.ts";
import { Checks, FORGOTTEN_MS } from "./checks.ts";
import { isAt, masterOf, SimCluster, type SimGroup } from "./cluster.ts";
import { CoordinatedChecks } from "./coordinated-checks.ts";
import { forgeQuestion, healAll, strike } from "./faults.ts";
import { LivenessChecks } from "./liveness-checks.ts";
import { strikeGroup } from "./outage.ts";
import { type Fault, type FaultKind, type LifePlan, planLife } from "./plan.ts";
import type { SimRedis } from "./redis.ts";
import type { SimEvent } from "./sentinel-options.ts";
import { branchesTaken } from "./sometimes.ts";
import { WriteChecks } from "./write-checks.ts";
import { SimWriter } from "./writer.ts";

/** From the end of all faults until all agree: the longest waits of the protocol, several times. */
function convergenceLimitMs({ options }: LifePlan): number {
  return 120_000 + 12 * options.failoverTimeoutMs + 4 * options.downAfterMs;
}

/** In every fourth life the quiet is so long that any attempt would be repeated by then. */
function hasLongQuiet({ options }: LifePlan): boolean {
  return options.seed % 4 === 0;
}

/** How long nothing may happen to a healthy cluster before the last kill. */
function quietMs(plan: LifePlan): number {
  return 2_000 + (hasLongQuiet(plan) ? 2 * plan.options.failoverTimeoutMs : 0);
}

/**
 * From the death of a master to a new one that all agree on, with everything else healthy. Usually
 * it is down-after and some round trips; two leaders in different epochs are possible when several
 * masters die at once, and then a replica promoted in vain is put back after 8 s and an INFO period.
 * An attempt of less than twice the failover timeout ago makes the next one wait.
 */
function failoverLimitMs(plan: LifePlan): number {
  const { downAfterMs, maxLatencyMs, failoverTimeoutMs } = plan.options;
  const attemptMs = hasLongQuiet(plan) ? 0 : 2 * failoverTimeoutMs;
  return 2 * downAfterMs + 30_000 + 40 * maxLatencyMs + attemptMs;
}

const WRITE_PERIOD_MS = 200;
/** A client notices what is wrong with its connection, asks anew and writes. */
const SERVICE_MS = 3_000;
/** What a person says to Sentinels or servers behind the Sentinels' back. */
const OPERATED: ReadonlySet<FaultKind> = new Set([
  "manual-failover",
  "coordinated-failover",
  "force-both-sides",
  "demote-by-hand",
  "detach-by-hand",
  "reset",
  "remove-and-monitor",
  "join-sentinel",
  "move-sentinel",
  "copy-sentinel",
]);
/** So long at most no new fault comes while a master is owed. */
const MOST_AWAITED_MS = 90_000;
/** How often agreement is looked for. */
const POLL_MS = 100;

export interface LifeReport {
  readonly simulatedMs: number;
  /** Leaders elected among ours, and among C Sentinels. */
  readonly elections: number;
  readonly cElections: number;
  /** Replicas chosen, and how many of the choices were held against the other candidates. */
  readonly selections: number;
  readonly judged: number;
  /** So often a connected majority with a fit replica was owed a master, and got one in time. */
  readonly owed: number;
  readonly given: number;
  /** Names of the `BRANCHES` that it took. */
  readonly branches: readonly string[];
}

/** A failure of one life, with what is needed to look at it and to repeat it. */
export class LifeError extends Error {
  override readonly name = "LifeError";
  readonly plan: LifePlan;
  readonly timeline: string;

  constructor(plan: LifePlan, cause: unknown, timeline: string) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.plan = plan;
    this.timeline = timeline;
  }
}

/** One whole life of a cluster; throws a `LifeError` when an invariant breaks. */
export function live(plan: LifePlan): LifeReport {
  const life = new Life(plan);
  try {
    life.run();
  } catch (error) {
    throw new LifeError(plan, error, `${life.describe()}\n${life.cluster.timeline()}`);
  }
  const { selections, judged } = life.checks;
  const { owed, given } = life.liveness;
  const { clock, sentinels, cSentinels } = life.cluster;
  return {
    simulatedMs: clock.now,
    elections: countElected(sentinels),
    cElections: countElected(cSentinels),
    selections,
    judged,
    owed,
    given,
    branches: branchesTaken(sentinels),
  };
}

function countElected(sentinels: readonly { readonly events: readonly SimEvent[] }[]): number {
  return sentinels.flatMap(({ events }) => events.filter(({ name }) => name === "+elected-leader"))
    .length;
}

export function liveSeed(seed: number): LifeReport {
  return live(planLife(seed));
}

class Life {
  readonly cluster: SimCluster;
  readonly #plan: LifePlan;
  readonly checks: Checks;
  readonly #writeChecks: WriteChecks;
  readonly coordinated: CoordinatedChecks;
  readonly liveness: LivenessChecks;
  readonly #writers: readonly SimWriter[];
  #lastWrite = 0;

  constructor(plan: LifePlan) {
    this.#plan = plan;
    this.cluster = new SimCluster(plan.options);
    this.checks = new Checks(this.cluster);
    this.#writeChecks = new WriteChecks(this.cluster);
    this.coordinated = new CoordinatedChecks(this.cluster);
    this.liveness = new LivenessChecks(this.cluster);
    this.#writers = this.cluster.groups.map((group, index) => this.#createWriter(group, index));
  }

  #createWriter(group: SimGroup, index: number): SimWriter {
    const { network, sentinels, names } = this.cluster;
    const ids = { next: () => ++this.#lastWrite };
    const address = `10.98.0.${index + 1}:1`;
    return new SimWriter({ network, names, group, sentinels, ids, address });
  }

  run(): void {
    this.cluster.settle();
    this.#writeForEver();
    this.liveness.lookForEver();
    this.#suffer();
    healAll(this.cluster);
    this.#awaitLastingAgreement();
    this.#staysQuiet();
    if (this.#plan.options.replicas > 0) this.#killEveryMaster();
    for (const { disk } of this.cluster.sentinels) disk.load();
    if (this.#canElect()) this.#writeChecks.run();
  }

  /** Clients that ask Sentinels for the master, and stale ones that write to whatever takes it. */
  #writeForEver(): void {
    const { clock, servers } = this.cluster;
    const all = [...servers.values()];
    const round = {
      happen: () => {
        for (const server of all) server.write(++this.#lastWrite);
        clock.plan(WRITE_PERIOD_MS, round);
      },
    };
    round.happen();
    for (const writer of this.#writers) writer.writeForEver();
  }

  #suffer(): void {
    for (const fault of this.#plan.faults) {
      this.cluster.clock.advance(fault.afterMs);
      if (fault.kind === "reset" || fault.kind === "remove-and-monitor") {
        this.checks.membershipAgreed = false;
      }
      if (OPERATED.has(fault.kind)) this.liveness.disturb();
      this.#strike(fault);
    }
  }

  #strike(fault: Fault): void {
    if (fault.kind === "outage") {
      this.cluster.clock.advance(strikeGroup(this.cluster, fault.a, fault.b));
    }
    if (fault.kind === "outage" || fault.kind === "await-master") {
      this.liveness.awaitMasters(MOST_AWAITED_MS);
    } else strike(this.cluster, fault);
  }

  /** All Sentinels name the same living master, and every server follows it. */
  #awaitAgreement(when: string, limitMs: number): void {
    const { clock } = this.cluster;
    const isReached = clock.pollUntil(() => this.#isWholeEverywhere(), POLL_MS, limitMs);
    assert.ok(isReached, `no agreement ${when} in ${limitMs} ms`);
  }

  /** Wholeness may be a moment's; what was under way then shows itself within some seconds. */
  #awaitLastingAgreement(): void {
    const limitMs = convergenceLimitMs(this.#plan);
    const { cSentinels, network, clock } = this.cluster;
    // Until it has closed what the other end forgot, a C Sentinel may see a master down that answers all others.
    const closedAt = network.forgottenAt + FORGOTTEN_MS;
    if (cSentinels.length > 0 && closedAt > clock.now) clock.advance(closedAt - clock.now);
    this.#awaitAgreement("after the faults", limitMs);
    this.cluster.clock.advance(5_000 + this.#plan.options.downAfterMs);
    this.#awaitAgreement("after the faults and a while", limitMs);
    this.#writeChecks.run();
    this.#awaitService();
  }

  /** Who asks a Sentinel and writes where it says is served. */
  #awaitService(): void {
    const { clock } = this.cluster;
    const since = clock.now;
    const isServed = () => this.#writers.every(({ ackedAt }) => ackedAt > since);
    const limitMs = SERVICE_MS + 10 * this.#plan.options.maxLatencyMs;
    assert.ok(clock.pollUntil(isServed, POLL_MS, limitMs), "clients find no master that serves");
  }

  #isWhole({ name, servers }: SimGroup): boolean {
    const unknown = servers.filter((one) => one.isRunning && !this.#isKnown(name, one));
    // Whom a server follows that nobody knows of may be another group's: it is left alone [D-LINEAGE].
    const isLeftAlone = (one: SimRedis) => unknown.some(({ master }) => master === one);
    const living = servers.filter(
      (one) => one.isRunning && !unknown.includes(one) && !isLeftAlone(one),
    );
    const masters = living.filter(({ role }) => role === "master");
    const [master] = masters;
    if (!master || masters.length !== 1 || !this.cluster.agreesOn(master, name)) return false;
    const epochs = new Set(this.cluster.sentinels.map((one) => masterOf(one, name).configEpoch));
    for (const { state } of this.cluster.cSentinels) {
      epochs.add(state.masters.get(name)?.configEpoch ?? -1n);
    }
    const follow = living.every((one) => one === master || one.master === master);
    const isOpen = this.#mayForget() || living.every(({ isFenced }) => !isFenced);
    return epochs.size === 1 && follow && isOpen && this.#isCalm(name) && this.#cSentinelsAct();
  }

  /** A name that is removed is not looked after any more, nor are the servers that were to refuse writes for it. */
  #mayForget(): boolean {
    return this.#plan.faults.some(({ kind }) => kind === "remove-and-monitor");
  }

  /** RESET and REMOVE may leave a server that nobody watches; upstream forgets it, too. */
  #isKnown(name: string, server: SimRedis): boolean {
    return this.cluster.sentinels.some((one) =>
      instancesOf(masterOf(one, name)).some(({ address }) => isAt(server, address)),
    );
  }

  /** No Sentinel sees a living server or another Sentinel as down. */
  #isCalm(name: string): boolean {
    return this.cluster.sentinels.every(
      (one) =>
        one.core.state.tiltSince === null &&
        instancesOf(masterOf(one, name)).every(({ sdown, address }) => {
          const server = this.cluster.servers.get(`${address.host}:${address.port}`);
          return !sdown || server?.isRunning === false;
        }),
    );
  }

  /** None is in TILT: a C Sentinel that misses a death for 30 s finds every replica too old for good. */
  #cSentinelsAct(): boolean {
    return this.cluster.cSentinels.every(({ state }) => state.tiltSince === null);
  }

  /** A healthy cluster is left alone: no failover is repeated. */
  #staysQuiet(): void {
    const attempts = () => this.#countEvents("+try-failover");
    const before = attempts();
    this.cluster.clock.advance(quietMs(this.#plan));
    assert.equal(attempts(), before, "a failover of a healthy cluster");
    this.#awaitAgreement("in the quiet", this.#mayBeFound() ? 10_000 : 0);
  }

  /**
   * A replica that RESET or REMOVE made unknown may be found just now: under an address that its name left, or since
   * a C Sentinel, which knows it still, told it whom to follow.
   */
  #mayBeFound(): boolean {
    const { options, faults } = this.#plan;
    const isForgotten = faults.some(
      ({ kind }) => kind === "reset" || kind === "remove-and-monitor",
    );
    return options.names || (isForgotten && this.cluster.cSentinels.length > 0);
  }

  #countEvents(wanted: string): number {
    return this.cluster.sentinels
      .map(({ events }) => events.filter(({ name }) => name === wanted).length)
      .reduce((sum, count) => sum + count, 0);
  }

  /** With everything healthy, the death of all masters at once ends in new ones soon. */
  #killEveryMaster(): void {
    const masters = this.cluster.groups.map((group) => this.#masterOf(group));
    this.cluster.clock.pollUntil(() => this.cluster.isDiscovered(), POLL_MS, 30_000);
    for (const master of masters) this.cluster.network.kill(master);
    // Votes are asked for in an invented name, just when they are needed.
    if (this.#plan.options.seed % 8 === 0) {
      for (const sentinel of this.cluster.sentinels) {
        for (const { name } of this.cluster.groups) forgeQuestion(sentinel, name, 2);
      }
    }
    if (!this.#canElect()) return;
    const killedAt = this.cluster.clock.now;
    const limitMs = failoverLimitMs(this.#plan);
    if (this.cluster.clock.pollUntil(() => this.#isWholeEverywhere(), POLL_MS, limitMs)) return;
    assert.ok(this.#isDemotedByC(killedAt), `no agreement after the kill in ${limitMs} ms`);
    // A C Sentinel made the new master a replica of the dead one. Where no other server lives, nobody can lead
    // it out of that, here as with C alone, until the dead one is back.
    for (const server of this.cluster.servers.values()) if (!server.isRunning) server.restart();
    this.#awaitAgreement("after the kill and a demotion", convergenceLimitMs(this.#plan));
  }

  #isDemotedByC(since: number): boolean {
    return this.cluster.cSentinels.some(({ events }) =>
      events.some(({ name, atMs }) => name === "+convert-to-slave" && atMs >= since),
    );
  }

  #isWholeEverywhere(): boolean {
    return this.cluster.groups.every((group) => this.#isWhole(group));
  }

  /** More Sentinels may be known than run: RESET on one of them forgets those of others. */
  #canElect(): boolean {
    return this.cluster.isDiscovered();
  }

  #masterOf({ servers }: SimGroup): SimRedis {
    const master = servers.find(({ role }) => role === "master");
    if (!master) throw new Error("no master");
    return master;
  }

  describe(): string {
    const servers = [...this.cluster.servers.values()].map((one) => {
      const state = `${one.isRunning ? "runs" : "dead"}${one.isStopped ? " stopped" : ""}`;
      return `${one.host} at ${one.address} ${state} ${one.role} of ${one.upstream?.host ?? "-"} at ${one.offset}`;
    });
    const sentinels = this.cluster.sentinels.flatMap((one) =>
      [...one.core.state.masters.values()].map((master) => {
        const { host, ip } = currentAddress(master);
        const step = master.failover?.step ?? "";
        return `${one.address} ${master.name} is ${host} (${ip}) epoch ${master.configEpoch} ${step}`;
      }),
    );
    return [JSON.stringify(this.#plan.options), ...servers, ...sentinels].join("\n");
  }
}
