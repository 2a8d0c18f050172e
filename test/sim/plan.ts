import { type Random, seededRandom } from "../../src/core/random.ts";
import type { ClusterOptions } from "./cluster.ts";

/** What may happen to a cluster. Servers and Sentinels are picked by number, modulo their count. */
export type FaultKind =
  | "kill-server"
  | "restart-server"
  | "restart-empty"
  | "move-server"
  | "break-names"
  | "mend-names"
  | "set-lag"
  | "stop-server"
  | "continue-server"
  | "crash-sentinel"
  | "crash-after-save"
  | "crash-before-save"
  | "start-sentinel"
  | "stop-sentinel"
  | "continue-sentinel"
  | "cut"
  | "cut-one-way"
  | "isolate"
  | "heal"
  | "fill-disk"
  | "free-disk"
  | "manual-failover"
  | "simulate-failure"
  | "set-priority"
  | "demote-by-hand"
  | "set-option"
  | "reset"
  | "remove-and-monitor";

export interface Fault {
  /** Since the one before. */
  readonly afterMs: number;
  readonly kind: FaultKind;
  /** Meaning depends on the kind: which server, Sentinel, value. */
  readonly a: number;
  readonly b: number;
}

/** A whole life, made from a seed or read from a shrunk failure. */
export interface LifePlan {
  readonly options: ClusterOptions;
  readonly faults: readonly Fault[];
}

/** How often each kind comes, against the sum of all. */
const WEIGHTS: Readonly<Record<FaultKind, number>> = {
  "kill-server": 8,
  "restart-server": 6,
  "restart-empty": 1,
  "move-server": 3,
  "break-names": 1,
  "mend-names": 2,
  "set-lag": 3,
  "stop-server": 5,
  "continue-server": 6,
  "crash-sentinel": 3,
  "crash-after-save": 2,
  "crash-before-save": 1,
  "start-sentinel": 6,
  "stop-sentinel": 3,
  "continue-sentinel": 5,
  cut: 5,
  "cut-one-way": 3,
  isolate: 3,
  heal: 8,
  "fill-disk": 2,
  "free-disk": 4,
  "manual-failover": 2,
  "simulate-failure": 1,
  "set-priority": 2,
  "demote-by-hand": 1,
  "set-option": 2,
  reset: 1,
  "remove-and-monitor": 1,
};

const KINDS = Object.entries(WEIGHTS).flatMap(([kind, weight]) =>
  new Array<FaultKind>(weight).fill(kind as FaultKind),
);

/** Links from Sentinels to servers in a life of usual size. */
const USUAL_LINKS = 24;

/** 1 to 7 Sentinels, 1 to 3 masters, 0 to 6 replicas each. */
export function planLife(seed: number): LifePlan {
  const random = seededRandom(seed ^ 0x5eed);
  const faults = Array.from({ length: 5 + random.below(30) }, () => planFault(random));
  return { options: planOptions(seed, random), faults };
}

/**
 * Small clusters show nearly all faults and cost a tenth, so one in eight only is of any size, and
 * of the others those that are too large lose replicas or masters.
 */
function planOptions(seed: number, random: Random): ClusterOptions {
  const isUsual = random.below(8) > 0;
  const sentinels = pick(random, [3, 3, 3, 5, 5, 1, 2, 4, 7]);
  let masters = pick(random, [1, 1, 1, 2, 3]);
  let replicas = pick(random, [2, 2, 1, 3, 0, 4, 6]);
  const isTooLarge = () => isUsual && sentinels * masters * (replicas + 1) > USUAL_LINKS;
  while (isTooLarge() && replicas > 2) replicas--;
  while (isTooLarge() && masters > 1) masters--;
  return {
    seed,
    sentinels,
    masters,
    replicas,
    quorum: 1 + random.below(Math.floor(sentinels / 2) + 1),
    downAfterMs: pick(random, [200, 1_000, 2_000, 5_000]),
    failoverTimeoutMs: pick(random, [3_000, 6_000, 20_000]),
    parallelSyncs: 1 + random.below(2),
    maxLatencyMs: pick(random, [1, 5, 40]),
    names: random.below(4) === 0,
    lag: random.below(3) === 0,
    drift: pick(random, [0, 0, 0.01]),
  };
}

function planFault(random: Random): Fault {
  const kind = pick(random, KINDS);
  const afterMs = random.below(pick(random, [50, 500, 3_000, 8_000]));
  return { afterMs, kind, a: random.below(1_000), b: random.below(1_000) };
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)] as T;
}
