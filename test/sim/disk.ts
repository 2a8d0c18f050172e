import assert from "node:assert/strict";
import { type LoadedConfig, loadConfig } from "../../src/config/load.ts";
import { rewriteConfig } from "../../src/config/rewrite.ts";
import type { SentinelConfig } from "../../src/core/config.ts";

/** Every so many saves the text is made and read at once, though nobody asked for it. */
const PROVEN_EVERY = 8;

/**
 * The file of one Sentinel: real text, read by the real loader and written by the real rewriter.
 *
 * Of a file that is written again before anybody read it, the text is not made. It is made, and must
 * load (a checker of its own), whenever a process starts from it, for each eighth save of a
 * disk, and for every disk at the end of a life. What a process that starts knows always comes out of
 * text.
 */
export class SimDisk {
  isFull = false;
  /** What was saved last, before it went through the text. */
  saved: SentinelConfig;
  #text: string;
  /** False: `saved` is not in the text yet. */
  #isRendered = true;
  #saves = 0;

  constructor(text: string) {
    this.#text = text;
    this.saved = this.load();
  }

  get text(): string {
    if (!this.#isRendered) this.#render();
    return this.#text;
  }

  /** What a process that starts now would know. Checker: the file always loads. */
  load(): SentinelConfig {
    return parse(this.text).sentinel;
  }

  /** False when nothing could be written; the old file stays. */
  save(sentinel: SentinelConfig): boolean {
    if (this.isFull) return false;
    this.saved = sentinel;
    this.#isRendered = false;
    if (++this.#saves % PROVEN_EVERY === 0) this.load();
    return true;
  }

  #render(): void {
    this.#isRendered = true;
    this.#text = rewriteConfig({
      oldText: this.#text,
      generic: parse(this.#text).generic,
      users: [],
      sentinel: this.saved,
      loglevel: "notice",
      workingDir: "/",
    });
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
