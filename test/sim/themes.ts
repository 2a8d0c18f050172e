import type { ClusterOptions } from "./cluster.ts";
import type { FaultKind } from "./plan.ts";

/** How often each kind comes, against the sum of all. */
const WEIGHTS: Readonly<Record<FaultKind, number>> = {
  "kill-server": 8,
  "restart-server": 6,
  "restart-empty": 1,
  "move-server": 3,
  "break-names": 1,
  "mend-names": 2,
  "mislead-names": 3,
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
  "coordinated-failover": 4,
  "force-both-sides": 1,
  "forge-question": 2,
  "simulate-failure": 1,
  "set-priority": 2,
  "demote-by-hand": 1,
  "detach-by-hand": 1,
  "set-option": 2,
  reset: 1,
  "remove-and-monitor": 1,
  "join-sentinel": 1,
  "move-sentinel": 1,
  "copy-sentinel": 1,
  outage: 2,
  "await-master": 16,
};

/**
 * What a life is mostly about. Some faults are rare beside all others, and show nothing but together: a full
 * sync under way, a file that is older, and the death of a master just then.
 */
export type Theme =
  | "usual"
  | "data"
  | "sight"
  | "orders"
  | "hands"
  | "names"
  | "namesakes"
  | "switches";

interface Emphasis {
  /** In place of the usual weight. */
  readonly weights: Partial<Record<FaultKind, number>>;
  readonly options: Partial<ClusterOptions>;
}

/** Few servers, so that what happens happens to one group, and a life costs little. */
const SMALL = { sentinels: 3, quorum: 2, masters: 1, names: false, hasAlias: false };

const EMPHASES: Readonly<Record<Theme, Emphasis>> = {
  usual: { weights: {}, options: {} },
  // What replicas hold when their master dies.
  data: {
    weights: {
      ...{ "kill-server": 20, "restart-server": 16, "await-master": 24, "slow-sync": 20 },
      ...{ "break-sync": 12, "restart-older": 12, "restart-empty": 6, chain: 10, "load-data": 6 },
      ...{ "detach-by-hand": 6, "set-lag": 6 },
    },
    options: { ...SMALL, replicas: 3 },
  },
  // Sentinels lose sight of servers that are well, and see them again.
  sight: {
    weights: { "cut-role": 24, isolate: 10, cut: 10, heal: 20, "stop-server": 12, "at-step": 16 },
    options: { ...SMALL, replicas: 2 },
  },
  // Servers that do not do what they are told.
  orders: {
    weights: {
      ...{ "refuse-orders": 24, "accept-orders": 8, "kill-server": 20, "restart-server": 16 },
      ...{ "await-master": 24, "drop-clients": 8 },
    },
    options: { ...SMALL, replicas: 2 },
  },
  // Operators who force, cut and put right.
  hands: {
    weights: {
      ...{ "manual-failover": 16, "force-both-sides": 12, heal: 16, cut: 10, isolate: 6 },
      ...{ "demote-by-hand": 4, "detach-by-hand": 4, "copy-sentinel": 4 },
    },
    options: { names: false },
  },
  // Name servers that lie, are late, or do not answer.
  names: {
    weights: { "move-server": 8, "break-names": 4, "mend-names": 8, "mislead-names": 24 },
    options: { names: true },
  },
  // Two names for one master.
  namesakes: {
    weights: { "kill-server": 16, "restart-server": 12, "at-step": 16, "manual-failover": 6 },
    options: { hasAlias: true },
  },
  // Planned switches, in which anything goes wrong.
  switches: {
    weights: {
      ...{ "coordinated-failover": 60, heal: 16, "await-master": 24, "set-lag": 10 },
      ...{ "accept-orders": 8, "continue-server": 10, "continue-sentinel": 10, "slow-disk": 5 },
    },
    options: { names: false },
  },
};

/** Half of all lives have none. */
const THEMES: readonly Theme[] = [
  "data",
  "sight",
  "orders",
  "hands",
  "names",
  "namesakes",
  "switches",
];

export const ALL_THEMES: readonly Theme[] = ["usual", ...THEMES];

/** That of a life that is given none. */
export function themeOf(seed: number): Theme {
  return THEMES[seed % (2 * THEMES.length)] ?? "usual";
}

const KINDS = new Map(ALL_THEMES.map((theme) => [theme, drawnFrom(EMPHASES[theme])]));

/** Each kind as often as it weighs. */
function drawnFrom({ weights }: Emphasis): readonly FaultKind[] {
  return Object.entries({ ...WEIGHTS, ...weights }).flatMap(([kind, weight]) =>
    new Array<FaultKind>(weight).fill(kind as FaultKind),
  );
}

export function kindsOf(theme: Theme): readonly FaultKind[] {
  return KINDS.get(theme) ?? [];
}

export function optionsOf(theme: Theme): Partial<ClusterOptions> {
  return EMPHASES[theme].options;
}
