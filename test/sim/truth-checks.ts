import assert from "node:assert/strict";
import { isPlanned } from "../../src/core/failover/coordinated/plan.ts";
import { currentAddress } from "../../src/core/records.ts";
import type { Master, Replica } from "../../src/core/state.ts";
import { FORGOTTEN_MS } from "./checks.ts";
import { isAt, type SimCluster } from "./cluster.ts";
import type { SimRedis } from "./redis.ts";
import type { SimEvent } from "./sentinel-options.ts";
import type { SimSentinel } from "./sentinel-process.ts";

/** For so long nothing may have changed for a server and the network to be judged by. */
const STEADY_MS = 4_000;
/** And for so long the network: what was slow is still under way, and all that was sent behind it. */
const STEADY_NETWORK_MS = 12_000;
/** A standstill that each Sentinel notices, whatever its clock (tilt-trigger is 2 s). */
const STANDSTILL_MS = 2_200;
/** A shorter one is none for any of them: less a tick before it, one after it, and what a clock may drift. */
const TILT_TRIGGER_MS = 1_750;
/** TILT, less what a drifting clock takes off. */
const TILT_MS = 29_000;
/** So long at least a master that may be back is waited for. */
const RETURN_MS = 600;
const BEFORE_PROMOTION = new Set(["wait_start", "select_slave", "send_slaveof_noone"]);
/** So long a server that says it is a master is left alone, less what a clock drifts [REPAIR-ROLE]. */
const USUAL_WAIT_MS = 7_900;
const CONCLUSIONS = new Set(["+sdown", "+odown", "+try-failover"]);

