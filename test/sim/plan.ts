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
  | "pause-writes"
  | "load-data"
  | "refuse-orders"
  | "accept-orders"
  | "slow-sync"
  | "break-sync"
  | "restart-older"
  | "need-replicas"
  | "chain"
  | "drop-clients"
  | "forget-connections"
  | "slow-down"
  | "crash-sentinel"
  | "crash-after-save"
  | "crash-before-save"
  | "start-sentinel"
  | "stop-sentinel"
  | "continue-sentinel"
  | "cut"
  | "cut-one-way"
  | "isolate"
  | "cut-role"
  | "at-step"
  | "heal"
  | "fill-disk"
  | "free-disk"
  | "slow-disk"
  | "manual-failover"
  | "force-both-sides"
  | "forge-question"
  | "simulate-failure"
  | "set-priority"
  | "demote-by-hand"
  | "set-option"
  | "reset"
  | "remove-and-monitor"
  | "join-sentinel"
  | "move-sentinel"
  | "copy-sentinel"
  | "outage"
  | "await-master";

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
  "pause-writes": 3,
  "load-data": 2,
  "refuse-orders": 4,
  "accept-orders": 3,
  "slow-sync": 4,
  "break-sync": 3,
  "restart-older": 2,
  "need-replicas": 1,
  chain: 2,
  "drop-clients": 2,
  "forget-connections": 2,
  "slow-down": 2,
  "crash-sentinel": 3,
  "crash-after-save": 2,
  "crash-before-save": 1,
  "start-sentinel": 6,
  "stop-sentinel": 3,
  "continue-sentinel": 5,
  cut: 5,
  "cut-one-way": 3,
  isolate: 3,
  "cut-role": 3,
  "at-step": 6,
  heal: 8,
  "fill-disk": 2,
  "free-disk": 4,
  "slow-disk": 2,
  "manual-failover": 2,
  "force-both-sides": 1,
  "forge-question": 2,
  "simulate-failure": 1,
  "set-priority": 2,
  "demote-by-hand": 1,
  "set-option": 2,
  reset: 1,
  "remove-and-monitor": 1,
  "join-sentinel": 1,
  "move-sentinel": 1,
  "copy-sentinel": 1,
  outage: 2,
  "await-master": 16,
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
    cSentinels: 0,
    masters,
    replicas,
    quorum: 1 + random.below(Math.floor(sentinels / 2) + 1),
    downAfterMs: pick(random, [200, 1_000, 2_000, 5_000]),
    failoverTimeoutMs: pick(random, [3_000, 6_000, 20_000]),
    parallelSyncs: 1 + random.below(2),
    maxLatencyMs: pick(random, [1, 5, 40]),
    names: random.below(4) === 0,
    hasAlias: random.below(16) === 0,
    lag: random.below(3) === 0,
    drift: pick(random, [0, 0, 0.01]),
  };
}

/**
 * With a shorter down-after C Sentinels replace each new master that they hear of, without end when several
 * of them are the quorum: they connect to it up to a second later.
 */
const LEAST_C_DOWN_AFTER_MS = 1_000;

/**
 * The same with C Sentinels among ours, one to as many as ours. Names are left out: the model knows
 * addresses only.
 */
export function planMixedLife(seed: number): LifePlan {
  const { options, faults } = planLife(seed);
  const random = seededRandom(seed ^ 0xc0ffee);
  const cSentinels = 1 + random.below(Math.min(3, options.sentinels));
  const quorum = 1 + random.below(Math.floor((options.sentinels + cSentinels) / 2) + 1);
  const downAfterMs = Math.max(LEAST_C_DOWN_AFTER_MS, options.downAfterMs);
  return {
    options: { ...options, cSentinels, quorum, downAfterMs, names: false, hasAlias: false },
    faults,
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
