import { type EpochMs, type Stamp, stampAt } from "./line-time.ts";
import { structured } from "./structured.ts";
import { unwrap } from "./wrapping.ts";

/** What one line of a log says. Texts are byte strings. */
export interface LogLine {
  readonly atMs: EpochMs;
  /** What a collector names as its origin; empty: nothing. */
  readonly from: string;
  /** Of the process; 0: the line does not tell. */
  readonly pid: number;
  readonly message: string;
}

interface Said {
  readonly pid: number;
  readonly stamp: Stamp;
  readonly message: string;
}

/** `123:X ` in front of the time; servers say M, S or C, and are not read. */
const HEAD = /(\d{1,10}):X /y;
/** The mark of the level, behind the time. */
const MARK = / [.*#-] /y;
/** Seconds since 1970, UTC [SIGNAL-STOP]. */
const SIGNAL = /(\d{1,10}):signal-handler \((\d{1,10})\) /y;
/** A line that a crash cut, with that of the next start behind it. */
const TORN = /\d{1,10}:X \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\.\d{3} [.*#-] /;
const LOGFMT = /pid=(\d{1,10}) role=sentinel timestamp="([^"]*)" level=[a-z]+ message="/y;

/** A quarter of an hour: what zones differ by. */
const ZONE_STEP_MS = 900_000;
const HOUR_MS = 3_600_000;

/** Reads the lines of one file, in their order. */
export class LineReader {
  readonly #newestMs: EpochMs;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** `newestMs`: when the file was last written, for times that leave the year out. */
  constructor(newestMs: EpochMs) {
    this.#newestMs = newestMs;
  }

  /** Null: nothing that a Sentinel said. */
  read(raw: string): LogLine | null {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    const plain = said(line, this.#newestMs);
    if (plain === null) return this.#wrapped(line);
    const torn = plain.message.includes(":X ") ? TORN.exec(plain.message) : null;
    if (torn !== null) return this.read(plain.message.slice(torn.index));
    return this.#line(plain, plain.stamp, "");
  }

  #wrapped(line: string): LogLine | null {
    const outer = unwrap(line, this.#newestMs);
    const json = outer.text.startsWith("{") ? structured(outer.text, this.#newestMs) : null;
    if (json === null) return this.#unwrapped(outer.text, outer.stamp, outer.from, outer.tagPid);
    const stamp = json.stamp ?? outer.stamp;
    const from = outer.from === "" ? json.from : outer.from;
    return this.#unwrapped(json.text, stamp, from, json.isMessage ? (json.pid ?? 0) : null);
  }

  /** `messagePid` is not null if the text may be a message without time. */
  #unwrapped(
    text: string,
    stamp: Stamp | null,
    from: string,
    messagePid: number | null,
  ): LogLine | null {
    const own = said(text, this.#newestMs);
    if (own !== null) return this.#line(own, stamp ?? own.stamp, from);
    const inner = text.startsWith("{") ? structured(text, this.#newestMs) : null;
    const at = inner?.stamp ?? stamp;
    if (at === null) return null;
    if (inner?.isMessage === true) {
      return this.#line({ pid: inner.pid ?? 0, stamp: at, message: inner.text }, at, from);
    }
    return messagePid === null
      ? null
      : this.#line({ pid: messagePid, stamp: at, message: text }, at, from);
  }

  #line({ pid, stamp, message }: Said, outer: Stamp, from: string): LogLine | null {
    const atMs = this.#instant(stamp, outer);
    if (!Number.isSafeInteger(atMs)) return null;
    this.#lastMs = atMs;
    return { atMs, from, pid, message };
  }

  /** A time without zone is of the zone that a collector's time shows it to be of, else of ours. */
  #instant(own: Stamp, outer: Stamp): EpochMs {
    if (own.hasZone) return own.ms;
    if (!outer.hasZone) return this.#local(own.ms);
    return own.ms + Math.round((outer.ms - own.ms) / ZONE_STEP_MS) * ZONE_STEP_MS;
  }

  /** An hour that the wall clock has twice is the second one if the line before it was. */
  #local(wallMs: EpochMs): EpochMs {
    const wall = new Date(wallMs);
    const first = new Date(
      wall.getUTCFullYear(),
      wall.getUTCMonth(),
      wall.getUTCDate(),
      wall.getUTCHours(),
      wall.getUTCMinutes(),
      wall.getUTCSeconds(),
      wall.getUTCMilliseconds(),
    ).getTime();
    if (first + HOUR_MS / 2 >= this.#lastMs) return first;
    const second = new Date(first + HOUR_MS);
    return second.getHours() === wall.getUTCHours() ? second.getTime() : first;
  }
}

function said(text: string, newestMs: EpochMs): Said | null {
  return legacy(text, newestMs) ?? logfmt(text, newestMs) ?? signal(text);
}

function legacy(text: string, newestMs: EpochMs): Said | null {
  HEAD.lastIndex = 0;
  const head = HEAD.exec(text);
  if (head === null) return null;
  const stamped = stampAt(text, HEAD.lastIndex, newestMs);
  if (stamped === null) return null;
  MARK.lastIndex = stamped.end;
  if (!MARK.test(text)) return null;
  return { pid: Number(head[1]), stamp: stamped.stamp, message: text.slice(MARK.lastIndex) };
}

function logfmt(text: string, newestMs: EpochMs): Said | null {
  if (!text.startsWith("pid=")) return null;
  LOGFMT.lastIndex = 0;
  const [, pid, time = ""] = LOGFMT.exec(text) ?? [];
  const stamp = stampAt(time, 0, newestMs)?.stamp;
  if (pid === undefined || stamp === undefined) return null;
  const message = text.slice(LOGFMT.lastIndex).replace(/"$/, "");
  return { pid: Number(pid), stamp, message };
}

function signal(text: string): Said | null {
  SIGNAL.lastIndex = 0;
  const [, pid, seconds] = SIGNAL.exec(text) ?? [];
  if (pid === undefined) return null;
  const stamp = { ms: Number(seconds) * 1_000, hasZone: true, isCoarse: true };
  return { pid: Number(pid), stamp, message: text.slice(SIGNAL.lastIndex) };
}
