import { pino } from "pino";
import type { LogLevel, LogThreshold } from "../core/effect.ts";
import { textOf } from "./bytes.ts";
import type { LineWriter } from "./line-writer.ts";
import type { LogFormat } from "./log-format.ts";

const SEVERITY: Readonly<Record<LogLevel, number>> = {
  debug: 10,
  verbose: 20,
  notice: 30,
  warning: 40,
};

const MARKS: Readonly<Record<number, string>> = { 10: ".", 20: "-", 30: "*", 40: "#" };

/**
 * The one place that logs. Messages are byte strings, as everything the core says. Secrets never
 * get here: events carry what the core made fit to be read.
 */
export interface Log {
  write(level: LogLevel, text: string): void;
  /** An event: in text the line `name payload`, in JSON also as fields. */
  event(level: LogLevel, name: string, payload: string): void;
  /** What a signal made happen: written whatever the threshold, in a form of its own (wire.md 6). */
  signal(text: string): void;
  setThreshold(threshold: LogThreshold): void;
}

export function createLog(format: LogFormat, threshold: LogThreshold, writer: LineWriter): Log {
  const logger = pino(
    {
      customLevels: SEVERITY,
      useOnlyCustomLevels: true,
      level: pinoLevel(threshold),
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    format === "json" ? jsonDestination(writer) : textDestination(writer),
  );
  // Bytes go through as they are in the text format; JSON is UTF-8 by definition.
  const printable = format === "json" ? textOf : (bytes: string) => bytes;
  return {
    write(level, text) {
      logger[level](printable(text));
    },
    event(level, name, payload) {
      const fields = { event: printable(name), payload: printable(payload) };
      logger[level](fields, printable(`${name} ${payload}`));
    },
    signal(text) {
      if (format === "json") logger.warning(text);
      else writer.write(Buffer.from(signalLine(text), "latin1"));
    },
    setThreshold(next) {
      logger.level = pinoLevel(next);
    },
  };
}

function pinoLevel(threshold: LogThreshold): LogLevel | "silent" {
  return threshold === "nothing" ? "silent" : threshold;
}

/** pino's own lines, one JSON object each. */
function jsonDestination(writer: LineWriter): { write(line: string): void } {
  return { write: (line) => writer.write(Buffer.from(line, "utf8")) };
}

/** What pino leaves on a destination that asks for metadata, before it calls `write`. */
interface Metadata {
  lastLevel: number;
  lastMsg: string;
}

/** Lines as Redis prints them (wire.md 6); made of pino's metadata, its JSON is not used. */
function textDestination(writer: LineWriter): Metadata & { write(line: string): void } {
  return Object.assign(
    {
      lastLevel: 0,
      lastMsg: "",
      write(this: Metadata) {
        const mark = MARKS[this.lastLevel] ?? "#";
        writer.write(Buffer.from(textLine(mark, this.lastMsg), "latin1"));
      },
    },
    { [Symbol.for("pino.metadata")]: true },
  );
}

function textLine(mark: string, message: string): string {
  return `${process.pid}:X ${timestamp(new Date())} ${mark} ${message}\n`;
}

/** What stands in the log in place of lines that its reader did not take in time. */
export function lossLine(format: LogFormat, lost: number): Buffer {
  const message = `${lost} lines of the log were lost here, nobody took them in time`;
  if (format === "text") return Buffer.from(textLine("#", message), "latin1");
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

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
