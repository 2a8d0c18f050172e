import { currentAddress } from "../../src/core/records.ts";

import { CSentinel } from "./c-model/c-sentinel.ts";
import { LAG_ROUNDS, type SimCluster, type SimGroup } from "./cluster.ts";
import { monitor, removeCopy, strikeMembers } from "./member-faults.ts";
import { pick } from "./pick.ts";
import type { Fault } from "./plan.ts";
import type { SimSentinel } from "./sentinel-process.ts";
import {
  acceptOrders,
  demoteByHand,
  detachByHand,
  dropClients,
  loadData,
  mendData,
  mislead,
  move,
  refuseOrders,
  strikeData,
} from "./server-faults.ts";

/** What a save may take: a good disk, one that is busy, and storage that fails. */
const SAVE_MS = [0, 30, 500, 1_950, 5_000] as const;
/** What every message from and to a host may take, beside the usual. */
const DELAYS_MS = [100, 400, 1_500, 3_000] as const;

/** Lets a fault happen; one that makes no sense at present does nothing. */
export function strike(cluster: SimCluster, fault: Fault): void {
  const { a, b, kind } = fault;
  const { network, sentinels } = cluster;
  const server = pick([...cluster.servers.values()], a);
  const sentinel = pick(sentinels, a);
  const process = pick(cluster.allSentinels, a);
  switch (kind) {
    case "kill-server":
      if (server.isRunning) network.kill(server);
      return;
    case "restart-server":
      if (!server.isRunning) server.restart();
      return;
    case "restart-empty":
      if (!server.isRunning) server.restartEmpty();
      return;
    case "move-server":
      return move(cluster, server, b);
    case "break-names":
      cluster.names.isDown = cluster.options.names;
      return;
    case "mend-names":
      return cluster.names.mend();
    case "mislead-names":
      return mislead(cluster, server, b);
    case "set-lag":
      server.lagRounds = pick(LAG_ROUNDS, b);
      return;
    case "stop-server":
      server.isStopped = true;
      return;
    case "continue-server":
      server.isStopped = false;
      return;
    case "pause-writes":
      if (server.isRunning) server.pauseWrites(200 + 1_000 * (b % 12));
      return;
    case "load-data":
      return loadData(cluster, server, b);
    case "refuse-orders":
      return refuseOrders(server, b);
    case "accept-orders":
      return acceptOrders(server);
    case "drop-clients":
      return dropClients(cluster, server, b % 200);
    case "join-sentinel":
    case "move-sentinel":
    case "copy-sentinel":
      return strikeMembers(cluster, sentinel, fault);
    case "forget-connections":
      return forgetConnections(cluster, pick(hosts(cluster), a));
    case "slow-down":
      return network.slowDown(pick(hosts(cluster), a), pick(DELAYS_MS, b));
    case "slow-sync":
    case "break-sync":
    case "restart-older":
    case "need-replicas":
    case "chain":
      return strikeData(cluster, server, fault);
    case "crash-sentinel":
      if (process.isRunning) process.crash();
      return;
    case "crash-after-save":
      sentinel.crashAfterSave = true;
      return;
    case "crash-before-save":
      sentinel.crashBeforeSave = true;
      return;
    case "start-sentinel":
      if (!process.isRunning) process.start();
      return;
    case "stop-sentinel":
      process.isStopped = true;
      return;
    case "continue-sentinel":
      process.isStopped = false;
      return;
    case "cut":
      return network.cut(pick(hosts(cluster), a), pick(hosts(cluster), b));
    case "cut-one-way":
      return network.cutOneWay(pick(hosts(cluster), a), pick(hosts(cluster), b));
    case "isolate":
      return isolate(cluster, pick(hosts(cluster), a));
    case "cut-role":
      return cutRole(cluster, b);
    case "at-step":
      return strikeAtStep(cluster, a, b);
    case "heal":
      return network.heal();
    case "fill-disk":
      sentinel.disk.isFull = true;
      return;
    case "free-disk":
      sentinel.disk.isFull = false;
      sentinel.disk.saveTakesMs = 0;
      return;
    case "slow-disk":
      sentinel.disk.saveTakesMs = pick(SAVE_MS, b);
      return;
    case "force-both-sides":
      return forceBothSides(cluster, pick(cluster.groups, b));
    case "set-priority":
      server.priority = (b % 3) * 50;
      return;
    case "demote-by-hand":
      return demoteByHand(cluster, server);
    case "detach-by-hand":
      return detachByHand(server);
    case "manual-failover":
      if (!(process instanceof CSentinel)) break;
      if (process.isRunning && !process.isStopped) {
        process.ask("SENTINEL", "FAILOVER", pick(cluster.groups, b).name);
      }
      return;
    default:
  }
  if (sentinel.isRunning && !sentinel.isStopped) operate(cluster, sentinel, fault);
}

