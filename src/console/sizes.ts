import { Trouble } from "./trouble.ts";

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** `0 B`, `812 B`, `3.1 MB`. */
export function sizeOf(bytes: bigint): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const text =
    unit === 0 || value >= 100 ? `${Math.round(value)}` : value.toFixed(1).replace(/\.0$/, "");
  return `${text} ${UNITS[unit]}`;
}

/** `1MB`, `500kB`, `0`; units of 1024, as Redis' own. @throws Trouble */
export function bytesIn(text: string, option: string): bigint {
  const [, digits, unit = ""] = /^(\d{1,12})\s*([kmgt]?)b?$/i.exec(text) ?? [];
  if (digits === undefined)
    throw new Trouble(`--${option} ${text} is no size: say 500kB, 1MB or 2GB`);
  const power = ["", "k", "m", "g", "t"].indexOf(unit.toLowerCase());
  return BigInt(digits) * 1024n ** BigInt(power);
}
