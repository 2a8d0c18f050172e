import { type ChildProcess, spawn } from "node:child_process";
import type { LogLevel, LogThreshold } from "../../core/effect.ts";
import { LOG_LEVELS } from "../../core/effect.ts";
import { type Log, lossText } from "./log.ts";

/** Of syslog(3), as the reference maps its levels. */
const PRIORITY: Readonly<Record<LogLevel, number>> = {
  debug: 7,
  verbose: 6,
  notice: 5,
  warning: 4,
};
const USER_FACILITY = 1;
const LOCAL0_FACILITY = 16;
/** Bytes that may wait for a logger that does not read; what comes then is counted and dropped. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** So long after the end of a logger the next one is started. */
const RESTART_MS = 1_000;
/** Trouble is told once in this time. */
const REMINDER_MS = 60_000;

interface SyslogOptions {
  readonly ident: string;
  /** `user`, `local0` to `local7`. */
  readonly facility: string;
  /** What runs; a test passes another. */
  readonly program?: string;
  /** Called with a sentence when the system's log cannot be reached, once a minute at most. */
  readonly onTrouble: (sentence: string) => void;
}

/**
 * The system's log, for which Node has no call: lines go to a child, util-linux' `logger`, that is
 * started again when it ends. Never waits for it [D-SYSLOG].
 */
export class Syslog {
  readonly #options: SyslogOptions;
  readonly #facility: number;
  #child: ChildProcess | null = null;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #lost = 0;
  #restartAtMs = 0;

  constructor(options: SyslogOptions) {
    this.#options = options;
    this.#facility =
      options.facility === "user"
        ? USER_FACILITY
        : LOCAL0_FACILITY + Number(options.facility.slice("local".length));
  }

  write(level: LogLevel, text: string): void {
    const stdin = this.#logger()?.stdin;
    if (!stdin || stdin.writableLength > MAX_WAITING_BYTES) {
      this.#lost++;
      return;
    }
    const lost = this.#lost;
    this.#lost = 0;
    if (lost > 0) stdin.write(this.#line("warning", lossText(lost)), "latin1");
    stdin.write(this.#line(level, text), "latin1");
  }

  #line(level: LogLevel, text: string): string {
    return `<${this.#facility * 8 + PRIORITY[level]}>${text.replaceAll("\n", " ")}\n`;
  }

  #logger(): ChildProcess | null {
    if (this.#child === null && performance.now() >= this.#restartAtMs) this.#start();
    return this.#child;
  }

  #start(): void {
    const { ident, program = "logger" } = this.#options;
    const words = [`--id=${process.pid}`, "--tag", ident, "--prio-prefix"];
    const child = spawn(program, words, { stdio: ["pipe", "ignore", "ignore"] });
    this.#child = child;
    child.once("error", (error) => this.#ended(child, error.message));
    child.once("exit", (status, signal) => this.#ended(child, `it ended with ${status ?? signal}`));
    child.stdin?.on("error", () => undefined);
    // Neither keeps the process alive.
    child.unref();
  }

  #ended(child: ChildProcess, why: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    const now = performance.now();
    this.#restartAtMs = now + RESTART_MS;
    if (now - this.#toldAtMs < REMINDER_MS) return;
    this.#toldAtMs = now;
    const { program = "logger", onTrouble } = this.#options;
    onTrouble(`The system's log is not reached: '${program}' (util-linux): ${why}`);
  }
}

/** The log that also writes to the system's. */
export function withSyslog(log: Log, syslog: Syslog, threshold: LogThreshold): Log {
  let least = LOG_LEVELS.indexOf(threshold);
  const also = (level: LogLevel, text: string): void => {
    if (LOG_LEVELS.indexOf(level) >= least) syslog.write(level, text);
  };
  return {
    write(level, text) {
      log.write(level, text);
      also(level, text);
    },
    event(level, name, payload) {
      log.event(level, name, payload);
      also(level, `${name} ${payload}`);
    },
    signal: (text) => log.signal(text),
    setThreshold(next) {
      log.setThreshold(next);
      least = LOG_LEVELS.indexOf(next);
    },
    reopen: () => log.reopen(),
  };
}