/** What an operator types into one Sentinel. */
function operate(cluster: SimCluster, sentinel: SimSentinel, { kind, b }: Fault): void {
  const group = pick(cluster.groups, b);
  switch (kind) {
    case "manual-failover":
      return force(cluster, sentinel, group);
    case "coordinated-failover":
      return coordinate(cluster, sentinel, group, b);
    case "simulate-failure": {
      const point = b % 2 ? "crash-after-election" : "crash-after-promotion";
      sentinel.ask("SENTINEL", "SIMULATE-FAILURE", point);
      return;
    }
    case "forge-question":
      return forgeQuestion(sentinel, group.name, b);
    case "set-option":
      sentinel.ask("SENTINEL", "SET", group.name, "parallel-syncs", `${1 + (b % 3)}`);
      return;
    case "reset":
      // Between two forced failovers on both sides of a cut it makes two groups that know nothing of each
      // other, here as upstream.
      if (!cluster.agreesOnSome(group.name)) return;
      sentinel.ask("SENTINEL", "RESET", group.name);
      return;
    case "remove-and-monitor":
      return monitorAgain(cluster, sentinel, group);
    default:
      return;
  }
}

/** The operator asks for a planned switch, and looks on or not: while it goes on anything may happen. */
function coordinate(
  cluster: SimCluster,
  sentinel: SimSentinel,
  { name, servers }: SimGroup,
  choice: number,
): void {
  const target = pick(servers, choice);
  const to = choice % 3 === 0 ? ["TO", target.host, `${target.port}`] : [];
  const timeout = choice % 5 === 0 ? ["TIMEOUT", "600"] : [];
  const method = choice % 4 === 1 ? "failover" : choice % 8 === 3 ? "fence" : "offset";
  sentinel.ask("SENTINEL", "FAILOVER", name, "COORDINATED", ...to, ...timeout, "METHOD", method);
  cluster.clock.advance(choice % 7);
}

const FORCED_FAILOVER_MS = 5_000;

/**
 * The operator forces a failover, also in a cut, where it may take the epoch of another [I6]: the
 * Sentinels must agree all the same. While all is well he looks on until it ended.
 */
function force(cluster: SimCluster, sentinel: SimSentinel, { name }: SimGroup): void {
  sentinel.ask("SENTINEL", "FAILOVER", name);
  if (!mayForce(cluster)) return;
  const hasEnded = () => mayForce(cluster) && cluster.agreesOnSome(name);
  cluster.clock.advanceUntil(hasEnded, FORCED_FAILOVER_MS);
}

/**
 * A partition with an operator on each side, who forces a failover there: both may take one epoch. It
 * heals when the next fault says so.
 */
function forceBothSides({ sentinels, network }: SimCluster, { name, servers }: SimGroup): void {
  const halves = [0, 1].map((half) =>
    [...servers, ...sentinels].filter((_, index) => index % 2 === half),
  );
  const [left = [], right = []] = halves;
  for (const one of left) for (const other of right) network.cut(one.address, other.address);
  for (const half of [0, 1]) {
    const operated = sentinels.find(
      (one) => halves[half]?.includes(one) && one.isRunning && !one.isStopped,
    );
    operated?.ask("SENTINEL", "FAILOVER", name);
  }
}

/** Far ahead, at the very end, or those that come next. */
const FORGED_EPOCHS = [2n ** 62n, 2n ** 63n - 1n] as const;

/** Somebody asks for a vote in an invented name. */
export function forgeQuestion(sentinel: SimSentinel, name: string, choice: number): void {
  const { state } = sentinel.core;
  const master = state.masters.get(name);
  if (!master) return;
  const { host, port } = master.address;
  const epoch = FORGED_EPOCHS[choice % 8] ?? state.currentEpoch + BigInt(1 + (choice % 3));
  const question = ["is-master-down-by-addr", host, `${port}`, `${epoch}`, "f".repeat(40)];
  sentinel.ask("SENTINEL", ...question);
}

/** Everything is healthy, so that what is asked for now ends soon. */
function mayForce(cluster: SimCluster): boolean {
  const reachable = cluster.sentinels.every(isSound);
  const idle = cluster.groups.every(({ name }) =>
    cluster.sentinels.every((one) => !one.core.state.masters.get(name)?.failover),
  );
  const isCalm = cluster.cSentinels.every(
    ({ isRunning, isStopped, state }) =>
      isRunning && !isStopped && [...state.masters.values()].every(({ step }) => step === "none"),
  );
  return reachable && idle && isCalm && cluster.network.isWhole;
}

function isSound(sentinel: SimSentinel): boolean {
  const { isRunning, isStopped, crashAfterSave, crashBeforeSave, disk, core } = sentinel;
  const { afterElection, afterPromotion } = core.state.simulateFailure;
  const isDoomed = crashAfterSave || crashBeforeSave || afterElection || afterPromotion;
  return isRunning && !isStopped && !disk.isFull && !isDoomed;
}

