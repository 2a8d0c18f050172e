import { type Random, seededRandom } from "../../src/core/random.ts";
import type { ClusterOptions } from "./cluster.ts";
import { kindsOf, optionsOf, type Theme, themeOf } from "./themes.ts";

/** What may happen to a cluster. Servers and Sentinels are picked by number, modulo their count. */
export type FaultKind =
  | "kill-server"
  | "restart-server"
  | "restart-empty"
  | "move-server"
  | "break-names"
  | "mend-names"
  | "mislead-names"
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
  | "coordinated-failover"
  | "force-both-sides"
  | "forge-question"
  | "simulate-failure"
  | "set-priority"
  | "demote-by-hand"
  | "detach-by-hand"
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

/** Links from Sentinels to servers in a life of usual size. */
const USUAL_LINKS = 24;

/** 1 to 7 Sentinels, 1 to 3 masters, 0 to 6 replicas each. Without a theme it has that of its seed. */
export function planLife(seed: number, theme: Theme = themeOf(seed)): LifePlan {
  const random = seededRandom(seed ^ 0x5eed);
  const kinds = kindsOf(theme);
  const faults = Array.from({ length: 5 + random.below(30) }, () => planFault(random, kinds));
  return { options: { ...planOptions(seed, random), ...optionsOf(theme) }, faults };
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
    old: random.below(16) === 0,
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
export function planMixedLife(seed: number, theme: Theme = themeOf(seed)): LifePlan {
  const { options, faults } = planLife(seed, theme);
  const random = seededRandom(seed ^ 0xc0ffee);
  const cSentinels = 1 + random.below(Math.min(3, options.sentinels));
  const quorum = 1 + random.below(Math.floor((options.sentinels + cSentinels) / 2) + 1);
  const downAfterMs = Math.max(LEAST_C_DOWN_AFTER_MS, options.downAfterMs);
  return {
    options: { ...options, cSentinels, quorum, downAfterMs, names: false, hasAlias: false },
    faults,
  };
}

function planFault(random: Random, kinds: readonly FaultKind[]): Fault {
  const kind = pick(random, kinds);
  const afterMs = random.below(pick(random, [50, 500, 3_000, 8_000]));
  return { afterMs, kind, a: random.below(1_000), b: random.below(1_000) };
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)] as T;
}
