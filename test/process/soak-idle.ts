import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { type Cluster, startCluster } from "../support/cluster.ts";
import type { Scene } from "../support/scene.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";

const samplePeriodMs = 5000;

/** The interpreter compiles and its heap finds its size before memory counts. */
const warmUpMs = 60_000;

/** Memory counts as flat when the last quarter is at most so much above the first. */
const allowedGrowth = 1.1;

/** Watches Sentinels that have nothing to do; true when memory, log and connections stay as is. */
export async function idle(scene: Scene, durationMs: number): Promise<boolean> {
  const cluster = await startCluster(scene);
  print(`warming up for ${warmUpMs / 1000} s`);
  await wait(warmUpMs);
  const before = { lines: countLines(cluster), links: await linkIds(cluster) };
  const cpuBefore = cluster.sentinels.map(cpuMs);
  print(`idle for ${durationMs / 60_000} minutes`);
  const memory = await sampleMemory(cluster, durationMs);
  let good = true;
  for (const [at, node] of cluster.sentinels.entries()) {
    const samples = memory.map((row) => row[at] ?? 0);
    const quarter = Math.max(1, Math.floor(samples.length / 4));
    const [first, last] = [median(samples.slice(0, quarter)), median(samples.slice(-quarter))];
    const flat = last <= first * allowedGrowth;
    const cpu = ((cpuMs(node) - (cpuBefore[at] ?? 0)) / durationMs) * 100;
    good &&= flat;
    const range = `${mib(Math.min(...samples))} to ${mib(Math.max(...samples))} MiB`;
    const change = `first quarter ${mib(first)}, last ${mib(last)}: ${flat ? "flat" : "GROWS"}`;
    print(`${node.name}: RSS ${range}, ${change}; ${cpu.toFixed(2)} % of one core`);
  }
  const newLines = countLines(cluster) - before.lines;
  const links = await linkIds(cluster);
  const newLinks = links.filter((id) => !before.links.includes(id)).length;
  print(`${newLines} log lines, ${newLinks} reconnects (${links.length} links)`);
  if (newLines > 0) print(scene.describe());
  good &&= newLines === 0 && newLinks === 0;
  print(good ? "1 passed, 0 failed" : "0 passed, 1 failed");
  return good;
}

/** One row per sample, one number of KiB per Sentinel. */
async function sampleMemory(
  { sentinels }: Cluster,
  durationMs: number,
): Promise<readonly (readonly number[])[]> {
  const rows: number[][] = [];
  const end = performance.now() + durationMs;
  while (performance.now() < end) {
    rows.push(sentinels.map(residentKiB));
    await wait(samplePeriodMs);
  }
  return rows;
}

function residentKiB(node: SentinelNode): number {
  const status = readFileSync(`/proc/${node.child.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
}

/** User and system time; the kernel counts in hundredths of a second. */
function cpuMs(node: SentinelNode): number {
  const stat = readFileSync(`/proc/${node.child.pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Connections of Sentinels at the servers, by the id that each server gave. */
async function linkIds({ redises }: Cluster): Promise<readonly string[]> {
  const lists = await Promise.all(redises.map((node) => node.call("CLIENT", "LIST")));
  return lists.flatMap((list, at) => {
    const links = String(list)
      .split("\n")
      .filter((line) => line.includes(" name=sentinel-"));
    return links.map((line) => `${at}:${line.split(" ", 1)[0]}`);
  });
}

function countLines({ sentinels }: Cluster): number {
  return sentinels.reduce((sum, node) => sum + node.child.log.lines.length, 0);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function mib(kib: number): string {
  return (kib / 1024).toFixed(1);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
