import { strerror } from "../base/errno.ts";
import type { TlsConfig } from "../config/server-config.ts";
import {
  DISK,
  fingerprintAside,
  fingerprintNow,
  readAside,
  type TlsPaths,
  type TlsSource,
} from "./tls-source.ts";

/** Whose files they are, as the events say it. */
export type TlsUser = "listener" | "links" | "http";

/** Who hears of renewed files. */
export interface TlsNews {
  /** New files are in use. */
  renewed(user: TlsUser): void;
  /** Files cannot be used or read, and the old stay in use; null: they can again. */
  trouble(user: TlsUser, problem: string | null): void;
}

/** What is made of the files, and of which. */
interface TlsUse<T> {
  readonly user: TlsUser;
  paths(config: TlsConfig): TlsPaths;
  /** Throws what says why the files cannot be used. */
  make(config: TlsConfig, source: TlsSource): T;
}

/**
 * What TLS uses of its files, and new ones once they were found to be usable [D-RENEWED]. A look at files on a file
 * system that hangs never holds the loop up.
 */
export class TlsFiles<T> {
  #config: TlsConfig;
  readonly #use: TlsUse<T>;
  readonly #news: TlsNews;
  #made: T;
  #fingerprint: string;
  /** What a look has found and the next one has to confirm: a pair may be half written. */
  #suspected: string | null = null;
  /** What was told and is not over. */
  #told: string | null = null;

  /** Waits for the disk; throws what says why the files cannot be used. */
  constructor(config: TlsConfig, use: TlsUse<T>, news: TlsNews) {
    this.#config = config;
    this.#use = use;
    this.#news = news;
    this.#fingerprint = this.#look();
    this.#made = use.make(config, DISK);
  }

  /** The same object until there are other files. */
  get current(): T {
    return this.#made;
  }

  /** A look has found what the next one, soon, has to confirm. */
  get isUnsure(): boolean {
    return this.#suspected !== null;
  }

  /** Other files from the next connection on; they were found to be usable. The same ones are left to the next look. */
  configure(config: TlsConfig): void {
    if (JSON.stringify(config) === JSON.stringify(this.#config)) return;
    this.#config = config;
    try {
      this.#fingerprint = this.#look();
      this.#made = this.#use.make(config, DISK);
      this.#settle();
      this.#news.renewed(this.#use.user);
    } catch (error) {
      this.complain(strerror(error));
    }
  }

  /** Looks whether the files have changed, beside the loop. `isAsked`: somebody waits to hear what is wrong. */
  async refresh(isAsked: boolean): Promise<void> {
    const config = this.#config;
    const paths = this.#use.paths(config);
    try {
      // Looked at before they are read: what changes meanwhile is seen the next time.
      const fingerprint = await fingerprintAside(paths);
      const isNew = fingerprint !== this.#fingerprint;
      const made = isNew ? this.#use.make(config, await readAside(paths)) : this.#made;
      // Others were named meanwhile.
      if (config !== this.#config) return;
      this.#fingerprint = fingerprint;
      this.#made = made;
      this.#settle();
      if (isNew) this.#news.renewed(this.#use.user);
    } catch (error) {
      if (config === this.#config) this.#fail(strerror(error), isAsked);
    }
  }

  /** Tells what is wrong, once while it lasts. */
  complain(problem: string): void {
    this.#suspected = null;
    if (this.#told === problem) return;
    this.#told = problem;
    this.#news.trouble(this.#use.user, problem);
  }

  #fail(problem: string, isAsked: boolean): void {
    const isKnown = this.#suspected === problem || this.#told === problem;
    if (isKnown || isAsked) this.complain(problem);
    else this.#suspected = problem;
  }

  #settle(): void {
    this.#suspected = null;
    if (this.#told === null) return;
    this.#told = null;
    this.#news.trouble(this.#use.user, null);
  }

  /** Empty if one is gone: then the next look reads them all. */
  #look(): string {
    try {
      return fingerprintNow(this.#use.paths(this.#config));
    } catch {
      return "";
    }
  }
}
