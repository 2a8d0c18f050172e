import { randomBytes } from "node:crypto";
import type * as nodeFs from "node:fs";
import { dirname } from "node:path";
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

/** A step of a save that failed: the line for the log and the bare reason. */
export class SaveError extends Error {
  readonly reason: string;

  constructor(step: string, error: unknown) {
    const reason = strerror(error);
    super(`${step} (${reason})`);
    this.reason = reason;
  }
}

/** The file is a mount point of its own (a file mounted into a container): no rename over it. */
export class MountedFileError extends SaveError {}

/** Who may do what with a file; passwords are in this one. */
export type Ownership = Readonly<Record<"mode" | "uid" | "gid", number>>;

/** Writes a file so that it survives a crash of the machine once the call returned. */
export class DurableWriter {
  readonly #fs: FileSystem;

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  /**
   * A new file beside the old one, synced, renamed over it, the folder synced (wire.md 4.4): at
   * every moment one of the two is whole. The new one has the mode and, if we may, the owner of
   * the old one, and is private until then; `absent` is for when the old one has vanished.
   */
  replace(target: string, bytes: Buffer, absent: Ownership | null = null): void {
    const temporary = `${target}.${randomSuffix()}`;
    try {
      this.#writeTemporary(temporary, bytes, this.ownership(target) ?? absent);
      this.#rename(temporary, target);
      this.#syncFolder(dirname(target));
    } catch (error) {
      this.#removeQuietly(temporary);
      throw error;
    }
  }

  /**
   * For a file that cannot be replaced. What the disk may have no room for, the part beyond the
   * old end, goes first; while it fails nothing of the old text is touched. Later failures put the
   * old text back. Cut last, so that at no moment the file is empty.
   */
  overwrite(target: string, bytes: Buffer): void {
    const fd = attempt("Could not open config file", () => this.#fs.openSync(target, "r+"));
    try {
      const old = attempt("Could not read config file", () => this.#fs.readFileSync(fd));
      this.#overwriteOrRestore(fd, old, bytes);
    } finally {
      this.#fs.closeSync(fd);
    }
  }

  #overwriteOrRestore(fd: number, old: Buffer, bytes: Buffer): void {
    try {
      if (bytes.length > old.length) {
        this.#writeRange(fd, bytes, old.length, bytes.length);
        this.#sync(fd);
      }
      this.#writeRange(fd, bytes, 0, Math.min(old.length, bytes.length));
      attempt("Could not cut config file", () => this.#fs.ftruncateSync(fd, bytes.length));
      this.#sync(fd);
    } catch (error) {
      this.#restore(fd, old, error);
      throw error;
    }
  }

  /** Throws when the file is damaged now: the operator must hear of it. */
  #restore(fd: number, old: Buffer, cause: unknown): void {
    try {
      this.#fs.ftruncateSync(fd, old.length);
      this.#writeRange(fd, old, 0, old.length);
      this.#fs.fsyncSync(fd);
    } catch {
      const what = cause instanceof SaveError ? cause.message : String(cause);
      throw new SaveError(`${what}, and the old text could not be put back`, cause);
    }
  }

  #sync(fd: number): void {
    attempt("Could not sync config file to disk", () => this.#fs.fsyncSync(fd));
  }

  #writeTemporary(temporary: string, bytes: Buffer, ownership: Ownership | null): void {
    const fd = attempt("Could not create tmp config file", () =>
      this.#fs.openSync(temporary, "wx", 0o600),
    );
    try {
      this.#writeRange(fd, bytes, 0, bytes.length);
      attempt("Could not sync tmp config file to disk", () => this.#fs.fsyncSync(fd));
      attempt("Could not chmod config file", () => this.#adopt(fd, ownership));
    } finally {
      this.#fs.closeSync(fd);
    }
  }

  #writeRange(fd: number, bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to; ) {
      attempt(`Failed after writing (${at}) bytes to tmp config file`, () => {
        at += this.#fs.writeSync(fd, bytes, at, to - at, at);
      });
    }
  }

  /** Null: there is no such file. */
  ownership(target: string): Ownership | null {
    return this.#fs.statSync(target, { throwIfNoEntry: false }) ?? null;
  }

  #adopt(fd: number, wanted: Ownership | null): void {
    if (wanted === null) return this.#fs.fchmodSync(fd, 0o644 & ~process.umask());
    this.#fs.fchmodSync(fd, wanted.mode & 0o777);
    const { uid, gid } = this.#fs.fstatSync(fd);
    if (uid === wanted.uid && gid === wanted.gid) return;
    try {
      this.#fs.fchownSync(fd, wanted.uid, wanted.gid);
    } catch {
      // Only root may give files away; as in the reference the file becomes ours.
    }
  }

  #rename(temporary: string, target: string): void {
    try {
      this.#fs.renameSync(temporary, target);
    } catch (error) {
      const step = "Could not rename tmp config file";
      throw isMountPoint(error) ? new MountedFileError(step, error) : new SaveError(step, error);
    }
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

  #removeQuietly(temporary: string): void {
    try {
      this.#fs.unlinkSync(temporary);
    } catch {
      // It was never created, or it has the file's name by now.
    }
  }
}

function attempt<T>(step: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new SaveError(step, error);
  }
}

function isMountPoint(error: unknown): boolean {
  const code = errnoCode(error);
  return code === "EBUSY" || code === "EXDEV";
}

/** Six characters, as mkostemp's. */
function randomSuffix(): string {
  return randomBytes(6).toString("base64url").replace(/[-_]/g, "0").slice(0, 6);
}