/**
 * As an operator re-points a Sentinel: at the address that all of them name. MONITOR begins with
 * config epoch 0, here as upstream, so what the others do not know yet would be lost for ever.
 */
function monitorAgain(cluster: SimCluster, sentinel: SimSentinel, { name }: SimGroup): void {
  const master = sentinel.core.state.masters.get(name);
  // A name is monitored once it is looked up, and what is set at once would be lost.
  if (!master || cluster.options.names || !mayForce(cluster) || !cluster.agreesOnSome(name)) return;
  const address = currentAddress(master);
  sentinel.ask("SENTINEL", "REMOVE", name);
  monitor(cluster, sentinel, name, address);
}

/** No Sentinel reaches any server for a while, as when they stand behind one switch. */
function cutRole({ servers, allSentinels, network, clock }: SimCluster, choice: number): void {
  for (const sentinel of allSentinels) {
    for (const server of servers.values()) network.cut(sentinel.address, server.address);
  }
  clock.after(500 + 500 * (choice % 30), () => network.heal());
}

const STEPS = [
  "+odown",
  "+elected-leader",
  "+selected-slave",
  "+failover-state-wait-promotion",
  "+promoted-slave",
  "+slave-reconf-sent",
  "+switch-master",
] as const;

/** Something happens just when the next failover comes to a step: to its leader, its replica or its master. */
function strikeAtStep(cluster: SimCluster, a: number, b: number): void {
  const { sentinels, servers, network, clock } = cluster;
  const step = pick(STEPS, b);
  let isOver = false;
  for (const sentinel of sentinels) {
    sentinel.onEvent.push(({ name, payload }) => {
      if (isOver || !cluster.isUnderFire || name !== step) return;
      isOver = true;
      const [, , host, port, , , masterHost = host, masterPort = port] = payload.split(" ");
      const server = servers.get(`${host}:${port}`);
      const master = servers.get(`${masterHost}:${masterPort}`);
      const strikes = [
        () => sentinel.isRunning && sentinel.crash(),
        () => server?.isRunning && network.kill(server),
        () => master && !master.isRunning && master.restart(),
        () => server && network.cut(sentinel.address, server.address),
        () => server && dropClients(cluster, server, 50),
        () => server && refuseOrders(server, a),
      ];
      const strikeNow = pick(strikes, a);
      clock.after(a % 3, () => cluster.isUnderFire && strikeNow());
    });
  }
}

/** A firewall restarts: connections to a host are there no more, and nobody is told. */
function forgetConnections({ network, servers, clock }: SimCluster, address: string): void {
  network.forgetConnections(address);
  for (const server of servers.values())
    if (server.address === address) server.changedAt = clock.now;
}

function isolate(cluster: SimCluster, host: string): void {
  for (const other of hosts(cluster)) if (other !== host) cluster.network.cut(host, other);
}

function hosts(cluster: SimCluster): string[] {
  return [...cluster.servers.values(), ...cluster.allSentinels].map(({ address }) => address);
}

/** Everything is mended: what comes now must end in agreement. */
export function healAll(cluster: SimCluster): void {
  cluster.isUnderFire = false;
  cluster.unpausedAt = cluster.clock.now;
  removeCopy(cluster);
  cluster.network.heal();
  cluster.names.mend();
  for (const server of cluster.servers.values()) {
    if (!server.isRunning) server.restart();
    mendData(server);
    server.isStopped = false;
    server.pauseWrites(0);
    server.priority = 100;
  }
  for (const sentinel of cluster.sentinels) {
    sentinel.isStopped = false;
    sentinel.disk.isFull = false;
    sentinel.disk.saveTakesMs = 0;
    sentinel.crashAfterSave = false;
    sentinel.crashBeforeSave = false;
    if (!sentinel.isRunning) sentinel.start();
    sentinel.ask("SENTINEL", "SIMULATE-FAILURE", "help");
  }
  for (const sentinel of cluster.cSentinels) {
    sentinel.isStopped = false;
    if (!sentinel.isRunning) sentinel.start();
  }
  for (const group of cluster.groups) monitorWhereMissing(cluster, group);
}

/** A Sentinel that died between REMOVE and MONITOR: the operator says it again. */
function monitorWhereMissing(cluster: SimCluster, { name, servers }: SimGroup): void {
  const known = cluster.sentinels.flatMap((one) => one.core.state.masters.get(name) ?? []);
  const [first] = known.map(currentAddress);
  const address = first ?? { host: "", ip: servers[0]?.ip ?? "", port: servers[0]?.port ?? 0 };
  for (const sentinel of cluster.sentinels) {
    if (!sentinel.core.state.masters.has(name)) monitor(cluster, sentinel, name, address);
  }
}
