import { randomBytes } from "node:crypto";
import * as nodeFs from "node:fs";
import { dirname } from "node:path";
import type { LogLevel } from "../core/effect.ts";
import { bytesOf } from "./bytes.ts";
import type { SaveOutcome } from "./daemon.ts";
import { errnoCode, strerror } from "./errno.ts";

/** The calls that a save makes; tests replace some by failing ones. */
export type FileSystem = Pick<
  typeof nodeFs,
  | "closeSync"
  | "fchmodSync"
  | "fchownSync"
  | "fstatSync"
  | "fsyncSync"
  | "ftruncateSync"
  | "openSync"
  | "readFileSync"
  | "realpathSync"
  | "renameSync"
  | "statSync"
  | "unlinkSync"
  | "writeSync"
>;

export interface ConfigFileOptions {
  /** Absolute, as given; may be a symbolic link. */
  readonly path: string;
  /**
   * The new text, made of what the file holds now. Throws when the result would not load: a file
   * that cannot be read at the next start is worse than an old one (pain.md 13).
   */
  readonly render: (oldText: string) => string;
  readonly log: (level: LogLevel, text: string) => void;
  readonly fs?: FileSystem;
}

/** A step of the save that failed: the line for the log and the bare reason. */
class SaveError extends Error {
  readonly reason: string;

  constructor(message: string, reason: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * The configuration file, rewritten in place of a database (wire.md 4.4): a new file beside it,
 * synced, renamed over it, the folder synced. Synchronous, because nothing may be said to anyone
 * before the file is safe.
 *
 * On purpose not as the reference: a symbolic link stays one (its target is replaced), and the
 * file keeps its owner and mode, so that a 0600 file with passwords is not opened to everybody.
 */
export class ConfigFile {
  readonly #path: string;
  readonly #render: (oldText: string) => string;
  readonly #log: (level: LogLevel, text: string) => void;
  readonly #fs: FileSystem;
  /** What the file looked like after our last successful save. */
  #savedFingerprint: string | null = null;
  /** The file is a mount point of its own; renaming over it is impossible. */
  #inPlace = false;

  constructor({ path, render, log, fs = nodeFs }: ConfigFileOptions) {
    this.#path = path;
    this.#render = render;
    this.#log = log;
    this.#fs = fs;
  }

  save(): SaveOutcome {
    try {
      this.#saveOrThrow();
    } catch (error) {
      return this.#failed(error);
    }
    this.#log("debug", bytesOf(`Rewritten config file (${this.#path}) successfully`));
    this.#log("notice", "Sentinel new configuration saved on disk");
    return { ok: true };
  }

  #saveOrThrow(): void {
    const target = this.#realPath();
    const oldText = this.#read(target);
    const text = this.#render(oldText);
    if (text === oldText && this.#isOurs(target)) return;
    this.#savedFingerprint = null;
    if (this.#inPlace) this.#overwrite(target, text);
    else this.#replace(target, text);
    this.#savedFingerprint = this.#fingerprint(target);
  }

  #failed(error: unknown): SaveOutcome {
    const reason = error instanceof SaveError ? error.reason : strerror(error);
    this.#log("warning", bytesOf(error instanceof Error ? error.message : String(error)));
    this.#log(
      "warning",
      bytesOf(`WARNING: Sentinel was not able to save the new configuration on disk!!!: ${reason}`),
    );
    return { ok: false, reason: bytesOf(reason) };
  }

  /** The file that the link leads to; the path itself if there is nothing yet. */
  #realPath(): string {
    try {
      return this.#fs.realpathSync(this.#path);
    } catch {
      return this.#path;
    }
  }

