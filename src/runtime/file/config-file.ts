import * as nodeFs from "node:fs";
import { dirname } from "node:path";
import { bytesOf } from "../../base/bytes.ts";
import { errnoCode, strerror } from "../../base/errno.ts";
import type { LogLevel } from "../../core/effect.ts";
import type { SaveOutcome } from "../daemon.ts";
import { StartError } from "../start-error.ts";
import { DurableWriter, type FileSystem, type Ownership, SaveError } from "./durable-writer.ts";
import { saveAdvice } from "./save-advice.ts";

/** While saves fail, this long after a line about it comes the next. */
const REMINDER_MS = 60_000;

/** The same twice, so that neither has to be made of the other at each save. */
interface Saved {
  readonly text: string;
  readonly bytes: Buffer;
  readonly fingerprint: string | null;
}

interface ConfigFileOptions {
  /** Absolute, as given; may be a symbolic link. */
  readonly path: string;
  /**
   * The new text, made of what the file holds now. Throws when the result would not load: a file
   * that cannot be read at the next start is worse than an old one [D-LOADABLE].
   */
  readonly render: (oldText: string) => string;
  readonly log: (level: LogLevel, text: string) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly fs?: FileSystem;
}

/**
 * The configuration file, which is a Sentinel's memory across restarts. Synchronous, because
 * nothing may be said to anyone before the file is safe.
 *
 * On purpose not as the reference [D-OWNER]: a symbolic link stays one, its target is
 * replaced; and the file keeps its owner and mode, so that a 0600 file with passwords is not
 * opened to everybody.
 */
export class ConfigFile {
  readonly #path: string;
  readonly #render: (oldText: string) => string;
  readonly #log: (level: LogLevel, text: string) => void;
  readonly #now: () => number;
  readonly #fs: FileSystem;
  readonly #writer: DurableWriter;
  /** What our last successful save left on the disk; null while that is uncertain. */
  #saved: Saved | null = null;
  /** Of the file when it was last there, for the case that somebody deletes it. */
  #ownership: Ownership | null;
  /** Why the last save had to write in place; null: it did not. */
  #hindrance: SaveError | null = null;
  #isFolderUnsynced = false;
  /** Why the last save failed, and when a line said so last; null: it did not. */
  #failure: { readonly error: unknown; readonly toldAt: number } | null = null;

  constructor({ path, render, log, now, fs = nodeFs }: ConfigFileOptions) {
    this.#path = path;
    this.#render = render;
    this.#log = log;
    this.#now = now;
    this.#fs = fs;
    this.#writer = new DurableWriter(fs, (reason) => this.#folderUnsynced(reason));
    this.#ownership = this.#writer.ownership(this.#realPath());
  }

