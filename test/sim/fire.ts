import assert from "node:assert/strict";
import { masterOf, SimCluster } from "./cluster.ts";
import type { SimSentinel } from "./sentinel-process.ts";

/** Longest simulated time from the end of all faults to agreement. */
export const CONVERGENCE_LIMIT_MS = 300_000;

/** One life of a cluster under random faults, from one seed; throws when an invariant breaks. */
export function liveUnderFire(seed: number): void {
  const cluster = new SimCluster({
    seed,
    sentinels: 1 + (seed % 5),
    replicas: 1 + (seed % 4),
    quorum: 1 + Math.floor((1 + (seed % 5)) / 2),
    downAfterMs: 500 + (seed % 7) * 500,
    failoverTimeoutMs: 3_000 + (seed % 5) * 3_000,
    parallelSyncs: 1 + (seed % 2),
  });
  cluster.settle();
  const checks = new Checks(cluster);
  for (let i = 0; i < 25; i++) {
    strike(cluster);
    for (let left = cluster.random.below(40); left >= 0; left--) {
      cluster.clock.advance(50 + cluster.random.below(200));
      checks.run();
    }
  }
  healAll(cluster);
  const agreed = () => checks.run() || isWhole(cluster);
  const isAgreed = cluster.clock.advanceUntil(agreed, CONVERGENCE_LIMIT_MS);
  assert.ok(isAgreed, `seed ${seed}: no agreement\n${describeEnd(cluster)}\n${cluster.timeline()}`);
}

function strike(cluster: SimCluster): void {
  const { random, network } = cluster;
  const server = cluster.server(random.below(cluster.servers.size));
  const sentinel = cluster.sentinel(random.below(cluster.sentinels.length));
  const hosts = [...cluster.servers.keys(), ...cluster.sentinels.map(({ address }) => address)];
  const host = () => hosts[random.below(hosts.length)] ?? "";
  switch (random.below(11)) {
    case 0:
      if (server.isRunning) network.kill(server);
      return;
    case 1:
      if (!server.isRunning) server.restart();
      return;
    case 2:
      server.isStopped = !server.isStopped;
      return;
    case 3:
      if (sentinel.isRunning) sentinel.crash();
      return;
    case 4:
      if (!sentinel.isRunning) sentinel.start();
      return;
    case 5:
      sentinel.isStopped = !sentinel.isStopped;
      return;
    case 6:
      for (let i = 0; i < 3; i++) network.cut(host(), host());
      return;
    case 7:
      network.heal();
      return;
    case 8:
      sentinel.diskFull = !sentinel.diskFull;
      return;
    case 9:
      if (mayForce(cluster)) sentinel.ask("SENTINEL", "FAILOVER", "mymaster");
      return;
    default:
      server.priority = random.below(3) * 50;
  }
}

/**
 * Forced failovers on both sides of a cut take the same epoch for two masters, here as upstream: no
 * majority keeps them apart (I6), so an operator forces one only while all Sentinels are reachable.
 */
function mayForce(cluster: SimCluster): boolean {
  const reachable = cluster.sentinels.every(({ isRunning, isStopped }) => isRunning && !isStopped);
  return reachable && cluster.network.isWhole;
}

function healAll(cluster: SimCluster): void {
  cluster.network.heal();
  for (const server of cluster.servers.values()) {
    if (!server.isRunning) server.restart();
    server.isStopped = false;
    server.priority = 100;
  }
  for (const sentinel of cluster.sentinels) {
    sentinel.isStopped = false;
    sentinel.diskFull = false;
    if (!sentinel.isRunning) sentinel.start();
  }
}

/** All Sentinels name one running master and epoch, and every other server replicates from it. */
function isWhole(cluster: SimCluster): boolean {
  const masters = [...cluster.servers.values()].filter(({ role }) => role === "master");
  const [master] = masters;
  if (!master || masters.length !== 1 || !cluster.agreesOn(master)) return false;
  const epochs = new Set(cluster.sentinels.map((one) => masterOf(one).configEpoch));
  const follow = [...cluster.servers.values()].every(
    (one) => one === master || one.master === master,
  );
  return epochs.size === 1 && follow;
}

function describeEnd(cluster: SimCluster): string {
  const servers = [...cluster.servers.values()].map(
    ({ address, role, upstream }) => `${address} ${role} of ${upstream?.ip}`,
  );
  const sentinels = cluster.sentinels.map((one) => {
    const { address, configEpoch, failover } = masterOf(one);
    return `${one.address} names ${address.ip} epoch ${configEpoch} ${failover?.step ?? ""}`;
  });
  return [...servers, ...sentinels].join("\n");
}

/** What must hold at every moment of a life (algorithm.md 10.1). */
class Checks {
  readonly #cluster: SimCluster;
  readonly #votes = new Map<string, string>();
  readonly #leaders = new Map<string, string>();
  readonly #epochs = new Map<SimSentinel, bigint>();
  readonly #seen = new Map<SimSentinel, number>();

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
  }

  /** False, so that it can stand in a condition. */
  run(): false {
    for (const sentinel of this.#cluster.sentinels) {
      this.#checkEpoch(sentinel);
      const from = this.#seen.get(sentinel) ?? 0;
      for (const { name, payload } of sentinel.events.slice(from)) {
        if (name === "+vote-for-leader") this.#checkVote(sentinel, payload);
        if (name === "+elected-leader") this.#checkLeader(sentinel);
      }
      this.#seen.set(sentinel, sentinel.events.length);
    }
    return false;
  }

  /** I3: what the disk holds never falls. */
  #checkEpoch(sentinel: SimSentinel): void {
    const { currentEpoch } = sentinel.disk;
    assert.ok(currentEpoch >= (this.#epochs.get(sentinel) ?? 0n), `${sentinel.address} forgot`);
    this.#epochs.set(sentinel, currentEpoch);
    const [master] = sentinel.disk.masters;
    const isOwnReplica = master?.replicas.some(
      ({ host, port }) => host === master.host && port === master.port,
    );
    assert.ok(!isOwnReplica, "I9: the file lists the master as its own replica");
  }

  /** I1: one candidate per epoch among the votes that reached the disk. */
  #checkVote(sentinel: SimSentinel, payload: string): void {
    const [leader = "", epoch = ""] = payload.split(" ");
    if ((sentinel.disk.masters[0]?.leaderEpoch ?? 0n) < BigInt(epoch)) return;
    const key = `${sentinel.address} ${epoch}`;
    assert.equal(
      this.#votes.get(key) ?? leader,
      leader,
      `${sentinel.address} voted twice in ${epoch}`,
    );
    this.#votes.set(key, leader);
  }

  /** I5: one leader per epoch, forced failovers aside. */
  #checkLeader(sentinel: SimSentinel): void {
    const failover = masterOf(sentinel).failover;
    if (!failover || failover.forced) return;
    const key = `${failover.epoch}`;
    const leader = this.#leaders.get(key) ?? sentinel.address;
    assert.equal(
      leader,
      sentinel.address,
      `two leaders in epoch ${key}\n${this.#cluster.timeline()}`,
    );
    this.#leaders.set(key, sentinel.address);
  }
}