/** What a Sentinel concludes, held against what was so: the checker sees the whole cluster. */
export class TruthChecks {
  readonly #cluster: SimCluster;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
  }

  checkEvent(sentinel: SimSentinel, event: SimEvent): void {
    if (CONCLUSIONS.has(event.name)) this.#checkStandstill(sentinel, event);
    if (event.name === "+tilt") this.#checkTilt(sentinel);
    if (event.name === "+sdown") this.#checkDown(sentinel, event);
    if (event.name === "-sdown") this.#checkAbandoned(sentinel, event);
    if (event.name === "+convert-to-slave") this.#checkDemotion(sentinel, event);
    if (event.name === "+selected-slave") this.#checkData(sentinel, event);
    if (event.name !== "+failover-state-wait-promotion") return;
    this.#checkMasterLost(sentinel, event);
    this.#checkReturn(sentinel, event);
  }

  get #now(): number {
    return this.#cluster.clock.now;
  }

  /** A replica is promoted unasked only while the master does not answer. */
  #checkMasterLost(sentinel: SimSentinel, { payload }: SimEvent): void {
    const master = sentinel.core.state.masters.get(payload.split(" ")[5] ?? "");
    const server = master && this.#serverOf(master);
    if (!server || isAskedFor(master) || server.role === "slave") return;
    if (server.isServing && this.#isSteady(sentinel, server, 0)) {
      assert.fail(`${sentinel.address} replaces ${server.address}, which answers all the time`);
    }
  }

  /** What began while the master was away ends with its answer [D-MASTER-BACK]. */
  #checkAbandoned({ core, address }: SimSentinel, { payload }: SimEvent): void {
    const [kind, name = ""] = payload.split(" ");
    const master = core.state.masters.get(name);
    const failover = kind === "master" && master?.failover;
    if (!failover || isPlanned(failover) || failover.settles || master.sdown) return;
    const isGoingOn = BEFORE_PROMOTION.has(failover.step);
    assert.ok(!isGoingOn, `${address} goes on replacing ${name}, which answers`);
  }

  /**
   * A Sentinel that was cut off from all servers, for so long that it noticed, and hears them again takes no replica
   * before the master had time to answer.
   */
  #checkReturn(sentinel: SimSentinel, { payload }: SimEvent): void {
    const { network, options } = this.#cluster;
    const master = sentinel.core.state.masters.get(payload.split(" ")[5] ?? "");
    const server = master && this.#serverOf(master);
    if (!server?.isServing || isAskedFor(master) || options.names) return;
    const group = this.#cluster.groups.find(({ servers }) => servers.includes(server));
    const backAt = (one: SimRedis) => network.changedBetween(sentinel.address, one.address);
    const healedAt = backAt(server);
    if (healedAt === null || healedAt < this.#now - RETURN_MS) return;
    const isBack = (one: SimRedis) => {
      if (network.isSlow(one.address) || one.livedAt > healedAt - RETURN_MS) return false;
      if (network.wasCutMs(sentinel.address, one.address) <= options.downAfterMs / 2) return false;
      return backAt(one) === healedAt && network.canTalk(sentinel.address, one.address);
    };
    const isAllBack = !network.isSlow(sentinel.address) && group?.servers.every(isBack);
    const sinceMs = this.#now - healedAt;
    const what = `${sentinel.address} replaces ${server.address} ${sinceMs} ms after it hears all again`;
    assert.ok(!isAllBack, what);
  }

  /** Who is demoted without the usual wait is the master of no newer configuration [D-RETURNING]. */
  #checkDemotion({ core, address }: SimSentinel, { payload }: SimEvent): void {
    const [, name = "", , , , masterName = ""] = payload.split(" ");
    const own = core.state.masters.get(masterName);
    const replica = own?.replicas.get(name);
    const server = replica && this.#serverOf(replica);
    if (!own || !replica || !server) return;
    if ((replica.infoAt ?? 0) - replica.roleReportedSince >= USUAL_WAIT_MS) return;
    for (const { core: other, isRunning, disk, label } of this.#cluster.sentinels) {
      const saved = disk.saved.masters.find((one) => one.name === masterName);
      const present = isRunning ? other.state.masters.get(masterName) : undefined;
      const named = [
        saved,
        present && { ...currentAddress(present), configEpoch: present.configEpoch },
      ];
      const newer = named.find(
        (one) => one && isAt(server, one) && one.configEpoch > own.configEpoch,
      );
      assert.ok(
        !newer,
        `${address} demotes ${server.address}, the master of a newer epoch to ${label}`,
      );
    }
  }

  /** A process that did not stand still has no reason for TILT: its disk alone is none. */
  #checkTilt({ stoodStillMs, address }: SimSentinel): void {
    assert.ok(stoodStillMs > TILT_TRIGGER_MS, `${address} is in TILT without a standstill`);
  }

  /** A process that stood still concludes nothing for the length of TILT. */
  #checkStandstill(sentinel: SimSentinel, { name, payload }: SimEvent): void {
    const { stoodStillMs, resumedAt, address } = sentinel;
    const [, masterName = ""] = payload.split(" ");
    if (isAskedFor(sentinel.core.state.masters.get(masterName))) return;
    const sinceMs = this.#now - resumedAt;
    const isTooSoon = stoodStillMs > STANDSTILL_MS && sinceMs < TILT_MS;
    assert.ok(!isTooSoon, `${address} says ${name} ${sinceMs} ms after a standstill`);
  }

  /** A server that answered all the while is not down. */
  #checkDown(sentinel: SimSentinel, { payload }: SimEvent): void {
    const [kind, , host, port] = payload.split(" ");
    const server = this.#cluster.servers.get(`${host}:${port}`);
    if (kind === "sentinel" || !server || !this.#isSteady(sentinel, server)) return;
    // A master that reports another role counts as down, too.
    if (kind === "master" && server.role === "slave") return;
    assert.fail(`${sentinel.address} sees ${server.address} down, which answers all the time`);
  }

  /**
   * Both have run, and reached each other, for some seconds more than this. Where servers have names this
   * is not known: what a Sentinel dials is what it last heard of a name server.
   */
  #isSteady(
    sentinel: SimSentinel,
    server: SimRedis,
    ms = this.#cluster.options.downAfterMs,
  ): boolean {
    const { network, options } = this.#cluster;
    if (options.names) return false;
    if (network.isSlow(sentinel.address) || network.isSlow(server.address)) return false;
    const { at, awakeSince } = sentinel.slowSaves.conclusion(this.#now);
    // A connection that the other end has forgotten is closed after a while only, as with C.
    if (at < network.forgottenAt + FORGOTTEN_MS) return false;
    if (network.changedAt > at - ms - STEADY_NETWORK_MS) return false;
    const changedAt = Math.max(server.changedAt, sentinel.changedAt);
    if (Math.max(changedAt, awakeSince) > at - ms - STEADY_MS) return false;
    if (!server.isRunning || server.isStopped) return false;
    return network.canTalk(sentinel.address, server.address);
  }

  /**
   * After the death of a master, none of the replicas that could be asked holds more of its data than the
   * chosen one, unless it is of another priority. Before one that holds nothing at all comes whoever may be
   * chosen.
   */
  #checkData(sentinel: SimSentinel, { payload }: SimEvent): void {
    const [, chosenName = "", , , , masterName = ""] = payload.split(" ");
    const master = sentinel.core.state.masters.get(masterName);
    const chosen = master?.replicas.get(chosenName);
    const chosenServer = chosen && this.#serverOf(chosen);
    const dead = master && this.#serverOf(master);
    if (!master || !dead || !chosenServer) return;
    // What is said after a slow save was concluded before it.
    if (sentinel.disk.saveTakesMs > 0 || master.failover?.target) return;
    const held = countShared(chosenServer.data, dead.data);
    // Of a server that tells no history only one that holds nothing can be told apart.
    if (!chosenServer.tellsHistory && held > 0) return;
    for (const other of master.replicas.values()) {
      const server = this.#serverOf(other);
      if (server?.master !== dead || other.priority === 0) continue;
      const isEmpty = held === 0 && server.isReady;
      if (other.priority !== chosen.priority && !isEmpty) continue;
      // What it holds went its own way before the dead one was made the master.
      if (!server.isBehind(dead)) continue;
      // It refused, or was lost, in this very failover.
      if (master.failover?.failed.has(other)) continue;
      if (!this.#couldBeAsked(sentinel, master, other, server)) continue;
      const most = server.data.length;
      const more = `${server.address} holds ${most}, more than ${chosenServer.address}`;
      assert.ok(most <= held, `${more} with ${held}`);
    }
  }

  #couldBeAsked(
    sentinel: SimSentinel,
    master: Master,
    replica: Replica,
    server: SimRedis,
  ): boolean {
    const dead = this.#serverOf(master);
    if (!dead || dead.isRunning || dead !== server.master) return false;
    if (replica.sdown || replica.isLoading) return false;
    // It would not be connected to again after it was lost.
    const { command, opened, droppedAt } = replica.link;
    if (!command && droppedAt !== null && (opened.command?.at ?? 0) > droppedAt) return false;
    return dead.changedAt < this.#now - 1_000 && this.#isSteady(sentinel, server);
  }

  #serverOf({ address: { host, port } }: Master | Replica): SimRedis | undefined {
    return this.#cluster.servers.get(`${host}:${port}`);
  }
}

/** Its failover is an operator's. */
function isAskedFor(master: Master | undefined): boolean {
  return master?.failover != null && isPlanned(master.failover);
}

/** How many writes both hold. */
function countShared(some: readonly number[], others: readonly number[]): number {
  const known = new Set(others);
  return some.reduce((count, write) => count + (known.has(write) ? 1 : 0), 0);
}
