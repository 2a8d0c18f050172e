import * as nodeFs from "node:fs";
import type { LogLevel } from "../core/effect.ts";
import { bytesOf } from "./bytes.ts";
import type { SaveOutcome } from "./daemon.ts";
import {
  DurableWriter,
  type FileSystem,
  MountedFileError,
  type Ownership,
  SaveError,
} from "./durable-writer.ts";
import { errnoCode, strerror } from "./errno.ts";

/** The same twice, so that neither has to be made of the other at each save. */
interface Saved {
  readonly text: string;
  readonly bytes: Buffer;
  readonly fingerprint: string | null;
}

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

/**
 * The configuration file, which is a Sentinel's memory across restarts. Synchronous, because
 * nothing may be said to anyone before the file is safe.
 *
 * On purpose not as the reference (wire.md 8.7): a symbolic link stays one, its target is
 * replaced; and the file keeps its owner and mode, so that a 0600 file with passwords is not
 * opened to everybody.
 */
export class ConfigFile {
  readonly #path: string;
  readonly #render: (oldText: string) => string;
  readonly #log: (level: LogLevel, text: string) => void;
  readonly #fs: FileSystem;
  readonly #writer: DurableWriter;
  /** What our last successful save left on the disk; null while that is uncertain. */
  #saved: Saved | null = null;
  /** Of the file when it was last there, for the case that somebody deletes it. */
  #ownership: Ownership | null;
  /** Once the file turned out to be a mount point. */
  #inPlace = false;

  constructor({ path, render, log, fs = nodeFs }: ConfigFileOptions) {
    this.#path = path;
    this.#render = render;
    this.#log = log;
    this.#fs = fs;
    this.#writer = new DurableWriter(fs);
    this.#ownership = this.#writer.ownership(this.#realPath());
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
    this.#ownership = this.#writer.ownership(target) ?? this.#ownership;
    if (text === oldText && this.#isOurs(target)) return;
    const bytes = Buffer.from(text, "latin1");
    this.#saved = null;
    this.#write(target, bytes);
    this.#saved = { text, bytes, fingerprint: this.#fingerprint(target) };
  }

  #failed(error: unknown): SaveOutcome {
    const reason = error instanceof SaveError ? error.reason : strerror(error);
    const warning = "WARNING: Sentinel was not able to save the new configuration on disk!!!";
    this.#log("warning", bytesOf(error instanceof Error ? error.message : String(error)));
    this.#log("warning", bytesOf(`${warning}: ${reason}`));
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
      throw new SaveError("Could not read config file", error);
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
    if (this.#inPlace) return this.#writer.overwrite(target, bytes);
    try {
      this.#writer.replace(target, bytes, this.#ownership);
    } catch (error) {
      if (!(error instanceof MountedFileError)) throw error;
      this.#goInPlace(error.reason);
      this.#writer.overwrite(target, bytes);
    }
  }

  /** A single file mounted into a container cannot be renamed over (pain.md 12). */
  #goInPlace(reason: string): void {
    this.#inPlace = true;
    const what = `WARNING: ${this.#path} cannot be replaced (${reason})`;
    const why = "probably because the file itself is mounted";
    const consequence =
      "It is overwritten in place: a crash of the machine during a save can damage it.";
    this.#log("warning", bytesOf(`${what}, ${why}. ${consequence} Mount its folder instead.`));
  }
}