  #read(target: string): string {
    try {
      return this.#fs.readFileSync(target, "latin1");
    } catch (error) {
      if (errnoCode(error) === "ENOENT") return "";
      throw stepError("Could not read config file", error);
    }
  }

  /** The bytes on disk are those that we synced there: writing them once more adds nothing. */
  #isOurs(target: string): boolean {
    return this.#savedFingerprint !== null && this.#savedFingerprint === this.#fingerprint(target);
  }

  #fingerprint(target: string): string | null {
    const stats = this.#fs.statSync(target, { throwIfNoEntry: false });
    if (stats === undefined) return null;
    return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}`;
  }

  #replace(target: string, text: string): void {
    const temporary = `${target}.${randomSuffix()}`;
    try {
      this.#writeTemporary(temporary, target, text);
      this.#rename(temporary, target, text);
    } catch (error) {
      this.#removeQuietly(temporary);
      throw error;
    }
  }

  #writeTemporary(temporary: string, target: string, text: string): void {
    const fd = attempt("Could not create tmp config file", () =>
      this.#fs.openSync(temporary, "wx", 0o600),
    );
    try {
      this.#writeAll(fd, text);
      attempt("Could not sync tmp config file to disk", () => this.#fs.fsyncSync(fd));
      attempt("Could not chmod config file", () => this.#adoptMode(fd, target));
    } finally {
      this.#fs.closeSync(fd);
    }
  }

  #writeAll(fd: number, text: string): void {
    const bytes = Buffer.from(text, "latin1");
    let written = 0;
    while (written < bytes.length) {
      attempt(`Failed after writing (${written}) bytes to tmp config file`, () => {
        written += this.#fs.writeSync(fd, bytes, written);
      });
    }
  }

  /** Mode and, if we may, owner of the present file; a new one is as umask leaves 0644. */
  #adoptMode(fd: number, target: string): void {
    const present = this.#fs.statSync(target, { throwIfNoEntry: false });
    const mode = present === undefined ? 0o644 & ~process.umask() : present.mode & 0o777;
    this.#fs.fchmodSync(fd, mode);
    if (present === undefined) return;
    const ours = this.#fs.fstatSync(fd);
    if (ours.uid === present.uid && ours.gid === present.gid) return;
    try {
      this.#fs.fchownSync(fd, present.uid, present.gid);
    } catch {
      // Only root may give files away; as in the reference the file becomes ours.
    }
  }

  #rename(temporary: string, target: string, text: string): void {
    try {
      this.#fs.renameSync(temporary, target);
    } catch (error) {
      if (!isMountPoint(error)) throw stepError("Could not rename tmp config file", error);
      this.#removeQuietly(temporary);
      this.#goInPlace(error);
      this.#overwrite(target, text);
      return;
    }
    this.#syncFolder(dirname(target));
  }

  #syncFolder(folder: string): void {
    attempt("Could not sync config file dir", () => {
      const fd = this.#fs.openSync(folder, "r");
      try {
        this.#fs.fsyncSync(fd);
      } finally {
        this.#fs.closeSync(fd);
      }
    });
  }

  /** A single file mounted into a container cannot be renamed over (pain.md 12). */
  #goInPlace(error: unknown): void {
    this.#inPlace = true;
    const file = bytesOf(this.#path);
    this.#log(
      "warning",
      `WARNING: ${file} cannot be replaced (${strerror(error)}), probably because the file itself is mounted. It is overwritten in place instead: a crash during a save can damage it. Mount its folder to avoid this.`,
    );
  }

  /** Longer or equal first, then cut: at no moment is the file empty. */
  #overwrite(target: string, text: string): void {
    attempt("Could not overwrite config file", () => {
      const fd = this.#fs.openSync(target, "r+");
      try {
        this.#writeAll(fd, text);
        this.#fs.ftruncateSync(fd, text.length);
        this.#fs.fsyncSync(fd);
      } finally {
        this.#fs.closeSync(fd);
      }
    });
  }

  #removeQuietly(temporary: string): void {
    try {
      this.#fs.unlinkSync(temporary);
    } catch {
      // It was never created, or it is gone.
    }
  }
}

function attempt<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof SaveError ? error : stepError(what, error);
  }
}

function stepError(what: string, error: unknown): SaveError {
  const reason = strerror(error);
  return new SaveError(`${what} (${reason})`, reason);
}

function isMountPoint(error: unknown): boolean {
  const code = errnoCode(error);
  return code === "EBUSY" || code === "EXDEV";
}

/** Six characters, as mkostemp's. */
function randomSuffix(): string {
  return randomBytes(6).toString("base64url").replace(/[-_]/g, "0").slice(0, 6);
}
