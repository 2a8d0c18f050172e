import { currentAddress } from "../../src/core/records.ts";
import type { Address } from "../../src/core/state.ts";
import type { SimCluster } from "./cluster.ts";
import type { Fault } from "./plan.ts";
import type { SimSentinel } from "./sentinel-process.ts";

const MOST_SENTINELS = 7;
const MOST_JOINED = 2;

/** Who belongs to the Sentinels changes while things go wrong. */
export function strikeMembers(
  cluster: SimCluster,
  sentinel: SimSentinel,
  { kind, b }: Fault,
): void {
  switch (kind) {
    case "join-sentinel":
      return join(cluster);
    case "move-sentinel":
      return sentinel.moveTo(`10.97.${cluster.sentinels.indexOf(sentinel)}.${1 + (b % 4)}`);
    case "copy-sentinel":
      return copy(cluster, sentinel);
    default:
  }
}

/**
 * With a new id and an empty file, it is told to monitor what the others name. As the documentation asks:
 * one at a time, and the next when all know of it.
 */
function join(cluster: SimCluster): void {
  const { joined, allSentinels, options, groups } = cluster;
  const isTooMany = joined >= MOST_JOINED || allSentinels.length >= MOST_SENTINELS;
  if (isTooMany || options.names || !cluster.isDiscovered()) return;
  const [known] = cluster.running;
  if (!known || !groups.every(({ name }) => cluster.agreesOnSome(name))) return;
  const joining = cluster.join("");
  for (const { name } of groups) {
    const master = known.core.state.masters.get(name);
    if (master) monitor(cluster, joining, name, currentAddress(master));
  }
}

/** The machine is cloned, and both run with one id. */
function copy(cluster: SimCluster, sentinel: SimSentinel): void {
  const { twins, options, allSentinels } = cluster;
  if (twins || options.names || allSentinels.length >= MOST_SENTINELS) return;
  cluster.copied.add(sentinel);
  cluster.twins = [sentinel, cluster.join(sentinel.disk.text)];
}

/** The operator stops the copy for good. */
export function removeCopy(cluster: SimCluster): void {
  const [, copied] = cluster.twins ?? [];
  if (copied) cluster.remove(copied);
  cluster.twins = null;
}

/** What an operator says to a Sentinel that does not know a master. */
export function monitor(
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
