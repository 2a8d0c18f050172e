import { error } from "../../src/base/reply.ts";
import type { SimCluster } from "./cluster.ts";
import { AT_ONCE } from "./full-sync.ts";
import { pick } from "./pick.ts";
import type { Fault } from "./plan.ts";
import type { SimRedis } from "./redis.ts";

/** Of a full sync. */
const SYNC_DELAYS_MS = [0, 2_000, 5_000] as const;
const TRANSFERS_MS = [500, 3_000, 10_000] as const;

/** What happens to the data of a server, or to the way in which it gets it. */
export function strikeData(cluster: SimCluster, server: SimRedis, { kind, b }: Fault): void {
  switch (kind) {
    case "slow-sync":
      for (const one of b % 3 === 0 ? cluster.servers.values() : [server]) {
        one.syncTerms = {
          delayMs: pick(SYNC_DELAYS_MS, b),
          transferMs: pick(TRANSFERS_MS, Math.floor(b / 3)),
          isDropping: b % 2 === 0,
          isForced: b % 4 < 2,
        };
      }
      return;
    case "break-sync":
      return server.loseLink();
    case "restart-older":
      if (!server.isRunning) server.restartOlder(1 + (b % 60));
      return;
    case "need-replicas":
      server.minReplicas = b % 3;
      return;
    case "chain":
      return chain(cluster, server, b);
    default:
  }
}

/** An operator, or a Sentinel with an older configuration, made it the replica of a replica. */
function chain({ groups }: SimCluster, server: SimRedis, choice: number): void {
  const group = groups.find(({ servers }) => servers.includes(server));
  const others = (group?.servers ?? []).filter((one) => one !== server && one.role === "slave");
  if (server.role === "master" || others.length === 0) return;
  const upstream = pick(others, choice);
  let end: SimRedis | undefined = upstream;
  for (let hops = 0; end && hops < others.length + 1; hops++) {
    if (end === server) return;
    end = end.master;
  }
  server.follow(upstream);
}

export function mendData(server: SimRedis): void {
  server.syncTerms = AT_ONCE;
  if (!server.isFenced) server.minReplicas = 0;
  server.loadingUntil = null;
  acceptOrders(server);
}

/** Twice: those who come back are dropped once more. */
export function dropClients(
  { network, clock, options }: SimCluster,
  server: SimRedis,
  againMs: number,
) {
  const drop = () => network.closeAllByHost(server, () => true, "dropped");
  drop();
  clock.after(againMs, drop);
  // The least wait and two round trips are longer than so short a down-after.
  if (options.downAfterMs < 1_000) server.changedAt = clock.now;
}

/** A server is started elsewhere under its name, as a scheduler of containers does. */
export function move({ options, names, network }: SimCluster, server: SimRedis, to: number): void {
  if (!options.names) return;
  if (server.isRunning) network.kill(server);
  server.moveTo(server.ip.replace(/\d+\.(\d+)$/, `${to % 200}.$1`));
  names.move(server.host, server.ip);
  server.restart();
}

/** An address at which nothing listens. */
const NOBODY = "10.96.0.1";

/**
 * For some seconds its name means another server of its group, a machine that is not there, or nothing. Who has a
 * connection does not ask, so in half of the cases all lose theirs. Servers of other groups are left out: whoever
 * asks the master of another group takes up its replicas, here as upstream.
 */
export function mislead(cluster: SimCluster, server: SimRedis, choice: number): void {
  const { options, groups, names } = cluster;
  const group = groups.find(({ servers }) => servers.includes(server));
  if (!options.names || !group) return;
  const others = group.servers.filter((one) => one !== server);
  const wrong = pick([...others.map(({ ip }) => ip), NOBODY, null], choice);
  names.mislead(server.host, wrong, 1_000 * (1 + (choice % 13)));
  if (choice % 2 === 0) dropClients(cluster, server, 50);
}

/** It restarts, and has so much to load that it serves nothing for a while. */
export function loadData({ network, clock }: SimCluster, server: SimRedis, choice: number): void {
  if (server.isRunning) network.kill(server);
  server.restart();
  server.loadingUntil = clock.now + 1_000 * (1 + (choice % 20));
}

/** Its ACL, its renamed commands or its folder do not let a Sentinel do all that it does in a failover. */
export function refuseOrders(server: SimRedis, choice: number): void {
  const refused = pick(["SLAVEOF", "CLIENT", "CONFIG", "MULTI"], choice);
  const answer = ([command]: readonly string[]) =>
    command === refused ? error(`NOPERM this user has no permissions to run ${refused}`) : null;
  acceptOrders(server);
  if (refused === "CONFIG") server.fail = answer;
  else server.refuse = answer;
}

export function acceptOrders(server: SimRedis): void {
  server.refuse = () => null;
  server.fail = () => null;
}

/** Somebody makes a server follow another one behind the Sentinels' back. */
export function demoteByHand(cluster: SimCluster, server: SimRedis): void {
  const group = cluster.groups.find(({ servers }) => servers.includes(server));
  const other = group?.servers.find((one) => one !== server && one.role === "master");
  if (other && server.role === "slave") server.follow(other);
}

/** Somebody makes a replica a master of its own behind the Sentinels' back, and leaves it at that. */
export function detachByHand(server: SimRedis): void {
  if (server.isRunning && server.role === "slave") server.follow(null);
}
