import type { Random } from "../../src/core/random.ts";

/** What happens to the C program and to the model of it, in the same order. */
export type Step =
  | { readonly kind: "ask"; readonly args: readonly string[] }
  | { readonly kind: "hello"; readonly text: string }
  | { readonly kind: "reset"; readonly name: string }
  /** After SIGKILL or SIGTERM. */
  | { readonly kind: "restart"; readonly isKilled: boolean };

export const OWN_ID = "0123456789abcdef".repeat(3).slice(0, 40);
/** Two masters that share no address: of two names for one, either may answer. */
export const NAMES: readonly string[] = ["red", "blue"];

const PEERS = ["a", "b", "c"].map((letter) => letter.repeat(40));
const PORT = 1;
const STEPS = 24;

/** Of the master of this name, or a place that it may move to. Nobody listens there. */
export function placeOf(name: string, index: number): string {
  return `127.77.${NAMES.indexOf(name) + 1}.${index + 1}`;
}

/** A sequence of steps near the epochs that are in use, with some far from them. */
export function planSteps(random: Random): readonly Step[] {
  const epochs = new EpochSource(random);
  return Array.from({ length: STEPS }, () => planStep(random, epochs));
}

function planStep(random: Random, epochs: EpochSource): Step {
  const kind = random.below(20);
  if (kind < 9) return { kind: "ask", args: planQuestion(random, epochs) };
  if (kind < 17) return { kind: "hello", text: planHello(random, epochs) };
  if (kind === 17) return { kind: "reset", name: pick(random, NAMES) };
  return { kind: "restart", isKilled: kind === 18 };
}

function planQuestion(random: Random, epochs: EpochSource): readonly string[] {
  const name = pick(random, NAMES);
  const ip = placeOf(name, random.below(2));
  const odd = random.below(12);
  const place = odd === 0 ? pick(random, ODD_PLACES) : [ip, `${PORT}`];
  const candidate = pick(random, ["*", OWN_ID, ...PEERS, ...PEERS, "nobody", ""]);
  return [...place, epochs.next(), candidate];
}

const ODD_PLACES = [
  ["127.77.9.9", "1"],
  ["nonsense", "1"],
  ["127.77.1.1", "0"],
  ["127.77.1.1", "-1"],
  ["127.77.1.1", "65537"],
  ["127.77.1.1", "one"],
  ["127.77.1.1", "01"],
  ["127.77.1", "1"],
  ["127.077.1.1", "1"],
  ["127.0x4d.257", "1"],
] as const;

function planHello(random: Random, epochs: EpochSource): string {
  const name = random.below(15) === 0 ? "nobody" : pick(random, NAMES);
  const from = [
    `127.78.0.${1 + random.below(4)}`,
    `${PORT}`,
    pick(random, [...PEERS, ...PEERS, OWN_ID]),
  ];
  const master = [placeOf(name === "nobody" ? "red" : name, random.below(2)), `${PORT}`];
  const fields = [...from, epochs.next(), name, ...master, epochs.next()];
  if (random.below(6) === 0) {
    const at = random.below(8);
    fields[at] = pick(random, at === ID_AT ? ODD_IDS : ODD_FIELDS);
  }
  if (random.below(30) === 0) fields.pop();
  return fields.join(",");
}

const ODD_FIELDS = [
  "",
  "0",
  "-1",
  "nonsense",
  "65536",
  "70000",
  "127.77.1.1x",
  "127.0x4d.257",
  "2x",
  " 3",
  "+4",
];

const ID_AT = 2;
/** None with a space: the C program writes a line with it that it cannot read. */
const ODD_IDS = ["", "0", "nonsense", "d".repeat(41)];

/** Epochs that mostly rise, and now and then one from far away. */
class EpochSource {
  readonly #random: Random;
  #present = 1n;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): string {
    if (this.#random.below(40) === 0) return pick(this.#random, ODD_EPOCHS);
    if (this.#random.below(3) === 0) this.#present++;
    const epoch = this.#present + BigInt(this.#random.below(4) - 2);
    return `${epoch < 0n ? 0n : epoch}`;
  }
}

const ODD_EPOCHS = [
  ...["-1", "", "one", "1.5", "007", "+3", " 2"],
  ...["4611686018427387904", "9223372036854775807", "9223372036854775808", "18446744073709551615"],
  "99999999999999999999",
] as const;

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)] as T;
}
