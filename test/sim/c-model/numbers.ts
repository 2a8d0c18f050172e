import type { CAddress } from "./records.ts";

const MAX_LONG = 2n ** 63n - 1n;
const MAX_ULONG = 2n ** 64n - 1n;

/** As Redis reads an integer argument: nothing around it, no sign but a minus, no leading zeros. */
export function parseLong(text: string): bigint | null {
  if (!/^(0|-?[1-9]\d*)$/.test(text)) return null;
  const value = BigInt(text);
  return value > MAX_LONG || value < -MAX_LONG - 1n ? null : value;
}

/** strtoull: what begins as a number, 0 for what does not, the greatest one for what is beyond. */
export function parseUnsigned(text: string): bigint {
  const [, sign, digits] = /^\s*([+-]?)(\d+)/.exec(text) ?? [];
  if (digits === undefined) return 0n;
  const value = BigInt(digits);
  if (value > MAX_ULONG) return MAX_ULONG;
  return sign === "-" ? BigInt.asUintN(64, -value) : value;
}

/** atoi, for numbers that fit. */
export function parseInt32(text: string): bigint {
  const [, sign, digits] = /^\s*([+-]?)(\d+)/.exec(text) ?? [];
  if (digits === undefined) return 0n;
  return BigInt.asIntN(32, sign === "-" ? -BigInt(digits) : BigInt(digits));
}

/** createSentinelAddr without resolve-hostnames: null for what is no address. */
export function parseAddress(text: string, port: bigint): CAddress | null {
  const ip = parseIp(text);
  return ip === null || port < 0n || port > 65_535n ? null : { ip, port: Number(port) };
}

/** inet_aton, which getaddrinfo follows: `127.1` is 127.0.0.1, and `010` is 8. */
function parseIp(text: string): string | null {
  const parts = text.split(".");
  if (parts.length > 4 || !parts.every((part) => IP_PART.test(part))) return null;
  const numbers = parts.map((part) => Number(/^0[0-7]/.test(part) ? `0o${part}` : part));
  const last = numbers.pop() ?? 0;
  const restBits = 8 * (4 - numbers.length);
  if (last >= 2 ** restBits || numbers.some((number) => number > 255)) return null;
  const whole = numbers.reduce((sum, number, index) => sum + number * 2 ** (24 - 8 * index), last);
  return [24, 16, 8, 0].map((shift) => Math.floor(whole / 2 ** shift) % 256).join(".");
}

const IP_PART = /^(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i;
