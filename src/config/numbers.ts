import { SIZE_UNITS } from "../base/sizes.ts";

/** Numbers with units or in octal, as the C library reads them: a value of our own never loads differently there. */

const MAX_UNSIGNED_64 = 2n ** 64n - 1n;
const MAX_SIGNED_64 = 2n ** 63n - 1n;
/** No number has more digits than this; longer text is not converted, only compared by length. */
const MAX_DIGITS = 100;

/** Bytes of `64mb` and the like; null when it is no memory value. */
export function memoryValue(text: string): bigint | null {
  const match = /^([0-9]*)([a-z]*)$/i.exec(text);
  if (match === null || (match[1] ?? "").length > MAX_DIGITS) return null;
  const unit = SIZE_UNITS.get((match[2] ?? "").toLowerCase());
  if (unit === undefined) return null;
  const count = BigInt(match[1] || "0");
  return BigInt.asUintN(64, (count > MAX_UNSIGNED_64 ? MAX_UNSIGNED_64 : count) * unit);
}

/** Bytes in the largest unit that divides them, as C writes memory values. */
export function formatMemory(bytes: bigint): string {
  for (const unit of ["gb", "mb", "kb"]) {
    const size = SIZE_UNITS.get(unit) ?? 1n;
    if (bytes !== 0n && bytes % size === 0n) return `${bytes / size}${unit}`;
  }
  return bytes.toString();
}

/** An octal number as strtoll with base 8 reads it whole; null otherwise. */
export function octalValue(text: string): bigint | null {
  const match = /^(?:[ \t\n\v\f\r]*([+-]?)([0-7]+))?$/.exec(text);
  if (match === null || text.length > MAX_DIGITS) return null;
  const value = BigInt(`0o${match[2] ?? "0"}`);
  if (value > MAX_SIGNED_64) return null;
  return match[1] === "-" ? -value : value;
}
