/** Numbers as the C library reads them: a value of our own never loads differently there. */

const MAX_UNSIGNED_64 = 2n ** 64n - 1n;
const MAX_SIGNED_64 = 2n ** 63n - 1n;
const STRICT_DECIMAL = /^(0|-?[1-9][0-9]*)$/;
/** What nearly every number in a file is: within 32 bits, and read without arithmetic on bigints. */
const SMALL_DECIMAL = /^[0-9]{1,9}$/;
/** No number has more digits than this; longer text is not converted, only compared by length. */
const MAX_DIGITS = 100;

const UNITS: Readonly<Record<string, bigint>> = {
  "": 1n,
  b: 1n,
  k: 1000n,
  kb: 1024n,
  m: 1000n ** 2n,
  mb: 1024n ** 2n,
  g: 1000n ** 3n,
  gb: 1024n ** 3n,
};

/** A decimal without sign `+`, leading zeros or spaces that fits 64 bits; null otherwise. */
export function strictInteger(text: string): bigint | null {
  if (text.length > MAX_DIGITS || !STRICT_DECIMAL.test(text)) return null;
  const value = BigInt(text);
  return value > MAX_SIGNED_64 || value < -MAX_SIGNED_64 - 1n ? null : value;
}

/** Spaces, a sign and leading digits as strtoll reads them, but of any size; 0 without digits. */
export function leadingInteger(text: string): bigint {
  const match = /^[ \t\n\v\f\r]*([+-]?)0*([0-9]+)/.exec(text);
  const value = BigInt((match?.[2] ?? "0").slice(0, MAX_DIGITS));
  return match?.[1] === "-" ? -value : value;
}

/** As atoi: the leading integer cut to 32 bits. */
export function leadingInt32(text: string): number {
  if (SMALL_DECIMAL.test(text)) return Number(text);
  return Number(BigInt.asIntN(32, clamp(leadingInteger(text))));
}

/** The leading integer of a time in milliseconds, clamped to what a JavaScript number holds. */
export function leadingMillis(text: string): number {
  if (SMALL_DECIMAL.test(text)) return Number(text);
  const value = leadingInteger(text);
  const max = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(value > max ? max : value < -max ? -max : value);
}

/** Whether the whole text is an integer for strtol (spaces and signs allowed in front). */
export function isWholeInteger(text: string): boolean {
  return /^(?:[ \t\n\v\f\r]*[+-]?[0-9]+)?$/.test(text);
}

/** Bytes of `64mb` and the like; null when it is no memory value. */
export function memoryValue(text: string): bigint | null {
  const match = /^([0-9]*)([a-z]*)$/i.exec(text);
  if (match === null || (match[1] ?? "").length > MAX_DIGITS) return null;
  const unit = UNITS[(match[2] ?? "").toLowerCase()];
  if (unit === undefined) return null;
  const count = BigInt(match[1] || "0");
  return BigInt.asUintN(64, (count > MAX_UNSIGNED_64 ? MAX_UNSIGNED_64 : count) * unit);
}

/** Bytes in the largest unit that divides them, as C writes memory values. */
export function formatMemory(bytes: bigint): string {
  for (const unit of ["gb", "mb", "kb"]) {
    const size = UNITS[unit] ?? 1n;
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

function clamp(value: bigint): bigint {
  if (value > MAX_SIGNED_64) return MAX_SIGNED_64;
  return value < -MAX_SIGNED_64 - 1n ? -MAX_SIGNED_64 - 1n : value;
}
