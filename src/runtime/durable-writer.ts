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

/** Writes a file so that it survives a crash of the machine once the call returned. */
export class DurableWriter {
  readonly #fs: FileSystem;

  constructor(fs: FileSystem) {
    this.#fs = fs;
  }

  /**
   * A new file beside the old one, synced, renamed over it, the folder synced (wire.md 4.4): at
   * every moment one of the two is whole. The new one has the mode and, if we may, the owner of
   * the old one, and is private until then.
   */
  replace(target: string, text: string): void {
    const temporary = `${target}.${randomSuffix()}`;
    try {
      this.#writeTemporary(temporary, target, text);
      this.#rename(temporary, target);
      this.#syncFolder(dirname(target));
    } catch (error) {
      this.#removeQuietly(temporary);
      throw error;
    }
  }

  /** For a file that cannot be replaced. Cut last, so that at no moment it is empty. */
  overwrite(target: string, text: string): void {
    const fd = attempt("Could not open config file", () => this.#fs.openSync(target, "r+"));
    try {
      this.#writeAll(fd, text);
      attempt("Could not sync config file to disk", () => {
        this.#fs.ftruncateSync(fd, text.length);
        this.#fs.fsyncSync(fd);
      });
    } finally {
      this.#fs.closeSync(fd);
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

  #adoptMode(fd: number, target: string): void {
    const present = this.#fs.statSync(target, { throwIfNoEntry: false });
    if (present === undefined) return this.#fs.fchmodSync(fd, 0o644 & ~process.umask());
    this.#fs.fchmodSync(fd, present.mode & 0o777);
    const { uid, gid } = this.#fs.fstatSync(fd);
    if (uid === present.uid && gid === present.gid) return;
    try {
      this.#fs.fchownSync(fd, present.uid, present.gid);
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
