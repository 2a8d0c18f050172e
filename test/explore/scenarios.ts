import type { Budget } from "./world.ts";

/** A cluster, what may happen to it, and where the exploration begins. */
export interface Scenario {
  readonly name: string;
  readonly sentinels: number;
  /** Which of them are C Sentinels. */
  readonly c: readonly number[];
  /** `two of one server`: both watch the same servers. */
  readonly names: "one" | "two of one server" | "two apart";
  /** Of each master. */
  readonly replicas: number;
  readonly quorum: number;
  /**
   * `master down`: it is dead, and every Sentinel sees it so, but has not heard yet what the others see.
   * `disagreement`: two masters run, and the files name both in one config epoch.
   */
  readonly begins: "well" | "master down" | "disagreement";
  readonly budget: Budget;
  readonly maxEpoch: number;
}

export const NOTHING: Budget = {
  time: 0,
  crashes: 0,
  resets: 0,
  failedSaves: 0,
  forced: 0,
  refusals: 0,
  deaths: 0,
};

type Bound = Omit<Scenario, "name" | "c" | "names" | "budget"> & Partial<Scenario>;

function scenario(name: string, bound: Bound, budget: Partial<Budget>): Scenario {
  return { name, c: [], names: "one", ...bound, budget: { ...NOTHING, ...budget } };
}

/** Exhausted in a minute on two cores; the quick ones first. */
export const SMALL: readonly Scenario[] = [
  scenario(
    "one alone, with a disk that fails",
    { sentinels: 1, replicas: 1, quorum: 1, begins: "master down", maxEpoch: 3 },
    { time: 6, failedSaves: 2, crashes: 1 },
  ),
  scenario(
    "two with a disk that fails",
    { sentinels: 2, replicas: 1, quorum: 2, begins: "master down", maxEpoch: 2 },
    { time: 3, failedSaves: 1 },
  ),
  scenario(
    "two masters in one config epoch",
    { sentinels: 3, replicas: 1, quorum: 2, begins: "disagreement", maxEpoch: 2 },
    { time: 2 },
  ),
  scenario(
    "three stand for election",
    { sentinels: 3, replicas: 1, quorum: 2, begins: "master down", maxEpoch: 2 },
    { time: 2 },
  ),
  scenario(
    "a promotion is refused and a connection reset",
    { sentinels: 2, replicas: 2, quorum: 2, begins: "master down", maxEpoch: 2 },
    { time: 3, resets: 1, refusals: 1 },
  ),
  scenario(
    "two, one of which crashes",
    { sentinels: 2, replicas: 1, quorum: 1, begins: "master down", maxEpoch: 2 },
    { time: 3, crashes: 1 },
  ),
  scenario(
    "two and two operators",
    { sentinels: 2, replicas: 2, quorum: 2, begins: "well", maxEpoch: 3 },
    { forced: 2 },
  ),
  scenario(
    "two, and the new master dies",
    { sentinels: 2, replicas: 1, quorum: 2, begins: "master down", maxEpoch: 1 },
    { time: 4, deaths: 1 },
  ),
  scenario(
    "two names of one server, and a crash",
    {
      ...{ sentinels: 2, names: "two of one server", replicas: 1, quorum: 2 },
      ...{ begins: "master down", maxEpoch: 3 },
    },
    { time: 3, crashes: 1 },
  ),
  scenario(
    "two names of one server, and operators",
    {
      ...{ sentinels: 2, names: "two of one server", replicas: 2, quorum: 2 },
      ...{ begins: "well", maxEpoch: 3 },
    },
    { forced: 2 },
  ),
  scenario(
    "two names apart",
    {
      ...{ sentinels: 2, names: "two apart", replicas: 1, quorum: 2 },
      ...{ begins: "master down", maxEpoch: 2 },
    },
    { time: 2 },
  ),
  scenario(
    "one and a C Sentinel",
    { sentinels: 2, c: [0], replicas: 1, quorum: 2, begins: "master down", maxEpoch: 2 },
    { time: 4 },
  ),
  scenario(
    "two and a C Sentinel",
    { sentinels: 3, c: [2], replicas: 1, quorum: 2, begins: "master down", maxEpoch: 1 },
    { time: 2 },
  ),
];

/** Exhausted within an hour on one core: for whoever changes votes, epochs or promotions. The quick ones first. */
export const LARGE: readonly Scenario[] = [
  scenario(
    "three and two operators",
    { sentinels: 3, replicas: 1, quorum: 2, begins: "well", maxEpoch: 2 },
    { forced: 2 },
  ),
  scenario(
    "two and a C Sentinel, and operators",
    { sentinels: 2, c: [1], replicas: 1, quorum: 2, begins: "well", maxEpoch: 2 },
    { time: 2, forced: 2 },
  ),
  scenario(
    "three, and a connection reset",
    { sentinels: 3, replicas: 1, quorum: 2, begins: "master down", maxEpoch: 1 },
    { time: 2, resets: 1 },
  ),
  scenario(
    "three with a disk that fails",
    { sentinels: 3, replicas: 1, quorum: 2, begins: "master down", maxEpoch: 2 },
    { time: 2, failedSaves: 1 },
  ),
  scenario(
    "three, one of which crashes",
    { sentinels: 3, replicas: 1, quorum: 2, begins: "master down", maxEpoch: 2 },
    { time: 2, crashes: 1 },
  ),
  scenario(
    "two masters in one config epoch, and a crash",
    { sentinels: 3, replicas: 1, quorum: 2, begins: "disagreement", maxEpoch: 3 },
    { time: 3, crashes: 1 },
  ),
  scenario(
    "three with two names of one server",
    {
      ...{ sentinels: 3, names: "two of one server", replicas: 1, quorum: 2 },
      ...{ begins: "master down", maxEpoch: 2 },
    },
    { time: 2 },
  ),
  scenario(
    "a C Sentinel that stands first",
    { sentinels: 3, c: [0], replicas: 1, quorum: 2, begins: "master down", maxEpoch: 1 },
    { time: 3 },
  ),
  scenario(
    "two and two operators who have time",
    { sentinels: 2, replicas: 2, quorum: 2, begins: "well", maxEpoch: 3 },
    { time: 1, forced: 2 },
  ),
  scenario(
    "four stand for election",
    { sentinels: 4, replicas: 1, quorum: 2, begins: "master down", maxEpoch: 1 },
    { time: 2 },
  ),
  scenario(
    "an operator while the master dies",
    { sentinels: 2, replicas: 1, quorum: 1, begins: "well", maxEpoch: 2 },
    { time: 3, forced: 1, deaths: 1 },
  ),
  scenario(
    "three with two names of one server, and operators",
    {
      ...{ sentinels: 3, names: "two of one server", replicas: 1, quorum: 2 },
      ...{ begins: "well", maxEpoch: 2 },
    },
    { forced: 2 },
  ),
  scenario(
    "two and a C Sentinel, one of which crashes",
    { sentinels: 3, c: [2], replicas: 1, quorum: 2, begins: "master down", maxEpoch: 1 },
    { time: 2, crashes: 1 },
  ),
];
