/** Sizes in bytes, as people write and read them. Imports nothing: the page has it, too. */

/** As in redis.conf, in any case: `1k` is 1000 and `1kb` is 1024. */
export const SIZE_UNITS: ReadonlyMap<string, bigint> = new Map([
  ["", 1n],
  ["b", 1n],
  ["k", 1000n],
  ["kb", 1024n],
  ["m", 1000n ** 2n],
  ["mb", 1024n ** 2n],
  ["g", 1000n ** 3n],
  ["gb", 1024n ** 3n],
]);

/** Bytes of `1MB`, `64kb` or `812`; null: it says no size. */
export function sizeIn(text: string): bigint | null {
  const [, digits, unit = ""] = /^(\d{1,15})([a-z]*)$/i.exec(text) ?? [];
  const factor = SIZE_UNITS.get(unit.toLowerCase());
  return digits === undefined || factor === undefined ? null : BigInt(digits) * factor;
}

const SHOWN = ["B", "kB", "MB", "GB", "TB", "PB", "EB"] as const;
/** What would be rounded to 1024 is 1 of the next unit. */
const NEXT_UNIT = 1023.5;

/** `0 B`, `812 B`, `3.1 MB`: the units that {@link sizeIn} takes for 1024 and its powers. */
export function sizeText(bytes: bigint | number): string {
  let [value, unit] = [Number(bytes), 0];
  while (value >= NEXT_UNIT && unit < SHOWN.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, "")} ${SHOWN[unit]}`;
}
