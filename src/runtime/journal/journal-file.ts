import { appendFileSync } from "node:fs";
import * as nodeFs from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { bytesOf } from "../../base/bytes.ts";
import { strerror } from "../../base/errno.ts";
import type { Incident } from "../../base/journal-entry.ts";
import type { Millis } from "../../core/state.ts";
import type { Log } from "../log/log.ts";
import { type JournalLine, type JournalQuery, lineOf, readLines, select } from "./journal-lines.ts";
import { type JournalFs, JournalStore } from "./journal-store.ts";

/** So many are kept. The file has some more at times, so that it is not written anew with each. */
const MOST_ENTRIES = 1_000;
const SPARE_ENTRIES = 200;
/** Of all of them together; one has a kilobyte, one of a master with many replicas sixteen. */
const MOST_BYTES = 4 * 1024 * 1024;
/** Each takes some 20 microseconds, and many masters may die at once. */
const TAKEN_IN_ONE_TURN = 50;
const RETRY_MS = 30_000;

interface JournalOptions {
  /** Of the configuration file; ours lies beside it. */
  readonly configPath: string;
  readonly log: Pick<Log, "write">;
  /** The core's time, and that of the wall in ms since 1970. */
  readonly now: () => Millis;
  readonly wallNow: () => number;
  readonly fs?: JournalFs;
}

/**
 * `<configuration file>.journal` [JOURNAL-FILE]. Nobody waits for it: what is to be written is taken down, and written
 * in its own time. A disk that takes nothing costs entries, with one warning, and nothing else.
 */
export class JournalFile {
  readonly #options: JournalOptions;
  readonly #store: JournalStore;
  /** The last ones, oldest first, whether the file has them or not. */
  #lines: JournalLine[] = [];
  #bytes = 0;
  #lastId = 0;
  /** The last one that is in the file, or was lost to it. */
  #writtenId = 0;
  /** The last one that is being written. */
  #underWayId = 0;
  /** Lines of the file. */
  #inFile = 0;
  /** Those that have no number yet. */
  #new: (readonly [at: number, incident: Incident])[] = [];
  #loading: Promise<void> | null = null;
  /** The present round of writing. */
  #writing: Promise<void> | null = null;
  #isFailing = false;
  #isLoaded = false;
  #isClosed = false;
  #retry: NodeJS.Timeout | null = null;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#store = new JournalStore(options.fs ?? nodeFs, options.configPath);
  }

  /** Reads what earlier lives have written. */
  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** `at`: on the clock of the core. */
  write(at: Millis, incident: Incident): void {
    const { now, wallNow } = this.#options;
    this.#new.push([Math.round(wallNow() - (now() - at)), incident]);
    if (this.#new.length > MOST_ENTRIES) this.#new.shift();
    this.#begin();
  }

  /** As they stand in the file, the oldest first. */
  async read(query: JournalQuery): Promise<string[]> {
    await this.load();
    this.#takeDown(this.#new.length);
    return select(this.#lines, query).map(({ text }) => text);
  }

  /** When all is written, or the disk has refused it. */
  async settle(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  /** The process ends: what waits is written now. */
  close(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    if (this.#isLoaded) this.#takeDown(this.#new.length);
    const from = Math.max(this.#writtenId, this.#underWayId);
    const left = this.#lines.filter(({ id }) => id > from);
    this.#isClosed = true;
    if (left.length === 0 || this.#isFailing) return;
    try {
      appendFileSync(this.#store.path, textOf(left), { encoding: "latin1", mode: 0o600 });
    } catch (error) {
      this.#warn("cannot be written, so entries are missing", error);
    }
  }

  async #load(): Promise<void> {
    try {
      const lines = readLines(await this.#store.read());
      this.#inFile = lines.length;
      this.#lastId = lines.at(-1)?.id ?? 0;
      this.#writtenId = this.#lastId;
      for (const line of lines) this.#keep(line);
    } catch (error) {
      this.#warn("cannot be read, and begins anew", error);
    }
    this.#isLoaded = true;
  }

  #takeDown(count: number): void {
    for (const [at, incident] of this.#new.splice(0, count)) {
      this.#lastId += 1;
      this.#keep(lineOf(this.#lastId, at, incident));
    }
  }

  #keep(line: JournalLine): void {
    this.#lines.push(line);
    this.#bytes += line.text.length;
    let gone = 0;
    for (; this.#lines.length - gone > MOST_ENTRIES || this.#bytes > MOST_BYTES; gone++) {
      this.#bytes -= this.#lines[gone]?.text.length ?? 0;
    }
    if (gone > 0) this.#lines.splice(0, gone);
  }

  /** One round at a time; who comes meanwhile is in the next one. */
  #begin(): void {
    if (this.#writing !== null) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = null;
      const isMore = this.#lastId > this.#writtenId || this.#new.length > 0;
      if (this.#isClosed) return;
      if (isMore && !this.#isFailing) this.#begin();
      else if (isMore) this.#tryAgainLater();
    });
  }

  async #write(): Promise<void> {
    await this.load();
    while (this.#new.length > 0) {
      await nextTurn();
      this.#takeDown(TAKEN_IN_ONE_TURN);
    }
    const lines = this.#lines.filter(({ id }) => id > this.#writtenId);
    const last = lines.at(-1);
    if (!last || this.#isClosed) return;
    this.#underWayId = last.id;
    try {
      if (this.#inFile + lines.length > MOST_ENTRIES + SPARE_ENTRIES) {
        const all = this.#lines.length;
        await this.#store.replace(textOf(this.#lines));
        this.#inFile = all;
      } else {
        await this.#store.append(textOf(lines));
        this.#inFile += lines.length;
      }
      this.#writtenId = last.id;
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#warn("cannot be written, so entries may be missing", error);
      this.#isFailing = true;
    } finally {
      this.#underWayId = 0;
    }
  }

  #tryAgainLater(): void {
    if (this.#retry !== null) return;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#begin();
    }, RETRY_MS).unref();
  }

  #warn(what: string, error: unknown): void {
    const text = `${this.#store.path} ${what}: ${strerror(error)}`;
    this.#options.log.write("warning", bytesOf(text));
  }
}

function textOf(lines: readonly JournalLine[]): string {
  return lines.map(({ text }) => `${text}\n`).join("");
}
