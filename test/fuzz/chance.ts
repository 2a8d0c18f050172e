import { seededRandom } from "../../src/core/random.ts";

/** Choices that a seed repeats. */
export class Chance {
  readonly #random: ReturnType<typeof seededRandom>;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** At least `min`, below `max`. */
  int(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min));
  }

  fraction(): number {
    return this.#random.below(2 ** 31) / 2 ** 31;
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.int(0, times) === 0;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.int(0, items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }

  many<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.int(0, most + 1) }, make);
  }

  /** Any bytes, those frequent that some grammar cares about. */
  bytes(most: number): string {
    return this.many(most, () => this.byte()).join("");
  }

  byte(): string {
    if (this.once(2)) return this.pick(MARKED);
    return String.fromCharCode(this.int(0, 256));
  }

  digits(): string {
    return this.pick(NUMBERS);
  }

  /** The text with a few bytes changed, dropped, doubled or put in. */
  mutate(text: string): string {
    let out = text;
    for (let left = this.int(0, 4); left > 0; left--) {
      const at = this.int(0, out.length + 1);
      const length = this.int(0, 4);
      const piece = this.pick([this.bytes(4), out.slice(at, at + 8), this.digits(), ""]);
      out = out.slice(0, at) + piece + out.slice(at + length);
    }
    return out;
  }
}

const MARKED = [..." \t\r\n\0\"'\\*$%~>:+-,_=#|&@()?[]/.x019"];

const NUMBERS = [
  ...["0", "-1", "1", "2", "10", "01", "+1", "1.5", "", "65535", "65536", "2147483647"],
  ...[
    "2147483648",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
  ],
  ...["9223372036854775808", "18446744073709551615", "99999999999999999999", "1e9", "0x10", "NaN"],
];
