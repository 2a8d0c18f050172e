import type { SimCluster, SimGroup } from "./cluster.ts";
import { pick } from "./pick.ts";
import { refuseOrders } from "./server-faults.ts";

/** The longest until the last of what comes back is back. */
const LONGEST_MS = 25_000;

/**
 * A group loses its master, and more with it, as when a rack or a network fails: what is left, or comes
 * back later, must do without that master. Returns how long it takes until all that comes back is there.
 */
export function strikeGroup(cluster: SimCluster, a: number, b: number): number {
  const group = pick(cluster.groups, a);
  const master = group.servers.find(({ role, isRunning }) => role === "master" && isRunning);
  if (master) cluster.network.kill(master);
  switch (b % 4) {
    case 0:
      killReplicas(cluster, group, b);
      break;
    case 1:
      restartSentinels(cluster, 2_000 + 500 * (b % 20));
      break;
    case 2:
      killReplicas(cluster, group, b);
      restartSentinels(cluster, 1_000);
      break;
    default:
      // Half of the others do not let a Sentinel promote them.
      for (const [index, server] of group.servers.entries()) {
        if (server !== master && index % 2 === Math.floor(b / 4) % 2) refuseOrders(server, 0);
      }
      return 0;
  }
  return LONGEST_MS;
}

/** They come back one after the other. */
function killReplicas({ network, clock }: SimCluster, { servers }: SimGroup, b: number): void {
  const replicas = servers.filter(({ role, isRunning }) => role === "slave" && isRunning);
  for (const [index, replica] of replicas.entries()) {
    network.kill(replica);
    clock.after(3_000 + ((b * (index + 7)) % 20_000), () => {
      if (!replica.isRunning) replica.restart();
    });
  }
}

function restartSentinels({ sentinels, clock }: SimCluster, afterMs: number): void {
  for (const sentinel of sentinels) {
    if (!sentinel.isRunning) continue;
    sentinel.crash();
    clock.after(afterMs, () => {
      if (!sentinel.isRunning && sentinels.includes(sentinel)) sentinel.start();
    });
  }
}