  /**
   * Finds out at the start whether saves will work [D-REHEARSED]. A file that can be replaced stays as it is.
   *
   * @throws StartError when nothing can be saved: such a Sentinel would give no vote, ever.
   */
  rehearse(): void {
    try {
      const target = this.#realPath();
      const bytes = Buffer.from(this.#render(this.#read(target)), "latin1");
      this.#orInPlace(target, bytes, () => this.#writer.rehearse(target, bytes));
    } catch (error) {
      throw this.#startError(error);
    }
  }

  /** @throws StartError when the last save failed. */
  requireSaved(): void {
    if (this.#failure !== null) throw this.#startError(this.#failure.error);
  }

  #startError(error: unknown): StartError {
    const advice = saveAdvice(error instanceof SaveError ? error.code : null, this.#path);
    const what = `Sentinel cannot save its configuration in ${this.#path}: ${sentenceOf(error)}`;
    return new StartError(`${what}. ${advice}, then start again. Exiting...`);
  }

  save(): SaveOutcome {
    try {
      this.#saveOrThrow();
    } catch (error) {
      return this.#failed(error);
    }
    this.#failure = null;
    this.#log("debug", bytesOf(`Rewritten config file (${this.#path}) successfully`));
    this.#log("notice", "Sentinel new configuration saved on disk");
    return { ok: true };
  }

  #saveOrThrow(): void {
    const target = this.#realPath();
    const oldText = this.#read(target);
    const text = this.#render(oldText);
    this.#ownership = this.#writer.ownership(target) ?? this.#ownership;
    if (text === oldText && this.#isOurs(target)) return;
    const bytes = Buffer.from(text, "latin1");
    this.#saved = null;
    this.#write(target, bytes);
    this.#saved = { text, bytes, fingerprint: this.#fingerprint(target) };
  }

  /** One line at the first failure and one a minute, however often it is tried. */
  #failed(error: unknown): SaveOutcome {
    const reason = error instanceof SaveError ? error.reason : strerror(error);
    const now = this.#now();
    const toldAt = this.#failure?.toldAt ?? Number.NEGATIVE_INFINITY;
    const isDue = now - toldAt >= REMINDER_MS;
    this.#failure = { error, toldAt: isDue ? now : toldAt };
    const warning = "WARNING: Sentinel was not able to save the new configuration on disk!!!";
    const advice = error instanceof SaveError ? ` ${saveAdvice(error.code, this.#path)}.` : "";
    const consequence = `Until it can it gives no votes and leads no failover.${advice}`;
    this.#log(
      isDue ? "warning" : "debug",
      bytesOf(`${warning}: ${reason}. ${sentenceOf(error)}. ${consequence}`),
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

  /**
   * Read at each save, since somebody may have edited it: at a thousand masters in a tenth of a
   * millisecond, and no edit is missed, as by a look at its times.
   */
  #read(target: string): string {
    try {
      const bytes = this.#fs.readFileSync(target);
      return this.#saved?.bytes.equals(bytes) ? this.#saved.text : bytes.toString("latin1");
    } catch (error) {
      if (errnoCode(error) === "ENOENT") return "";
      throw SaveError.of("Could not read config file", error);
    }
  }

  /** The bytes on disk are those that we synced there: writing them once more adds nothing. */
  #isOurs(target: string): boolean {
    return this.#saved !== null && this.#saved.fingerprint === this.#fingerprint(target);
  }

  #fingerprint(target: string): string | null {
    const stats = this.#fs.statSync(target, { throwIfNoEntry: false, bigint: true });
    if (stats === undefined) return null;
    return [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(":");
  }

  #write(target: string, bytes: Buffer): void {
    this.#orInPlace(target, bytes, () => this.#writer.replace(target, bytes, this.#ownership));
  }

  /** Writes in place when something hinders the replacement. */
  #orInPlace(target: string, bytes: Buffer, replace: () => void): void {
    // A rename that cannot be would cost each save a second file.
    if (this.#hindrance?.code === "EBUSY" || this.#hindrance?.code === "EXDEV") {
      return this.#writer.overwrite(target, bytes);
    }
    try {
      replace();
      this.#hindrance = null;
    } catch (error) {
      if (!(error instanceof SaveError) || !error.isOfReplacing) throw error;
      this.#overwrite(target, bytes, error);
    }
  }

  #overwrite(target: string, bytes: Buffer, hindrance: SaveError): void {
    try {
      this.#writer.overwrite(target, bytes);
    } catch (error) {
      if (!(error instanceof SaveError)) throw error;
      throw error.after(hindrance);
    }
    const isKnown = this.#hindrance?.code === hindrance.code;
    this.#hindrance = hindrance;
    if (!isKnown) this.#warnOfWritingInPlace(target, hindrance);
  }

  /** A single file mounted into a container [D-IN-PLACE], a folder of root's, a full disk. */
  #warnOfWritingInPlace(target: string, { code, message }: SaveError): void {
    const consequence =
      "It is overwritten in place: a crash of the machine during a save can damage it";
    const advice =
      code === "EACCES" || code === "EPERM"
        ? `Make its folder ${dirname(target)} writable for user id ${process.geteuid?.()}`
        : saveAdvice(code, target);
    const what = `WARNING: ${this.#path} cannot be replaced: ${message}`;
    this.#log("warning", bytesOf(`${what}. ${consequence}. ${advice}.`));
  }

  #folderUnsynced(reason: string): void {
    if (this.#isFolderUnsynced) return;
    this.#isFolderUnsynced = true;
    const what = `WARNING: the folder of ${this.#path} cannot be synced to disk (${reason})`;
    const consequence =
      "A crash of the machine right after a save may bring the file before it back";
    this.#log("warning", bytesOf(`${what}. ${consequence}.`));
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
