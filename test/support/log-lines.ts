import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { deferred, within } from "./until.ts";

interface Watcher {
  readonly pattern: RegExp;
  resolve(line: string): void;
}

/** The lines that a process printed, kept and awaited. */
export class LogLines {
  readonly lines: string[] = [];
  readonly #watchers = new Set<Watcher>();

  follow(stream: Readable): void {
    createInterface({ input: stream }).on("line", (line) => this.#add(line));
  }

  /** Resolves with the first line at or after `from` that matches. */
  async waitFor(pattern: RegExp, timeoutMs = 15_000, from = 0): Promise<string> {
    const present = this.lines.slice(from).find((line) => pattern.test(line));
    if (present !== undefined) return present;
    const { promise, resolve } = deferred<string>();
    const watcher = { pattern, resolve };
    this.#watchers.add(watcher);
    try {
      return await within(promise, timeoutMs, `a log line like ${pattern}`);
    } finally {
      this.#watchers.delete(watcher);
    }
  }

  has(pattern: RegExp): boolean {
    return this.lines.some((line) => pattern.test(line));
  }

  tail(count: number): string {
    return this.lines.slice(-count).join("\n");
  }

  #add(line: string): void {
    this.lines.push(line);
    for (const watcher of this.#watchers) if (watcher.pattern.test(line)) watcher.resolve(line);
  }
}
