import * as nodeFs from "node:fs";
import { bytesOf } from "../../base/bytes.ts";
import { errnoCode, strerror } from "../../base/errno.ts";
import { extraText, parseExtra } from "../../config/extra-text.ts";
import { type Extra, NO_EXTRA } from "../../core/extra.ts";
import type { Millis } from "../../core/state.ts";
import type { Log } from "../log/log.ts";
import { DurableWriter, type FileSystem } from "./durable-writer.ts";

/** Longer ones are none of ours: ten thousand masters with all that they may have fit in. */
const MAX_BYTES = 16 * 1024 * 1024;

interface ExtraFileOptions {
  /** Of the configuration file; ours lies beside it. */
  readonly configPath: string;
  readonly log: Pick<Log, "write">;
  /** The core's time, and that of the wall in ms since 1970. */
  readonly now: () => Millis;
  readonly wallNow: () => number;
  readonly fs?: FileSystem;
}

/**
 * `<configuration file>.extra` [EXTRA-FILE]: what outlives a restart and has no place in the file, which a C Sentinel
 * must be able to read. It may be deleted at any time.
 */
export class ExtraFile {
  readonly #options: ExtraFileOptions;
  readonly #fs: FileSystem;
  readonly #path: string;

  constructor(options: ExtraFileOptions) {
    this.#options = options;
    this.#fs = options.fs ?? nodeFs;
    this.#path = `${options.configPath}.extra`;
  }

  /** What it holds; nothing if there is none. A damaged one is set aside, and said to be. */
  load(): Extra {
    const text = this.#read();
    if (text === null) return NO_EXTRA;
    try {
      return parseExtra(text, this.#wallOffset, this.#options.now());
    } catch (error) {
      this.#setAside(error instanceof Error ? error.message : String(error));
      return NO_EXTRA;
    }
  }

  /** Durable when it returns; false if it could not be written, which the log says. */
  save(extra: Extra): boolean {
    const bytes = Buffer.from(extraText(extra, this.#wallOffset), "latin1");
    const writer = new DurableWriter(this.#fs, () => undefined, "extra file");
    try {
      writer.replace(this.#path, bytes, this.#ownership(writer));
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#warn(`${this.#path} cannot be written, so a restart forgets what was paused: ${why}`);
      return false;
    }
  }

  /** Private, and of whom the configuration file is. */
  #ownership(writer: DurableWriter): ReturnType<DurableWriter["ownership"]> {
    const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const { uid, gid } = writer.ownership(this.#options.configPath) ?? own;
    return { mode: 0o600, uid, gid };
  }

  get #wallOffset(): number {
    return this.#options.wallNow() - this.#options.now();
  }

  #read(): string | null {
    try {
      const { size } = this.#fs.statSync(this.#path);
      if (size <= MAX_BYTES) return this.#fs.readFileSync(this.#path, "latin1");
      this.#setAside(`it has ${size} bytes`);
    } catch (error) {
      if (errnoCode(error) !== "ENOENT") {
        this.#warn(`${this.#path} cannot be read: ${strerror(error)}`);
      }
    }
    return null;
  }

  #setAside(why: string): void {
    const aside = `${this.#path}.damaged`;
    try {
      this.#fs.renameSync(this.#path, aside);
      this.#warn(`${this.#path} is damaged (${why}) and was renamed to ${aside}`);
    } catch (error) {
      this.#warn(`${this.#path} is damaged (${why}) and stays: ${strerror(error)}`);
    }
  }

  #warn(text: string): void {
    this.#options.log.write("warning", bytesOf(text));
  }
}
