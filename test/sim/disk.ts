import assert from "node:assert/strict";
import { type LoadedConfig, loadConfig } from "../../src/config/load.ts";
import { rewriteConfig } from "../../src/config/rewrite.ts";
import type { SentinelConfig } from "../../src/core/config.ts";

/** The file of one Sentinel: real text, read by the real loader and written by the real rewriter. */
export class SimDisk {
  text: string;
  isFull = false;
  #loaded: LoadedConfig;
  #loadedText: string;

  constructor(text: string) {
    this.text = text;
    this.#loadedText = text;
    this.#loaded = parse(text);
  }

  /** What a process that starts now would know. Checker: the file always loads. */
  load(): SentinelConfig {
    if (this.text !== this.#loadedText) this.#loaded = parse(this.text);
    this.#loadedText = this.text;
    return this.#loaded.sentinel;
  }

  /** False when nothing could be written; the old text stays. */
  save(sentinel: SentinelConfig): boolean {
    if (this.isFull) return false;
    this.text = rewriteConfig({
      oldText: this.text,
      generic: this.#loaded.generic,
      users: [],
      sentinel,
      loglevel: "notice",
      workingDir: "/",
    });
    return true;
  }
}

function parse(text: string): LoadedConfig {
  const result = loadConfig({
    path: "/sentinel.conf",
    text,
    appended: [],
    readFile: () => ({ ok: false, strerror: "No such file or directory" }),
    glob: () => [],
    isExecutable: () => true,
  });
  assert.ok(result.ok, `the file does not load:\n${text}`);
  return result.config;
}
