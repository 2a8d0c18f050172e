import { appendFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Arena } from "./arena.ts";
import { comeBackAfterSwitch } from "./process-scenarios.ts";
import type { Scenario } from "./scenario.ts";
import type { ChaosSentinel } from "./sentinel.ts";
import { line } from "./shell.ts";

export const fileScenarios: readonly Scenario[] = [
  {
    name: "disk-full",
    says: "the disk of a Sentinel is full while the master dies",
    run: fillDisk,
  },
  {
    name: "read-only",
    says: "the configuration folder of a Sentinel is read-only while the master dies",
    run: forbidWriting,
  },
  {
    name: "file-truncated",
    says: "the file of a Sentinel is emptied while it runs; after the failover it restarts from it",
    run: (arena) => spoilFile(arena, (node) => truncateSync(node.file)),
  },
  {
    name: "file-garbage",
    says: "garbage is written over the file of a Sentinel; after the failover it restarts from it",
    run: (arena) =>
      spoilFile(arena, (node) =>
        writeFileSync(node.file, 'sentinel moni\n"}{\0\x01 garbage\n'.repeat(50)),
      ),
  },
];

async function fillDisk(arena: Arena): Promise<void> {
  const { subject } = arena;
  const ballast = join(subject.folder, "ballast");
  fill(ballast);
  await failOver(arena);
  rmSync(ballast);
  await restartFromItsFile(subject);
  await comeBackAfterSwitch(arena);
}

async function forbidWriting(arena: Arena): Promise<void> {
  const { subject } = arena;
  await line(`mount -o remount,ro ${subject.folder}`);
  await failOver(arena);
  await line(`mount -o remount,rw ${subject.folder}`);
  await restartFromItsFile(subject);
  await comeBackAfterSwitch(arena);
}

async function spoilFile(arena: Arena, spoil: (node: ChaosSentinel) => void): Promise<void> {
  const { subject } = arena;
  spoil(subject);
  await failOver(arena);
  await restartFromItsFile(subject);
  await comeBackAfterSwitch(arena);
}

/** Every Sentinel has heard of the new master, whatever its disk says. */
async function failOver(arena: Arena): Promise<void> {
  await arena.group.firstMaster.kill();
  await arena.switched();
}

/** A disk that takes writes again gets the whole state, and a restart finds it there. */
async function restartFromItsFile(node: ChaosSentinel): Promise<void> {
  await node.call("SENTINEL", "FLUSHCONFIG");
  await node.kill();
  await node.restart();
}

function fill(file: string): void {
  const piece = Buffer.alloc(4096);
  for (;;) {
    try {
      appendFileSync(file, piece);
    } catch {
      return;
    }
  }
}
