import assert from "node:assert/strict";
import { currentAddress } from "../../src/core/records.ts";
import type { CSentinel } from "./c-model/c-sentinel.ts";
import type { CAddress } from "./c-model/records.ts";
import { isAt, type SimCluster, type SimGroup } from "./cluster.ts";
import type { SimRedis } from "./redis.ts";
import type { SimSentinel } from "./sentinel-process.ts";

/**
 * What may be lost is only what asynchronous replication must lose: a write that was taken by the
 * master that every Sentinel names, in memory and on disk and with no failover under way, is in the
 * data of the master that they agree on in the end, unless a replica that did not hold it was
 * promoted since, or the master itself came back without its files.
 *
 * That the promoted replica was the one that held most is another check (`Checks`).
 */
export class WriteChecks {
  readonly #cluster: SimCluster;
  readonly #expected = new Map<SimGroup, number[]>();

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
    for (const sentinel of cluster.allSentinels) this.#watchPromotions(sentinel);
    for (const sentinel of cluster.sentinels) this.#watchOrders(sentinel);
    cluster.onJoined.push((sentinel) => {
      this.#watchPromotions(sentinel);
      this.#watchOrders(sentinel);
    });
    for (const group of cluster.groups) {
      if (group.isAlias) continue;
      this.#expected.set(group, []);
      for (const server of group.servers) this.#watch(group, server);
    }
  }

  #watchPromotions({ onEvent }: SimSentinel | CSentinel): void {
    onEvent.push(({ name, payload }) => {
      if (name === "+promoted-slave") this.#promotionSeen(payload);
    });
  }

  #watchOrders(sentinel: SimSentinel): void {
    sentinel.onSend = (to, [command, host = ""]) => {
      if (command !== "SLAVEOF" || host === "NO") return;
      this.#mustNotBeMaster(to);
      this.#mustBeOfOneGroup(to, host);
    };
  }

  #watch(group: SimGroup, server: SimRedis): void {
    server.onWrite = (id) => {
      if (this.#isMasterOfAll(group, server)) this.#expected.get(group)?.push(id);
    };
    server.onPromoted = () => this.#forgetWhatLacks(group, server);
    server.onForgot = () => this.#forgetWhatLacks(group, server);
    server.onEmptied = () => this.#expected.set(group, []);
  }

  #isMasterOfAll({ name, servers }: SimGroup, server: SimRedis): boolean {
    const { groups } = this.#cluster;
    const names = groups.filter((one) => one.servers === servers).map((one) => one.name);
    for (const sentinel of this.#cluster.sentinels) {
      if (isReplacing(sentinel, names)) return false;
      if (!namesIt(sentinel, name, server) || !hasSaved(sentinel, name, server)) return false;
    }
    return this.#cluster.cSentinels.every((sentinel) => cNamesIt(sentinel, name, server));
  }

  /** A server that was a master before it was told to be one is promoted all the same. */
  #promotionSeen(payload: string): void {
    const [, , host, port] = payload.split(" ");
    const isIt = (server: SimRedis) => isAt(server, { host: `${host}`, port: Number(port) });
    for (const group of this.#cluster.groups) {
      for (const server of group.servers) if (isIt(server)) this.#forgetWhatLacks(group, server);
    }
  }

  /** Promoted without it: asynchronous replication promises no more. */
  #forgetWhatLacks(group: SimGroup, server: SimRedis): void {
    const held = new Set(server.data);
    this.#expected.set(
      group,
      (this.#expected.get(group) ?? []).filter((id) => held.has(id)),
    );
  }

  /**
   * Nobody makes the master that all of them name a replica: judged when it is sent, for what is under
   * way when the last of them hears of the new master cannot be called back.
   */
  #mustNotBeMaster(address: string): void {
    for (const group of this.#cluster.groups) {
      for (const server of group.servers) {
        const isMaster = server.address === address && this.#isMasterOfAll(group, server);
        assert.ok(!isMaster, `${address} is told to follow another, and all name it the master`);
      }
    }
  }

  /** Nobody makes a server take over the data of another group: its own would be destroyed. */
  #mustBeOfOneGroup(address: string, host: string): void {
    const groupOf = (isMeant: (server: SimRedis) => boolean) =>
      this.#cluster.groups.find(({ servers }) => servers.some(isMeant));
    const [told, named] = [
      groupOf((one) => one.address === address),
      groupOf((one) => one.host === host || one.ip === host),
    ];
    assert.ok(told === named, `${address} is told to follow ${host}, which holds other data`);
  }

  /** To be called once all agree on these masters. */
  run(): void {
    for (const [group, expected] of this.#expected) {
      const master = group.servers.find((one) => one.isRunning && this.#cluster.agreesOn(one));
      assert.ok(master, `nobody is the master of ${group.name}`);
      const held = new Set(master.data);
      const lost = expected.filter((id) => !held.has(id));
      assert.equal(lost.length, 0, `${master.address} has lost ${lost.length} writes (${lost[0]})`);
    }
  }
}

/** It fails one of them over, which are names of the same servers. */
function isReplacing({ isRunning, core }: SimSentinel, names: readonly string[]): boolean {
  return isRunning && names.some((name) => core.state.masters.get(name)?.failover != null);
}

/** As a running process; one that does not run says nothing. */
function namesIt(sentinel: SimSentinel, name: string, server: SimRedis): boolean {
  if (!sentinel.isRunning) return true;
  const { state } = sentinel.core;
  const master = state.masters.get(name);
  if (!master || master.failover || state.unsaved) return false;
  return isAt(server, currentAddress(master));
}

/** In memory and on disk, with no failover of its own. */
function cNamesIt({ isRunning, state, file }: CSentinel, name: string, server: SimRedis): boolean {
  const master = state.masters.get(name);
  const isNamed = master?.step === "none" && isAt(server, hostOf(master.address));
  const saved = file.masters.find((one) => one.name === name);
  return (isNamed || !isRunning) && saved !== undefined && isAt(server, hostOf(saved.address));
}

function hostOf({ ip, port }: CAddress): { host: string; port: number } {
  return { host: ip, port };
}

/** As it would know after a crash. */
function hasSaved({ disk }: SimSentinel, name: string, server: SimRedis): boolean {
  const master = disk.saved.masters.find((one) => one.name === name);
  return master !== undefined && isAt(server, master);
}
