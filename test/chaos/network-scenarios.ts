import type { Arena } from "./arena.ts";
import type { Scenario } from "./scenario.ts";
import { keepFor } from "./time.ts";

const afterSwitchMs = 3000;
const lossPercent = 30;
const lossMs = 8000;

/** Longer and shorter than down-after, so that some cuts are seen as a failure and some not. */
const flaps = [300, 1500, 2600, 400, 800, 3500, 200, 600, 2200, 300, 5000, 500, 900, 2800];

export const networkScenarios: readonly Scenario[] = [
  {
    name: "minority-master",
    says: "the master is cut off with one Sentinel, and clients write on both sides",
    run: (arena) => cutUntilSwitched(arena, () => arena.fabric.isolate(arena.host(0))),
  },
  {
    name: "one-way-deaf",
    says: "the master's host can send and hears nothing",
    run: (arena) =>
      cutUntilSwitched(arena, () => {
        const others = arena.fabric.othersThan(arena.host(0));
        return arena.fabric.cutOneWay(others.map((other) => [other, arena.host(0)]));
      }),
  },
  {
    name: "one-way-mute",
    says: "the master's host hears and its packets are lost",
    run: (arena) =>
      cutUntilSwitched(arena, () => {
        const others = arena.fabric.othersThan(arena.host(0));
        return arena.fabric.cutOneWay(others.map((other) => [arena.host(0), other]));
      }),
  },
  {
    name: "flapping",
    says: "the link of the master's host comes and goes",
    run: flap,
  },
  {
    name: "loss",
    says: `${lossPercent} % of all packets are lost while the master dies`,
    run: dieUnderLoss,
  },
];

async function cutUntilSwitched(arena: Arena, cut: () => Promise<void>): Promise<void> {
  await cut();
  await arena.switched(arena.sentinels.slice(1));
  await keepFor(afterSwitchMs);
  await arena.fabric.heal();
  arena.markHealed();
}

async function flap(arena: Arena): Promise<void> {
  for (const [index, durationMs] of flaps.entries()) {
    if (index % 2 === 0) await arena.fabric.isolate(arena.host(0));
    else await arena.fabric.heal();
    await keepFor(durationMs);
  }
  await arena.fabric.heal();
  arena.markHealed();
}

async function dieUnderLoss(arena: Arena): Promise<void> {
  await arena.fabric.lose(lossPercent);
  await keepFor(lossMs);
  await arena.group.firstMaster.kill();
  await arena.switched();
  await keepFor(afterSwitchMs);
  await arena.fabric.heal();
  // A failover that was made because of the loss may have left this server a replica.
  await arena.group.firstMaster.restart();
  arena.markHealed();
}
