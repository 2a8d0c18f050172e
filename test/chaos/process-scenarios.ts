import type { Arena } from "./arena.ts";
import type { Scenario } from "./scenario.ts";
import type { ChaosSentinel } from "./sentinel.ts";
import { keepFor } from "./time.ts";

/** The moments of a failover at which its leader may die, and how long after. */
const moments = [
  /\+try-failover/,
  /\+elected-leader/,
  /\+failover-state-wait-promotion/,
  /\+promoted-slave/,
  /\+failover-state-reconf-slaves/,
] as const;
const delaysMs = [0, 3, 10, 30, 100, 300] as const;

const leaderAwayMs = 1500;
/** More than the two seconds that a Sentinel takes for a jump of its clock. */
const stoppedMs = 3500;
const leaderStoppedMs = 6000;
const hangMs = 9000;
const simulatedCrash = 99;

export const processScenarios: readonly Scenario[] = [
  {
    name: "kill-leader",
    says: "kill -9 of the leader at a random moment of the failover, and its restart",
    run: killLeader,
  },
  {
    name: "crash-after-election",
    says: "SIMULATE-FAILURE CRASH-AFTER-ELECTION",
    run: (arena) => simulateCrash(arena, "crash-after-election"),
  },
  {
    name: "crash-after-promotion",
    says: "SIMULATE-FAILURE CRASH-AFTER-PROMOTION",
    run: (arena) => simulateCrash(arena, "crash-after-promotion"),
  },
  {
    name: "stopped-majority",
    says: "SIGSTOP of two Sentinels (TILT) while the master dies",
    run: stopMajority,
  },
  {
    name: "stopped-leader",
    says: "SIGSTOP of the leader in the middle of the failover",
    run: stopLeader,
  },
  {
    name: "restart-all",
    says: "kill -9 of all Sentinels at once in the middle of a failover, and their restart",
    run: restartAll,
  },
  {
    name: "hanging-master",
    says: "the master stops answering, and comes back after the failover",
    run: hangMaster,
  },
  {
    name: "two-masters",
    says: "two masters with the same Sentinels die together",
    masters: 2,
    run: killTwoMasters,
  },
];

async function killLeader(arena: Arena): Promise<void> {
  const moment = pick(moments);
  const delayMs = pick(delaysMs);
  arena.note(`killed the leader ${delayMs} ms after ${moment.source}`);
  const leading = arena.firstToSay(moment);
  await arena.group.firstMaster.kill();
  const leader = await leading;
  await keepFor(delayMs);
  await leader.kill();
  await keepFor(leaderAwayMs);
  await leader.restart();
  await comeBackAfterSwitch(arena);
}

async function simulateCrash(arena: Arena, point: string): Promise<void> {
  for (const node of arena.sentinels) {
    await node.call("SENTINEL", "SIMULATE-FAILURE", point);
    node.expectEnd();
  }
  await arena.group.firstMaster.kill();
  const crashed = await arena.until("the simulated crash", () =>
    arena.sentinels.find((node) => !node.running),
  );
  const { code } = await crashed.child.exited;
  if (code !== simulatedCrash) throw new Error(`${crashed.name} ended with ${code}`);
  await Promise.all(arena.sentinels.filter((node) => node !== crashed).map(disarm));
  await keepFor(leaderAwayMs);
  await crashed.restart();
  await comeBackAfterSwitch(arena);
}

/** The next leader lives. It may have crashed as well in the meantime. */
async function disarm(node: ChaosSentinel): Promise<void> {
  try {
    await node.call("SENTINEL", "SIMULATE-FAILURE", "help");
    node.refuseEnd();
  } catch {
    await node.restart();
  }
}

async function stopMajority(arena: Arena): Promise<void> {
  const majority = arena.sentinels.slice(1);
  for (const node of majority) node.freeze();
  await arena.group.firstMaster.kill();
  await keepFor(stoppedMs);
  for (const node of majority) node.thaw();
  await comeBackAfterSwitch(arena);
}

async function stopLeader(arena: Arena): Promise<void> {
  const leading = arena.firstToSay(/\+try-failover/);
  await arena.group.firstMaster.kill();
  const leader = await leading;
  leader.freeze();
  await keepFor(leaderStoppedMs);
  leader.thaw();
  await comeBackAfterSwitch(arena);
}

async function restartAll(arena: Arena): Promise<void> {
  const begun = arena.firstToSay(/\+try-failover/);
  await arena.group.firstMaster.kill();
  await begun;
  await keepFor(pick(delaysMs));
  await Promise.all(arena.sentinels.map((node) => node.kill()));
  await Promise.all(arena.sentinels.map((node) => node.restart()));
  await comeBackAfterSwitch(arena);
}

async function hangMaster(arena: Arena): Promise<void> {
  const { firstMaster } = arena.group;
  firstMaster.freeze();
  await arena.switched();
  await keepFor(hangMs);
  firstMaster.thaw();
  arena.markHealed();
}

async function killTwoMasters(arena: Arena): Promise<void> {
  await Promise.all(arena.groups.map((group) => group.firstMaster.kill()));
  for (const group of arena.groups) await arena.switched(arena.sentinels, group);
  await Promise.all(arena.groups.map((group) => group.firstMaster.restart()));
  arena.markHealed();
}

/**
 * The dead master returns as an empty one. Before the failover it would wipe its replicas, and as
 * long as a Sentinel names it, clients would write to it.
 */
export async function comeBackAfterSwitch(arena: Arena): Promise<void> {
  await arena.switched();
  await arena.group.firstMaster.restart();
  arena.markHealed();
}

function pick<T>(choices: readonly [T, ...T[]]): T {
  return choices[Math.floor(Math.random() * choices.length)] ?? choices[0];
}
