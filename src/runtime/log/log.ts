import { createRequire } from "node:module";
import type { pino as Pino } from "pino";
import { textOf } from "../../base/bytes.ts";
import type { LogLevel, LogThreshold } from "../../core/effect.ts";
import type { LineWriter } from "./line-writer.ts";
import type { LogStyle } from "./log-format.ts";

const SEVERITY: Readonly<Record<LogLevel, number>> = {
  debug: 10,
  verbose: 20,
  notice: 30,
  warning: 40,
};

const MARKS: Readonly<Record<LogLevel, string>> = {
  debug: ".",
  verbose: "-",
  notice: "*",
  warning: "#",
};

/**
 * The one place that logs. Messages are byte strings, as everything the core says. Secrets never
 * get here: events carry what the core made fit to be read.
 */
export interface Log {
  write(level: LogLevel, text: string): void;
  /** An event: in text the line `name payload`, in JSON also as fields. */
  event(level: LogLevel, name: string, payload: string): void;
  /** What a signal made happen: written whatever the threshold, in a form of its own [SIGNAL-STOP]. */
  signal(text: string): void;
  setThreshold(threshold: LogThreshold): void;
  /** A file that was moved away is left at once, and a new one begun. */
  reopen(): void;
}

export function createLog(style: LogStyle, threshold: LogThreshold, writer: LineWriter): Log {
  return style.format === "json" ? jsonLog(threshold, writer) : textLog(style, threshold, writer);
}

/** Lines as Redis prints them [LOG-LINE], or Valkey's logfmt. Bytes go through as they are. */
function textLog(style: LogStyle, threshold: LogThreshold, writer: LineWriter): Log {
  const put = (line: string) => writer.write(Buffer.from(line, "latin1"));
  let least = severityOf(threshold);
  function write(level: LogLevel, text: string): void {
    if (SEVERITY[level] >= least) put(textLine(style, level, text));
  }
  return {
    write,
    event: (level, name, payload) => write(level, `${name} ${payload}`),
    signal: (text) => put(signalLine(text)),
    setThreshold(next) {
      least = severityOf(next);
    },
    reopen: () => writer.reopen?.(),
  };
}

function severityOf(threshold: LogThreshold): number {
  return threshold === "nothing" ? Number.POSITIVE_INFINITY : SEVERITY[threshold];
}

/** pino's lines, one JSON object each, in UTF-8. */
function jsonLog(threshold: LogThreshold, writer: LineWriter): Log {
  const pino = loadPino();
  const logger = pino(
    {
      customLevels: SEVERITY,
      useOnlyCustomLevels: true,
      level: pinoLevel(threshold),
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => writer.write(Buffer.from(line, "utf8")) },
  );
  return {
    write(level, text) {
      logger[level](textOf(text));
    },
    event(level, name, payload) {
      const fields = { event: textOf(name), payload: textOf(payload) };
      logger[level](fields, textOf(`${name} ${payload}`));
    },
    signal(text) {
      logger.warning(text);
    },
    setThreshold(next) {
      logger.level = pinoLevel(next);
    },
    reopen: () => writer.reopen?.(),
  };
}

/** Loaded only by whoever wants JSON: it would be a tenth of the time to the first answer. */
function loadPino(): typeof Pino {
  return (createRequire(import.meta.url)("pino") as { readonly pino: typeof Pino }).pino;
}

function pinoLevel(threshold: LogThreshold): LogLevel | "silent" {
  return threshold === "nothing" ? "silent" : threshold;
}

function textLine({ format, timestamp }: LogStyle, level: LogLevel, message: string): string {
  const time = TIMESTAMPS[timestamp](new Date());
  if (format === "legacy") return `${process.pid}:X ${time} ${MARKS[level]} ${message}\n`;
  const name = LOGFMT_LEVELS[level];
  const fields = `pid=${process.pid} role=sentinel timestamp="${time}" level=${name}`;
  return `${fields} message="${withinQuotes(message)}"\n`;
}

const LOGFMT_LEVELS: Readonly<Record<LogLevel, string>> = {
  debug: "debug",
  verbose: "info",
  notice: "notice",
  warning: "warning",
};

/** As Valkey: nothing ends the line or the quotes early. */
function withinQuotes(message: string): string {
  return message.replaceAll('"', "'").replaceAll(/[\r\n]/g, " ");
}

export function lossText(lost: number): string {
  return `${lost} lines of the log were lost here, nobody took them in time`;
}

/** What stands in the log in place of lines that its reader did not take in time. */
export function lossLine(style: LogStyle, lost: number): Buffer {
  const message = lossText(lost);
  if (style.format !== "json") return Buffer.from(textLine(style, "warning", message), "latin1");
  const time = new Date().toISOString();
  return Buffer.from(
    `${JSON.stringify({ level: "warning", time, pid: process.pid, lost, msg: message })}\n`,
  );
}

function signalLine(text: string): string {
  return `${process.pid}:signal-handler (${Math.floor(Date.now() / 1000)}) ${text}\n`;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `21 Nov 2026 01:13:05.042`, local time, English months whatever the locale. */
export function timestamp(date: Date): string {
  const day = `${pad(date.getDate(), 2)} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => pad(n, 2));
  return `${day} ${time.join(":")}.${pad(date.getMilliseconds(), 3)}`;
}

/** `2026-11-21T01:13:05.042+01:00`, local time and how far it is from UTC. */
export function isoTimestamp(date: Date): string {
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
  const [hours, minutes] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60];
  return `${local}${offset < 0 ? "-" : "+"}${pad(hours, 2)}:${pad(minutes, 2)}`;
}

const TIMESTAMPS: Readonly<Record<LogStyle["timestamp"], (date: Date) => string>> = {
  legacy: timestamp,
  iso8601: isoTimestamp,
  milliseconds: (date) => String(date.getTime()),
};

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
