import type * as nodeFs from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { errnoCode } from "../../base/errno.ts";

/** The calls that it makes; tests replace some by failing ones. */
export type JournalFs = Pick<typeof nodeFs, "open" | "rename" | "stat" | "truncate">;

/** More of a file is not read: it holds less, or is none of ours. */
const MOST_READ = 8 * 1024 * 1024;

/** The journal as a file. Each call opens it anew, so that it may be renamed or deleted at any time. */
export class JournalStore {
  readonly path: string;
  readonly #fs: JournalFs;
  readonly #configPath: string;

  constructor(fs: JournalFs, configPath: string) {
    this.#fs = fs;
    this.#configPath = configPath;
    this.path = `${configPath}.journal`;
  }

  /** Whole lines; what a crash has left of one at the end is cut off. Nothing, if there is no file. */
  async read(): Promise<string> {
    let text: string;
    let size: number;
    try {
      ({ text, size } = await this.#readEnd());
    } catch (error) {
      if (errnoCode(error) === "ENOENT") return "";
      throw error;
    }
    const end = text.lastIndexOf("\n") + 1;
    if (end < text.length) await this.#fs.truncate(this.path, size - (text.length - end));
    return text.slice(0, end);
  }

  async #readEnd(): Promise<{ text: string; size: number }> {
    const stats = await this.#fs.stat(this.path);
    if (!stats.isFile()) throw new Error("it is no file");
    const file = await this.#fs.open(this.path, "r");
    try {
      const from = Math.max(0, stats.size - MOST_READ);
      const bytes = Buffer.alloc(stats.size - from);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
      return { text: bytes.toString("latin1", 0, bytesRead), size: from + bytesRead };
    } finally {
      await file.close();
    }
  }

  /** All of it or nothing. */
  async append(text: string): Promise<void> {
    const file = await this.#fs.open(this.path, "a", 0o600);
    try {
      const { size, uid } = await file.stat();
      if (size === 0) await this.#giveToOwner(file, uid);
      try {
        await file.writeFile(text, "latin1");
      } catch (error) {
        await file.truncate(size).catch(() => undefined);
        throw error;
      }
    } finally {
      await file.close();
    }
  }

  /** In place of all that it held. */
  async replace(text: string): Promise<void> {
    const temporary = `${this.path}.new`;
    const file = await this.#fs.open(temporary, "w", 0o600);
    try {
      await this.#giveToOwner(file, (await file.stat()).uid);
      await file.writeFile(text, "latin1");
    } finally {
      await file.close();
    }
    await this.#fs.rename(temporary, this.path);
  }

  /** Whose the configuration file is; where that may not be given away, it stays ours. */
  async #giveToOwner(file: FileHandle, uid: number): Promise<void> {
    try {
      const owner = await this.#fs.stat(this.#configPath);
      if (owner.uid !== uid) await file.chown(owner.uid, owner.gid);
    } catch {
      // It is readable for us, which is what it is for.
    }
  }
}
