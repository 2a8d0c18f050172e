/**
 * Whole numbers in text, each as the C program reads it in that place: a value that one of the two takes, the
 * other takes as well. Imports nothing, so that the core may use it.
 *
 * Text is one character per byte; only ASCII digits count.
 */

const STRICT = /^(?:0|-?[1-9][0-9]{0,18})$/;
const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
/** What nearly every number in a file is: within 32 bits, and read without arithmetic on bigints. */
const SMALL = /^[0-9]{1,9}$/;
/** No number has more digits than this; of a longer one the first digits are taken. */
const MAX_DIGITS = 100;

/**
 * In requests, and where a directive wants a number (string2ll): the one way to write a number of signed 64 bits.
 * No plus, no leading zero, no `-0`, no space; null for anything else.
 */
export function strictInteger(text: string): bigint | null {
  if (!STRICT.test(text)) return null;
  const value = BigInt(text);
  return value > MAX_INT64 || value < MIN_INT64 ? null : value;
}

/** The same within a range, as a number that holds it exactly. */
export function strictNumber(text: string, least: number, most: number): number | null {
  const value = strictInteger(text);
  if (value === null || value < BigInt(least) || value > BigInt(most)) return null;
  return Number(value);
}

/** {@link strictInteger} of the bytes from `from` to before `to`; beyond 53 bits it is not exact. */
export function strictIntegerOf(bytes: Uint8Array, from: number, to: number): number | null {
  const negative = bytes[from] === MINUS;
  const first = negative ? from + 1 : from;
  if (first >= to || to - first > 19) return null;
  if (bytes[first] === ZERO && (to - first > 1 || negative)) return null;
  let value = 0;
  for (let i = first; i < to; i++) {
    const digit = bytes[i] ?? 0;
    if (digit < ZERO || digit > NINE) return null;
    value = value * 10 + (digit - ZERO);
  }
  if (to - first === 19 && exceedsInt64(bytes, first, to, negative)) return null;
  return negative ? -value : value;
}

const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;

function exceedsInt64(bytes: Uint8Array, first: number, to: number, negative: boolean): boolean {
  let magnitude = 0n;
  for (let i = first; i < to; i++) magnitude = magnitude * 10n + BigInt((bytes[i] ?? ZERO) - ZERO);
  return magnitude > (negative ? MAX_INT64 + 1n : MAX_INT64);
}

/** Spaces, a sign and leading digits as strtoll reads them, but of any size; 0 without digits. */
export function leadingInteger(text: string): bigint {
  const match = /^[ \t\n\v\f\r]*([+-]?)0*([0-9]+)/.exec(text);
  const value = BigInt((match?.[2] ?? "0").slice(0, MAX_DIGITS));
  return match?.[1] === "-" ? -value : value;
}

/** As atoi: the leading integer, held to 64 bits and cut to 32. */
export function leadingInt32(text: string): number {
  if (SMALL.test(text)) return Number(text);
  return Number(BigInt.asIntN(32, within(leadingInteger(text), MIN_INT64, MAX_INT64)));
}

/** The leading integer of a time in milliseconds, held to what a JavaScript number holds. */
export function leadingMillis(text: string): number {
  if (SMALL.test(text)) return Number(text);
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(within(leadingInteger(text), -most, most));
}

/** Whether strtol reads the text to its end: nothing, or spaces, a sign and digits. */
export function isWholeInteger(text: string): boolean {
  return /^(?:[ \t\n\v\f\r]*[+-]?[0-9]+)?$/.test(text);
}

function within(value: bigint, least: bigint, most: bigint): bigint {
  if (value > most) return most;
  return value < least ? least : value;
}
