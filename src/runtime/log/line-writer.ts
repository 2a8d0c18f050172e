import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from "node:fs";
import { errnoCode } from "../../base/errno.ts";

/** Where lines of the log go; they are written when `write` returns, or never. */
export interface LineWriter {
  write(line: Buffer): void;
  /** Begins a file of this name if the open one was moved away; absent: it is no file. */
  reopen?(): void;
}

/** How long a full pipe may hold the Sentinel up before lines are dropped. */
const FULL_PIPE_PATIENCE_MS = 200;
const FULL_PIPE_PAUSE_MS = 5;

/** The file system calls in use; a test passes failing ones. */
type WriteCall = (fd: number, buffer: Buffer, offset: number) => number;

interface DescriptorOptions {
  readonly write?: WriteCall;
  /** The line that tells how many were lost, written before the next one that gets through. */
  readonly lossLine?: (lost: number) => Buffer;
}

/**
 * Writes to an open descriptor. A Sentinel must go on when nobody can take its log: a full disk
 * or a reader that left loses lines, a reader that stopped reading loses them after a moment,
 * if the descriptor does not block (see `openStdout`).
 */
export class DescriptorWriter implements LineWriter {
  readonly #fd: number;
  readonly #write: WriteCall;
  readonly #lossLine: (lost: number) => Buffer;
  /** Lines of which not all got out. */
  #lost = 0;
  /** The end of the last line is missing. */
  #cut = false;
  /** The pipe was full last time; then no patience until it takes something again. */
  #stuck = false;

  constructor(fd: number, { write = writeSync, lossLine = nothing }: DescriptorOptions = {}) {
    this.#fd = fd;
    this.#write = write;
    this.#lossLine = lossLine;
  }

  write(line: Buffer): void {
    if (this.#lost > 0 && this.#writeLine(this.#lossLine(this.#lost))) this.#lost = 0;
    if (this.#lost > 0 || !this.#writeLine(line)) this.#lost++;
  }

  /** Whether all of it got out. */
  #writeLine(line: Buffer): boolean {
    if (line.length === 0) return true;
    const whole = this.#cut ? Buffer.concat([Buffer.from("\n"), line]) : line;
    const written = this.#writeAll(whole);
    if (written > 0) this.#cut = written < whole.length;
    this.#stuck = written < whole.length;
    return !this.#stuck;
  }

  /** The number of bytes that got out. */
  #writeAll(bytes: Buffer): number {
    let offset = 0;
    let patienceMs = this.#stuck ? 0 : FULL_PIPE_PATIENCE_MS;
    while (offset < bytes.length) {
      try {
        offset += this.#write(this.#fd, bytes, offset);
      } catch (error) {
        if (errnoCode(error) !== "EAGAIN" || patienceMs <= 0) return offset;
        pause(FULL_PIPE_PAUSE_MS);
        patienceMs -= FULL_PIPE_PAUSE_MS;
      }
    }
    return offset;
  }
}

function nothing(): Buffer {
  return Buffer.alloc(0);
}

/**
 * Standard output, so that a full pipe refuses a line instead of stopping the process. A pipe is
 * opened once more, because the mode belongs to the open file, which others share. A socket, as
 * systemd's, cannot be opened like that and still blocks.
 */
export function openStdout(): number {
  try {
    if (!fstatSync(STDOUT).isFIFO()) return STDOUT;
    return openSync(`/proc/self/fd/${STDOUT}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // Without /proc, or where the pipe belongs to another user.
    return STDOUT;
  }
}

const STDOUT = 1;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

function pause(ms: number): void {
  Atomics.wait(sleeper, 0, 0, ms);
}

/** How often the path is looked at for a file that was moved away. */
const ROTATION_CHECK_MS = 1_000;

/**
 * Appends to a file by its path. The reference opens the file for every line; we keep it open and
 * look once a second, before a line, whether it still is the one at that path, so that logrotate
 * needs no signal [D-LOG-READER].
 */
export class FileWriter implements LineWriter {
  readonly #path: string;
  readonly #now: () => number;
  #fd: number;
  #writer: DescriptorWriter;
  #checkedAt: number;

  /** Throws when the file cannot be opened. */
  constructor(path: string, now: () => number) {
    this.#path = path;
    this.#now = now;
    this.#fd = openLog(path);
    this.#writer = new DescriptorWriter(this.#fd);
    this.#checkedAt = now();
  }

  write(line: Buffer): void {
    if (this.#now() - this.#checkedAt >= ROTATION_CHECK_MS) this.#followRotation();
    this.#writer.write(line);
  }

  reopen(): void {
    this.#followRotation();
  }

  close(): void {
    closeSync(this.#fd);
  }

  #followRotation(): void {
    this.#checkedAt = this.#now();
    try {
      if (!sameFile(this.#path, this.#fd)) this.#reopen();
    } catch {
      // The path is out of reach at present: the open file takes the lines until it is not.
    }
  }

  #reopen(): void {
    const fd = openLog(this.#path);
    closeSync(this.#fd);
    this.#fd = fd;
    this.#writer = new DescriptorWriter(fd);
  }
}

function openLog(path: string): number {
  return openSync(path, "a", 0o644);
}

function sameFile(path: string, fd: number): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined) return false;
  const ours = fstatSync(fd);
  return there.ino === ours.ino && there.dev === ours.dev;
}

/** `daemonize yes` with `logfile ""` logs nowhere. */
export const NOWHERE: LineWriter = {
  write() {
    // Nobody listens.
  },
};
