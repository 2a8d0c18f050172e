/** Milliseconds since 1970. */
export type EpochMs = number;

/** How a line says when it was. */
export interface Stamp {
  /** Of a clock that names its distance from UTC; else of the wall clock, read as if it were UTC. */
  readonly ms: EpochMs;
  readonly hasZone: boolean;
  /** Nothing below a second is said. */
  readonly isCoarse: boolean;
}

/** A stamp, and where the line goes on. */
interface Stamped {
  readonly stamp: Stamp;
  readonly end: number;
}

const MONTHS: ReadonlyMap<string, number> = new Map(
  "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ").map((name, index) => [name, index]),
);
const DAY_MS = 86_400_000;

/** `29 Nov 2026 13:00:00.123` [LOG-LINE]; releases before 5.0 leave the year out. */
const LEGACY = /(\d{1,2}) ([A-Z][a-z]{2})(?: (\d{4}))? (\d\d):(\d\d):(\d\d)\.(\d{3})/y;
/** `Nov 29 13:00:00`, as syslog has it: no year, no zone, mostly no fraction. */
const SYSLOG = /([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?/y;
/** `2026-11-29T13:00:00.123+01:00`; journald has a blank for the T, and the name of a zone. */
const ISO =
  /(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|UTC|GMT)|([+-])(\d\d):?(\d\d)| [A-Z]{2,5}(?= ))?/y;
/** `1764421200123` of Valkey's log-timestamp-format, `1764421200.123456` of journald. */
const UNIX = /(\d{13}|\d{10}\.\d{1,9})(?!\d)/y;

/**
 * The time at `start`, in whatever form it stands there. `newestMs` is when the file was last written: a time
 * without a year is of the year that ends before.
 */
export function stampAt(line: string, start: number, newestMs: EpochMs): Stamped | null {
  return (
    legacyAt(line, start, newestMs) ??
    isoAt(line, start) ??
    unixAt(line, start) ??
    syslogAt(line, start, newestMs)
  );
}

function legacyAt(line: string, start: number, newestMs: EpochMs): Stamped | null {
  const found = matchAt(LEGACY, line, start);
  const month = MONTHS.get(found?.[2] ?? "");
  if (found === null || month === undefined) return null;
  const [, day, , year, hour, minute, second, fraction] = found;
  const at = (ofYear: number) => utc([ofYear, month, day, hour, minute, second, fraction]);
  const ms = year === undefined ? latestBefore(at, newestMs) : at(Number(year));
  return { stamp: { ms, hasZone: false, isCoarse: false }, end: LEGACY.lastIndex };
}

function syslogAt(line: string, start: number, newestMs: EpochMs): Stamped | null {
  const found = matchAt(SYSLOG, line, start);
  const month = MONTHS.get(found?.[1] ?? "");
  if (found === null || month === undefined) return null;
  const [, , day, hour, minute, second, fraction] = found;
  const at = (year: number) => utc([year, month, day, hour, minute, second, millis(fraction)]);
  const isCoarse = fraction === undefined;
  const ms = latestBefore(at, newestMs);
  return { stamp: { ms, hasZone: false, isCoarse }, end: SYSLOG.lastIndex };
}

function isoAt(line: string, start: number): Stamped | null {
  const found = matchAt(ISO, line, start);
  if (found === null) return null;
  const [, year, month, day, hour, minute, second, fraction, zulu, sign, hours, minutes] = found;
  const wall = utc([year, Number(month) - 1, day, hour, minute, second, millis(fraction)]);
  const aheadMs = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
  const ms = sign === "-" ? wall + aheadMs : wall - aheadMs;
  const hasZone = zulu !== undefined || sign !== undefined;
  return { stamp: { ms, hasZone, isCoarse: fraction === undefined }, end: ISO.lastIndex };
}

function unixAt(line: string, start: number): Stamped | null {
  const found = matchAt(UNIX, line, start);
  if (found === null) return null;
  const [, text = ""] = found;
  const ms = text.includes(".") ? Math.floor(Number(text) * 1_000) : Number(text);
  return { stamp: { ms, hasZone: true, isCoarse: false }, end: UNIX.lastIndex };
}

function matchAt(pattern: RegExp, line: string, start: number): RegExpExecArray | null {
  pattern.lastIndex = start;
  return pattern.exec(line);
}

/** Year, month from 0, day, hour, minute, second, millisecond. */
function utc(parts: readonly (string | number | undefined)[]): EpochMs {
  const [year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0, ms = 0] =
    parts.map(Number);
  return Date.UTC(year, month, day, hour, minute, second, ms);
}

/** Nanoseconds and the like, cut to milliseconds. */
function millis(fraction: string | undefined): string {
  return (fraction ?? "").slice(0, 3).padEnd(3, "0");
}

/** The year in which this was last; a day more for clocks and zones that differ. */
function latestBefore(at: (year: number) => EpochMs, newestMs: EpochMs): EpochMs {
  const year = new Date(newestMs).getUTCFullYear();
  const ends = newestMs + DAY_MS;
  return [year + 1, year].map(at).find((ms) => ms <= ends) ?? at(year - 1);
}
