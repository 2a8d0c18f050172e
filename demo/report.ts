import type { Cluster } from "../test/support/cluster.ts";
import type { RedisNode } from "../test/support/redis-node.ts";
import type { Names } from "./names.ts";
import type { Timeline } from "./timeline.ts";

/** What the last lines say of the run; each is measured. */
export interface Figures {
  switchedMs: number | null;
  writeGapMs: number | null;
  firstWriteMs: number | null;
  returnedMs: number | null;
}

export function printWelcome(
  timeline: Timeline,
  { redises, sentinels }: Cluster,
  names: Names,
  downAfterMs: number,
): void {
  for (const [at, node] of redises.entries()) {
    const name = names.redisByPort.get(String(node.port)) ?? "";
    timeline.print(`  ${name}   ${node.address}   ${at === 0 ? "master" : "replica"}`);
  }
  for (const node of sentinels) {
    const name = (names.sentinelByPort.get(String(node.port)) ?? "").padEnd(7);
    timeline.print(`  ${name}   ${node.address}   Sentinel`);
  }
  timeline.print(`  quorum 2, a silent server counts as down after ${downAfterMs} ms`);
  timeline.print("  a client writes every 10 ms to the master that the Sentinels name");
}

/** Roles as the servers themselves report them, and what each Sentinel believes. */
export async function printTopology(
  timeline: Timeline,
  { redises, sentinels }: Cluster,
  names: Names,
  title: string,
): Promise<void> {
  timeline.print(`\n${timeline.paint("bold", title)}`);
  for (const node of redises) {
    const name = names.redisByPort.get(String(node.port)) ?? "";
    timeline.print(`  ${name}  ${node.address}  ${await describeRedis(node, names)}`);
  }
  for (const node of sentinels) {
    const { "config-epoch": epoch } = await node.master();
    const port = (await node.masterAddress())?.split(":").at(-1) ?? "";
    const name = (names.sentinelByPort.get(String(node.port)) ?? "").padEnd(7);
    const belief = `says: the master is ${names.redisByPort.get(port)} (config epoch ${epoch})`;
    timeline.print(`  ${name}  ${node.address}  ${belief}`);
  }
}

async function describeRedis(node: RedisNode, names: Names): Promise<string> {
  if (!node.running) return "not running";
  const facts = await node.info("replication");
  if (facts.role === "master") return `master, replicas: ${facts.connected_slaves}`;
  const upstream = names.redisByPort.get(facts.master_port ?? "") ?? facts.master_port;
  return `replica of ${upstream}, link ${facts.master_link_status}`;
}

export function printReport(
  timeline: Timeline,
  { redises, sentinels }: Cluster,
  figures: Figures,
  { downAfterMs, keep, folder }: { downAfterMs: number; keep: boolean; folder: string },
): void {
  timeline.print(`\n${timeline.paint("bold", "In figures")}`);
  const rows = [
    [figures.switchedMs, `kill to +switch-master, of which ${downAfterMs} ms are down-after`],
    [figures.firstWriteMs, "kill to the client's first write on the new master"],
    [figures.writeGapMs, "without an accepted write"],
    [figures.returnedMs, "start of the old master to its role of replica"],
  ] as const;
  for (const [ms, text] of rows) timeline.print(`${`${ms} ms`.padStart(11)}  ${text}`);
  if (!keep) return;
  const [first] = sentinels;
  const pids = [...redises, ...sentinels].map((node) => node.child.pid);
  timeline.print(`\n${timeline.paint("bold", "All of it is still running; try")}`);
  timeline.print(`  redis-cli -p ${first?.port} SENTINEL MASTER mymaster`);
  timeline.print(`  redis-cli -p ${first?.port} SENTINEL REPLICAS mymaster`);
  timeline.print(`  redis-cli -p ${first?.port} PSUBSCRIBE '*'`);
  timeline.print(`  redis-cli -p ${first?.port} SENTINEL FAILOVER mymaster`);
  timeline.print(`Logs and files: ${folder}`);
  timeline.print(`To end it: kill ${pids.join(" ")}; rm -r ${folder}`);
}
