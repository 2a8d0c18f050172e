import { span } from "../explain/span.ts";
import { Trouble } from "./trouble.ts";

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `500ms`, `3s`, `1.5m`, `2h`, `7d`; a bare number is seconds. @throws Trouble */
export function millisOf(text: string, option: string): number {
  const [, digits, unit = "s"] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  const ms = Math.round(Number(digits) * (UNITS[unit] ?? 0));
  if (digits !== undefined && ms > 0) return ms;
  throw new Trouble(`--${option} ${text} is no time: say 500ms, 3s, 1m, 2h or 7d`);
}

/** A span as everywhere; what took less than a second to the millisecond. */
export function spanOf(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : span(ms);
}
