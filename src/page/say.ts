import type { Place } from "../view/types.ts";

// Figures and places in words.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `0.3 s`, `12 s`, `3 min 20 s`, `5 h 2 min`, `3 d 4 h`. */
export function ageText(ms: number): string {
  if (ms < 10 * SECOND) return `${(Math.max(0, ms) / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return twoUnits(ms, MINUTE, "min", SECOND, "s");
  if (ms < DAY) return twoUnits(ms, HOUR, "h", MINUTE, "min");
  return twoUnits(ms, DAY, "d", HOUR, "h");
}

function twoUnits(ms: number, big: number, bigName: string, small: number, name: string): string {
  const rest = Math.floor((ms % big) / small);
  return `${Math.floor(ms / big)} ${bigName}${rest === 0 ? "" : ` ${rest} ${name}`}`;
}

/** How long a step took, to the millisecond: `6 ms`, `5.021 s`. */
export function exactText(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  return ms < MINUTE ? `${(ms / SECOND).toFixed(3)} s` : ageText(ms);
}

/** Where the reader is: the time with milliseconds, or, of another day, the date with the time. */
export function timeText(at: number, now: number): string {
  const date = new Date(at);
  const [year, ...day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(two);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  if (date.toDateString() !== new Date(now).toDateString())
    return `${[year, ...day].join("-")} ${time}`;
  return `${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** Literals of IPv6 in brackets. */
export function placeText({ host, port }: Place): string {
  if (host === "") return `(unresolved):${port}`;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

export function samePlace(one: Place, other: Place): boolean {
  return one.host === other.host && one.port === other.port;
}

/** `1 replica`, `2 replicas`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** At most so many characters: the middle of a long name says least. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const tail = Math.floor((most - 1) / 2);
  return `${text.slice(0, Math.max(1, most - 1 - tail))}…${tail > 0 ? text.slice(-tail) : ""}`;
}
