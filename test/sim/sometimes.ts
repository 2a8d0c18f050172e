import type { SimSentinel } from "./sentinel-process.ts";

/** A way that a failover may take, and that lives must have taken for their checks to say anything of it. */
export interface Branch {
  readonly name: string;
  /** So many lives without it are a fault of the campaign: its faults do not lead there any more. */
  readonly within: number;
  readonly isTaken: (course: Course) => boolean;
}

/** What a Sentinel said in its life. */
interface Course {
  readonly sentinel: SimSentinel;
  /** The names of its events, and all lines of its log. */
  readonly told: ReadonlySet<string>;
  readonly log: string;
}

const OFTEN = 2_000;
const SELDOM = 20_000;
const RARELY = 100_000;

export const BRANCHES: readonly Branch[] = [
  told("an election is lost", "-failover-abort-not-elected", OFTEN),
  told("nobody is fit", "-failover-abort-no-good-slave", OFTEN),
  told("a promotion is not seen in time", "-failover-abort-slave-timeout", SELDOM),
  told("replicas do not follow in time", "+failover-end-for-timeout", OFTEN),
  told("a replica does not obey", "-slave-reconf-sent-timeout", SELDOM),
  told("a replica is told once more at the end", "+slave-reconf-sent-be", SELDOM),
  told("another's configuration is believed", "+config-update-from", OFTEN),
  told("a returning master is made a replica", "+convert-to-slave", OFTEN),
  told("a replica of somebody else is put right", "+fix-slave-config", OFTEN),
  told("a disagreement is settled", "+config-settled", OFTEN),
  told("a standstill is noticed", "+tilt", OFTEN),
  told("a restart is noticed", "+reboot", OFTEN),
  { name: "the front runner is joined", within: OFTEN, isTaken: joinsFrontRunner },
  logged("the master answers again", "ended: its master answers again", OFTEN),
  logged("the chosen one is lost", "was lost before its promotion", OFTEN),
  logged("the chosen one refuses", "refused its promotion", OFTEN),
  logged("a planned switch is made", "were held back for", OFTEN),
  logged("a planned switch is given up", "Coordinated failover of", OFTEN),
  logged("a part of the order is refused", "CONFIG REWRITE failed", OFTEN),
  logged("a replica that loads is passed over", "it is loading its data", OFTEN),
  logged("a replica in a full sync is passed over", "it is in a full sync", RARELY),
  told("a Sentinel moves", "+sentinel-address-switch", OFTEN),
  logged("two Sentinels with one id know of each other", "has our id", SELDOM),
  logged("a second name moves along", "is the same server as", SELDOM),
  logged("a stray is passed over", "it is a master itself and does not hold", OFTEN),
  logged("a replica of another server is passed over", "it follows another server", SELDOM),
  logged("a replica without data is passed over", "it never had the data", RARELY),
  logged("a replica is too old", "without its master for too long", RARELY),
  logged("a promotion is given up", "given up: a configuration of epoch", RARELY),
  logged("an epoch is not believed", "ahead of ours", OFTEN),
  logged("two addresses in one epoch are noticed", "both in config epoch", OFTEN),
];

function told(name: string, event: string, within: number): Branch {
  return { name, within, isTaken: (course) => course.told.has(event) };
}

function logged(name: string, part: string, within: number): Branch {
  return { name, within, isTaken: ({ log }) => log.includes(part) };
}

/** It stood, and gave its vote in that epoch to another who was ahead. */
function joinsFrontRunner({ sentinel: { events, core }, told: names }: Course): boolean {
  if (!names.has("+try-failover")) return false;
  const { myId } = core.state;
  let epoch = "";
  const stoodIn = new Set<string>();
  return events.some(({ name, payload }) => {
    if (name === "+new-epoch") epoch = payload;
    if (name === "+try-failover") stoodIn.add(epoch);
    const [candidate, votedIn = ""] = payload.split(" ");
    return name === "+vote-for-leader" && candidate !== myId && stoodIn.has(votedIn);
  });
}

export function branchesTaken(sentinels: readonly SimSentinel[]): string[] {
  const courses = sentinels.map((sentinel) => ({
    sentinel,
    told: new Set(sentinel.events.map(({ name }) => name)),
    log: sentinel.logs.join("\n"),
  }));
  return BRANCHES.filter(({ isTaken }) => courses.some(isTaken)).map(({ name }) => name);
}

/** Those that so many lives should have come upon and did not. */
export function branchesMissed(lives: number, taken: ReadonlyMap<string, number>): Branch[] {
  return BRANCHES.filter(({ name, within }) => lives >= within && !taken.has(name));
}
