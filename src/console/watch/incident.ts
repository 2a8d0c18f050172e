/** One failover as it went by: which step was heard first when. Pure: times are arguments. */
export interface Incident {
  readonly master: string;
  readonly steps: readonly Step[];
}

interface Step {
  readonly word: string;
  /** When the first Sentinel told of it, in ms of a clock that only goes on. */
  readonly atMs: number;
}

/** What is shown of a failover, in its order; the last ones end it. */
const STEPS: ReadonlyMap<string, string> = new Map([
  ["+sdown", "down"],
  ["+odown", "agreed"],
  ["+try-failover", "stands"],
  ["+elected-leader", "elected"],
  ["+selected-slave", "chosen"],
  ["+promoted-slave", "promoted"],
  ["+switch-master", "switched"],
  ["+slave-reconf-done", "follows"],
  ["+failover-end", "done"],
  ["+failover-end-for-timeout", "ended by timeout"],
  ["-failover-abort-not-elected", "not elected"],
  ["-failover-abort-no-good-slave", "no fit replica"],
  ["-failover-abort-slave-timeout", "given up"],
  ["-failover-abort-master-timeout", "given up"],
  ["-sdown", "up again"],
]);
const ENDS: readonly string[] = [
  ...["done", "ended by timeout", "not elected", "no fit replica", "given up", "up again"],
];
const BEGINNINGS: readonly string[] = ["+sdown", "+odown", "+try-failover", "+switch-master"];
/** What begins so long after the last one is another incident. */
const QUIET_MS = 10_000;

/** Only of a master; what happens to a replica or a Sentinel alone is none. */
export function withEvent(
  known: Incident | null,
  event: { readonly name: string; readonly payload: string; readonly master: string | null },
  nowMs: number,
): Incident | null {
  const word = STEPS.get(event.name);
  const isOfOther = /^[+-](s|o)down$/.test(event.name) && !event.payload.startsWith("master ");
  if (word === undefined || isOfOther || event.master === null) return known;
  const step = { word, atMs: nowMs };
  const last = known?.steps.at(-1);
  const isSame = known?.master === event.master && last !== undefined;
  // Others tell late of what is over already: only a new attempt is news then.
  const isOver = isSame && ENDS.includes(last.word) && event.name === "+try-failover";
  const isOn = isSame && !isOver && nowMs - last.atMs < QUIET_MS;
  if (!isOn)
    return BEGINNINGS.includes(event.name) ? { master: event.master, steps: [step] } : known;
  if (known.steps.some((one) => one.word === word)) return known;
  return { ...known, steps: [...known.steps, step] };
}

/** `down ─ 2 ms ─ agreed ─ 31 ms ─ elected`: from each to the next, and in all. `master`: as it is shown. */
export function barOf({ steps }: Incident, master: string): string {
  const [first] = steps;
  const last = steps.at(-1);
  if (first === undefined || last === undefined) return "";
  const parts = steps.map(({ word, atMs }, at) => {
    const before = steps[at - 1];
    return before === undefined ? word : `─ ${Math.round(atMs - before.atMs)} ms ─ ${word}`;
  });
  return `failover of ${master}, ${Math.round(last.atMs - first.atMs)} ms: ${parts.join(" ")}`;
}
