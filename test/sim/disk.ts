import assert from "node:assert/strict";
import { ConfigRewriter } from "../../src/config/config-rewriter.ts";
import { type LoadedConfig, loadConfig } from "../../src/config/load.ts";
import type { SentinelConfig } from "../../src/core/config.ts";
import { type Extra, NO_EXTRA } from "../../src/core/extra.ts";
import type { SaveOutcome } from "../../src/runtime/daemon.ts";

export const DISK_FULL: SaveOutcome = { ok: false, reason: "No space left on device" };
export const SAVED: SaveOutcome = { ok: true };

/** Every so many saves the text is made at once, though nobody reads it. */
const MADE_EVERY = 8;

/**
 * The file of one Sentinel: real text, read by the real loader and written by the real rewriter, which
 * itself refuses a text that would not load to what is saved.
 *
 * Of a file that is written again before anybody read it, the text is not made: it is made whenever a
 * process starts from it, for each eighth save of a disk, and for every disk at the end of a life.
 * What a process that starts knows always comes out of text.
 */
export class SimDisk {
  isFull = false;
  /** How long a save takes, in which its process does nothing else. */
  saveTakesMs = 0;
  /** Called when something could not be written. */
  onFull: () => void = () => undefined;
  /** What lies beside the file. */
  extra = NO_EXTRA;
  /** What was saved last, before it went through the text. */
  saved: SentinelConfig;
  #text: string;
  /** False: `saved` is not in the text yet. */
  #isMade = true;
  #saves = 0;
  #rewriter = new ConfigRewriter("/sentinel.conf");
  /** Of the text that its process started from: nothing changes it. */
  #generic: LoadedConfig["generic"];

  constructor(text: string) {
    this.#text = text;
    const { sentinel, generic } = parse(text);
    this.saved = sentinel;
    this.#generic = generic;
  }

  /** What a process that starts now knows; it remembers nothing else. Checker: the file loads. */
  load(): SentinelConfig {
    if (!this.#isMade) this.#make();
    this.#rewriter = new ConfigRewriter("/sentinel.conf");
    const { sentinel, generic } = parse(this.#text);
    this.#generic = generic;
    return sentinel;
  }

  /** The file as a copy of the machine would have it. */
  get text(): string {
    if (!this.#isMade) this.#make();
    return this.#text;
  }

  /** False when nothing could be written; the old file stays. */
  save(sentinel: SentinelConfig): boolean {
    if (this.isFull) {
      this.onFull();
      return false;
    }
    this.saved = sentinel;
    this.#isMade = false;
    if (++this.#saves % MADE_EVERY === 0) this.#make();
    return true;
  }

  /** False when it could not be written beside the file; the old one stays. */
  keep(extra: Extra): boolean {
    if (!this.isFull) this.extra = extra;
    return !this.isFull;
  }

  #make(): void {
    const renewed = this.#rewriter.renew({
      oldText: this.#text,
      generic: this.#generic,
      users: [],
      sentinel: this.saved,
      loglevel: "notice",
      workingDir: "/",
    });
    assert.ok(renewed.ok, `the file would not load: ${JSON.stringify(renewed)}`);
    this.#text = renewed.text;
    this.#isMade = true;
  }
}

/** Of the text that was read last: all Sentinels of a cluster begin with the same. */
let lastParsed: { text: string; config: LoadedConfig } | null = null;

function parse(text: string): LoadedConfig {
  if (lastParsed?.text === text) return lastParsed.config;
  const result = loadConfig({
    path: "/sentinel.conf",
    text,
    appended: [],
    readFile: () => ({ ok: false, strerror: "No such file or directory" }),
    glob: () => [],
    isExecutable: () => true,
  });
  assert.ok(result.ok, `the file does not load:\n${text}`);
  lastParsed = { text, config: result.config };
  return result.config;
}
