import { randomBytes } from "node:crypto";
import type * as nodeFs from "node:fs";
import { dirname } from "node:path";
import { errnoCode, strerror } from "../../base/errno.ts";

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

/** A step of a save that failed: the line for the log, the bare reason, and the errno's name. */
export class SaveError extends Error {
  readonly reason: string;
  readonly code: string | null;

  constructor(message: string, reason: string, code: string | null) {
    super(message);
    this.reason = reason;
    this.code = code;
  }

  static of(step: string, error: unknown): SaveError {
    const reason = strerror(error);
    return new SaveError(`${step} (${reason})`, reason, errnoCode(error));
  }

  /** This failure of the second way to save, with that of the first. */
  after(first: SaveError): SaveError {
    return new SaveError(`${first.message}; in place: ${this.message}`, this.reason, this.code);
  }

  /**
   * No second file can be had beside the old one, or none can take its place: the folder is not
   * ours, read-only or full, or the file is a mount point of its own. The old one may still be
   * written. Other failures (EIO) leave it alone.
   */
  get isOfReplacing(): boolean {
    return this.code !== null && HINDRANCES.has(this.code);
  }
}

const HINDRANCES: ReadonlySet<string> = new Set(
  "EACCES EPERM EROFS ENOSPC EDQUOT EBUSY EXDEV ENAMETOOLONG".split(" "),
);

/** The folder cannot be opened or synced where others can: some file systems know no such thing. */
const NO_FOLDER_SYNC: ReadonlySet<string> = new Set(
  "EACCES EPERM EINVAL EBADF ENOTSUP EOPNOTSUPP ENOSYS EISDIR".split(" "),
);

/** For chown(2): leave this one as it is. */
const KEEP = -1;

/** Who may do what with a file; passwords are in this one. */
export type Ownership = Readonly<Record<"mode" | "uid" | "gid", number>>;

/** Writes a file so that it survives a crash of the machine once the call returned. */
export class DurableWriter {
  readonly #fs: FileSystem;
  readonly #onUnsyncedFolder: (reason: string) => void;
  /** What messages call the file. */
  readonly #what: string;

  /** `onUnsyncedFolder`: the folder cannot be synced, so the file was, under its new name. */
  constructor(fs: FileSystem, onUnsyncedFolder: (reason: string) => void, what = "config file") {
    this.#fs = fs;
    this.#onUnsyncedFolder = onUnsyncedFolder;
    this.#what = what;
  }

  /**
   * A new file beside the old one, synced, renamed over it, the folder synced [REWRITE-ATOMIC]: at
   * every moment one of the two is whole. The new one has the mode and, as far as we may, group
   * and owner of the old one, and is private until then; `absent` is for when the old one has vanished.
   */
  replace(target: string, bytes: Buffer, absent: Ownership | null = null): void {
    const temporary = `${target}.${randomSuffix()}`;
    try {
      this.#writeTemporary(temporary, bytes, this.ownership(target) ?? absent);
      this.#rename(temporary, target);
      this.#syncFolder(target);
    } catch (error) {
      this.#removeQuietly(temporary);
      throw error;
    }
  }

  /** Whether there is room and leave for a file beside the old one; nothing remains of it. */
  rehearse(target: string, bytes: Buffer): void {
    const temporary = `${target}.${randomSuffix()}`;
    try {
      this.#writeTemporary(temporary, bytes, this.ownership(target));
    } finally {
      this.#removeQuietly(temporary);
    }
  }

  /**
   * For a file that cannot be replaced. What the disk may have no room for, the part beyond the
   * old end, goes first; while it fails nothing of the old text is touched. Later failures put the
   * old text back. Cut last, so that at no moment the file is empty.
   */
  overwrite(target: string, bytes: Buffer): void {
    const fd = attempt(`Could not open ${this.#what}`, () => this.#fs.openSync(target, "r+"));
    try {
      const old = attempt(`Could not read ${this.#what}`, () => this.#fs.readFileSync(fd));
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
      attempt(`Could not cut ${this.#what}`, () => this.#fs.ftruncateSync(fd, bytes.length));
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
      const known =
        cause instanceof SaveError ? cause : SaveError.of("Could not write config file", cause);
      const what = `${known.message}, and the old text could not be put back`;
      throw new SaveError(what, known.reason, known.code);
    }
  }

  #sync(fd: number): void {
    attempt(`Could not sync ${this.#what} to disk`, () => this.#fs.fsyncSync(fd));
  }

  #writeTemporary(temporary: string, bytes: Buffer, ownership: Ownership | null): void {
    const fd = attempt(`Could not create tmp ${this.#what}`, () =>
      this.#fs.openSync(temporary, "wx", 0o600),
    );
    try {
      this.#writeRange(fd, bytes, 0, bytes.length);
      attempt(`Could not sync tmp ${this.#what} to disk`, () => this.#fs.fsyncSync(fd));
      attempt(`Could not chmod ${this.#what}`, () => this.#adopt(fd, ownership));
    } finally {
      this.#fs.closeSync(fd);
    }
  }

  #writeRange(fd: number, bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to; ) {
      attempt(`Failed after writing (${at}) bytes to tmp ${this.#what}`, () => {
        at += this.#fs.writeSync(fd, bytes, at, to - at, at);
      });
    }
  }

  /** Null: there is no such file. */
  ownership(target: string): Ownership | null {
    return this.#fs.statSync(target, { throwIfNoEntry: false }) ?? null;
  }

  /**
   * Only root may give files away, but anybody may give them to a group of his. The owner comes
   * last: who was allowed to give the file away may not be allowed to set its mode then.
   */
  #adopt(fd: number, wanted: Ownership | null): void {
    if (wanted === null) return this.#fs.fchmodSync(fd, 0o644 & ~process.umask());
    const { uid, gid } = this.#fs.fstatSync(fd);
    if (gid !== wanted.gid) this.#giveAway(fd, KEEP, wanted.gid);
    this.#fs.fchmodSync(fd, wanted.mode & 0o777);
    if (uid !== wanted.uid) this.#giveAway(fd, wanted.uid, KEEP);
  }

  /** Where we may not, the file becomes ours, as in the reference. */
  #giveAway(fd: number, uid: number, gid: number): void {
    try {
      this.#fs.fchownSync(fd, uid, gid);
    } catch (error) {
      if (errnoCode(error) === "EIO") throw error;
    }
  }

  #rename(temporary: string, target: string): void {
    attempt(`Could not rename tmp ${this.#what}`, () => this.#fs.renameSync(temporary, target));
  }

  /**
   * The rename must be on disk, too. Where the folder cannot be synced, syncing the file under its
   * new name is the most that can be had: journals commit both together.
   */
  #syncFolder(target: string): void {
    try {
      this.#syncPath(dirname(target));
    } catch (error) {
      const step = `Could not sync ${this.#what} dir`;
      if (!NO_FOLDER_SYNC.has(errnoCode(error) ?? "")) throw SaveError.of(step, error);
      attempt(`Could not sync ${this.#what} to disk`, () => this.#syncPath(target));
      this.#onUnsyncedFolder(strerror(error));
    }
  }

  #syncPath(path: string): void {
    const fd = this.#fs.openSync(path, "r");
    try {
      this.#fs.fsyncSync(fd);
    } finally {
      this.#fs.closeSync(fd);
    }
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
    throw SaveError.of(step, error);
  }
}

/** Six characters, as mkostemp's. */
function randomSuffix(): string {
  return randomBytes(6).toString("base64url").replace(/[-_]/g, "0").slice(0, 6);
}
