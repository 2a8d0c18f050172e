import { currentAddress } from "../../src/core/instance.ts";
import type { Address } from "../../src/core/state.ts";

import { LAG_ROUNDS, type SimCluster, type SimGroup } from "./cluster.ts";
import type { Fault } from "./plan.ts";
import type { SimRedis } from "./redis.ts";
import type { SimSentinel } from "./sentinel-process.ts";

/** Lets a fault happen; one that makes no sense at present does nothing. */
export function strike(cluster: SimCluster, fault: Fault): void {
  const { a, b, kind } = fault;
  const { network, sentinels } = cluster;
  const server = pick([...cluster.servers.values()], a);
  const sentinel = pick(sentinels, a);
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
      cluster.names.isDown = false;
      return;
    case "set-lag":
      server.lagRounds = pick(LAG_ROUNDS, b);
      return;
    case "stop-server":
      server.isStopped = true;
      return;
    case "continue-server":
      server.isStopped = false;
      return;
    case "crash-sentinel":
      if (sentinel.isRunning) sentinel.crash();
      return;
    case "crash-after-save":
      sentinel.crashAfterSave = true;
      return;
    case "crash-before-save":
      sentinel.crashBeforeSave = true;
      return;
    case "start-sentinel":
      if (!sentinel.isRunning) sentinel.start();
      return;
    case "stop-sentinel":
      sentinel.isStopped = true;
      return;
    case "continue-sentinel":
      sentinel.isStopped = false;
      return;
    case "cut":
      return network.cut(pick(hosts(cluster), a), pick(hosts(cluster), b));
    case "cut-one-way":
      return network.cutOneWay(pick(hosts(cluster), a), pick(hosts(cluster), b));
    case "isolate":
      return isolate(cluster, pick(hosts(cluster), a));
    case "heal":
      return network.heal();
    case "fill-disk":
      sentinel.disk.isFull = true;
      return;
    case "free-disk":
      sentinel.disk.isFull = false;
      return;
    case "set-priority":
      server.priority = (b % 3) * 50;
      return;
    case "demote-by-hand":
      return demoteByHand(cluster, server);
    default:
      if (sentinel.isRunning && !sentinel.isStopped) operate(cluster, sentinel, fault);
  }
}

/** What an operator types into one Sentinel. */
function operate(cluster: SimCluster, sentinel: SimSentinel, { kind, b }: Fault): void {
  const group = pick(cluster.groups, b);
  switch (kind) {
    case "manual-failover":
      return force(cluster, sentinel, group);
    case "simulate-failure": {
      const point = b % 2 ? "crash-after-election" : "crash-after-promotion";
      sentinel.ask("SENTINEL", "SIMULATE-FAILURE", point);
      return;
    }
    case "set-option":
      sentinel.ask("SENTINEL", "SET", group.name, "parallel-syncs", `${1 + (b % 3)}`);
      return;
    case "reset":
      sentinel.ask("SENTINEL", "RESET", group.name);
      return;
    case "remove-and-monitor":
      return monitorAgain(cluster, sentinel, group);
    default:
      return;
  }
}

const FORCED_FAILOVER_MS = 5_000;

/** The operator forces a failover and looks on until it ended. */
function force(cluster: SimCluster, sentinel: SimSentinel, { name }: SimGroup): void {
  if (!mayForce(cluster)) return;
  sentinel.ask("SENTINEL", "FAILOVER", name);
  const hasEnded = () => mayForce(cluster) && cluster.agreesOnSome(name);
  cluster.clock.advanceUntil(hasEnded, FORCED_FAILOVER_MS);
}

/**
 * A forced failover asks nobody, so one in a cut, or one whose leader dies before it told of it, takes
 * an epoch that an election takes as well, here as upstream: no majority keeps them apart (I6). An
 * operator forces one only while everything is healthy.
 */
function mayForce(cluster: SimCluster): boolean {
  const reachable = cluster.sentinels.every(isSound);
  const idle = cluster.groups.every(({ name }) =>
    cluster.sentinels.every((one) => !one.core.state.masters.get(name)?.failover),
  );
  return reachable && idle && cluster.network.isWhole;
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

function monitor(
  { options }: SimCluster,
  sentinel: SimSentinel,
  name: string,
  { ip, port }: Address,
): void {
  const { quorum, downAfterMs, failoverTimeoutMs } = options;
  sentinel.ask("SENTINEL", "MONITOR", name, `${ip}`, `${port}`, `${quorum}`);
  const times = ["down-after-milliseconds", `${downAfterMs}`];
  sentinel.ask("SENTINEL", "SET", name, ...times, "failover-timeout", `${failoverTimeoutMs}`);
}

/** A server is started elsewhere under its name, as a scheduler of containers does. */
function move({ options, names, network }: SimCluster, server: SimRedis, to: number): void {
  if (!options.names) return;
  if (server.isRunning) network.kill(server);
  server.moveTo(server.ip.replace(/\d+\.(\d+)$/, `${to % 200}.$1`));
  names.move(server.host, server.ip);
  server.restart();
}

/** Somebody makes a server follow another one behind the Sentinels' back. */
function demoteByHand(cluster: SimCluster, server: SimRedis): void {
  const group = cluster.groups.find(({ servers }) => servers.includes(server));
  const other = group?.servers.find((one) => one !== server && one.role === "master");
  if (other && server.role === "slave") server.follow(other);
}

function isolate(cluster: SimCluster, host: string): void {
  for (const other of hosts(cluster)) if (other !== host) cluster.network.cut(host, other);
}

function hosts(cluster: SimCluster): string[] {
  return [...cluster.servers.values(), ...cluster.sentinels].map(({ address }) => address);
}

/** Everything is mended: what comes now must end in agreement. */
export function healAll(cluster: SimCluster): void {
  cluster.network.heal();
  cluster.names.isDown = false;
  for (const server of cluster.servers.values()) {
    if (!server.isRunning) server.restart();
    server.isStopped = false;
    server.priority = 100;
  }
  for (const sentinel of cluster.sentinels) {
    sentinel.isStopped = false;
    sentinel.disk.isFull = false;
    sentinel.crashAfterSave = false;
    sentinel.crashBeforeSave = false;
    if (!sentinel.isRunning) sentinel.start();
    sentinel.ask("SENTINEL", "SIMULATE-FAILURE", "help");
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

function pick<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}
