import { closeSync, createReadStream, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { createGunzip, gunzipSync, constants as zlib } from "node:zlib";
import { bytesOf } from "../../base/bytes.ts";
import { strerror } from "../../base/errno.ts";
import { LineReader } from "../../explain/log/line.ts";
import { LineSplitter } from "../../explain/log/line-splitter.ts";
import { LogHistory } from "../../explain/log/log-history.ts";
import { escaped } from "../shown.ts";
import { STDIN } from "../stdin.ts";
import { Trouble } from "../trouble.ts";

/** Of each piece that is read; what waits for its end of line comes on top. */
const PIECE_BYTES = 1024 * 1024;
/** So much of a file tells when it begins. */
const HEAD_BYTES = 64 * 1024;
/** What log rotation puts behind a name. */
const ROTATED = /(?:[.-]\d{8,14}|\.\d{1,4})?(?:\.gz)?$/;

interface LogFile {
  readonly path: string;
  readonly stats: Stats;
  readonly isPacked: boolean;
  readonly beginsMs: number;
}

/** What a file was good for. */
interface ReadFile {
  readonly path: string;
  /** Why its end is not here; null: it is. */
  readonly trouble: string | null;
}

interface ReadLogs {
  readonly history: LogHistory;
  readonly files: readonly ReadFile[];
}

/**
 * Reads the logs of Sentinels, STDIN among them. Files of one name that were rotated are one log, in the order
 * of what they tell. @throws Trouble for a file that cannot be read at all.
 */
export async function readLogs(paths: readonly string[], stdin: Readable): Promise<ReadLogs> {
  const history = new LogHistory();
  const files: ReadFile[] = [];
  for (const [name, group] of logsOf(paths)) {
    const log = history.log(bytesOf(name));
    for (const file of group) {
      const take = log.file(file === null ? Date.now() : file.stats.mtimeMs);
      const trouble = await readInto(take, file === null ? stdin : streamOf(file));
      files.push({ path: file?.path ?? STDIN, trouble });
    }
    log.end();
  }
  return { history, files };
}

/** Null: standard input. */
function logsOf(paths: readonly string[]): ReadonlyMap<string, readonly (LogFile | null)[]> {
  const logs = new Map<string, (LogFile | null)[]>();
  for (const path of new Set(paths)) {
    const name = path === STDIN ? path : join(dirname(path), basename(path).replace(ROTATED, ""));
    const file = path === STDIN ? null : lookAt(path);
    logs.set(name, [...(logs.get(name) ?? []), file]);
  }
  for (const group of logs.values()) {
    group.sort((one, other) => (one?.beginsMs ?? 0) - (other?.beginsMs ?? 0));
  }
  return logs;
}

function lookAt(path: string): LogFile {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    throw new Trouble(`--log ${escaped(path)}: ${strerror(error)}`);
  }
  try {
    const stats = fstatSync(fd);
    if (stats.isDirectory()) throw new Trouble(`--log ${escaped(path)} is a folder`);
    // A pipe is read once.
    if (!stats.isFile()) return { path, stats, isPacked: false, beginsMs: 0 };
    const head = Buffer.alloc(HEAD_BYTES);
    const bytes = head.subarray(0, readSync(fd, head, 0, HEAD_BYTES, 0));
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const beginsMs = beginOf(isPacked ? unpacked(bytes) : bytes, stats.mtimeMs);
    return { path, stats, isPacked, beginsMs };
  } finally {
    closeSync(fd);
  }
}

/** As far as the head of the packed file goes. */
function unpacked(bytes: Buffer): Buffer {
  try {
    const most = 16 * HEAD_BYTES;
    return gunzipSync(bytes, { finishFlush: zlib.Z_SYNC_FLUSH, maxOutputLength: most });
  } catch {
    return Buffer.alloc(0);
  }
}

/** The first time in it; one without any is read in the order of its last writing. */
function beginOf(bytes: Buffer, writtenMs: number): number {
  const reader = new LineReader(writtenMs);
  for (const line of bytes.toString("latin1").split("\n")) {
    const read = reader.read(line);
    if (read !== null) return read.atMs;
  }
  return writtenMs;
}

function streamOf({ path, isPacked }: LogFile): Readable {
  const file = createReadStream(path, { highWaterMark: PIECE_BYTES });
  if (!isPacked) return file;
  const unpack = createGunzip({ chunkSize: PIECE_BYTES });
  file.once("error", (error) => unpack.destroy(error));
  return file.pipe(unpack);
}

/** Null, or why it ended early: what was read by then counts. */
async function readInto(take: (line: string) => void, stream: Readable): Promise<string | null> {
  const splitter = new LineSplitter(take);
  try {
    for await (const piece of stream) splitter.push((piece as Buffer).toString("latin1"));
    return null;
  } catch (error) {
    return strerror(error);
  } finally {
    splitter.end();
  }
}
