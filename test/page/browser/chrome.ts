import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { within } from "../../support/until.ts";

type Json = Record<string, unknown>;
type Listener = (params: Json, session: string) => void;

interface Waiting {
  resolve(result: Json): void;
  reject(error: Error): void;
}

const ANSWER_MS = 30_000;

/** Debian's chromium without a window, told what to do by its DevTools protocol over two pipes. */
export class Chrome {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<string, Set<Listener>>();
  #lastId = 0;
  #pending = "";

  static async start(): Promise<Chrome> {
    const chrome = new Chrome();
    await chrome.send("Browser.getVersion");
    return chrome;
  }

  private constructor() {
    this.#profile = mkdtempSync(join(tmpdir(), "redis-sentinel-ts-chromium-"));
    const options = [
      "--headless=new",
      "--remote-debugging-pipe",
      `--user-data-dir=${this.#profile}`,
      // Its sandbox does not work for root, as in CI; it sees nothing but our own page.
      "--no-sandbox",
      "--no-first-run",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-extensions",
      "--hide-scrollbars",
      "--force-color-profile=srgb",
    ];
    const stdio = ["ignore", "ignore", "ignore", "pipe", "pipe"] as const;
    this.#process = spawn("chromium", options, { stdio: [...stdio], detached: true });
    const [, , , , output] = this.#process.stdio;
    (output as Readable).setEncoding("utf8").on("data", (text: string) => this.#read(text));
    this.#process.once("exit", (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`chromium ended: ${code}`));
    });
  }

  async send(method: string, params: Json = {}, sessionId?: string): Promise<Json> {
    const id = ++this.#lastId;
    const [, , , input] = this.#process.stdio;
    const answer = new Promise<Json>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    (input as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return await within(answer, ANSWER_MS, `the answer of chromium to ${method}`);
  }

  on(method: string, listener: Listener): void {
    const known = this.#listeners.get(method) ?? new Set();
    this.#listeners.set(method, known.add(listener));
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    const { pid } = this.#process;
    // Its helpers are of its process group.
    if (pid !== undefined && this.#process.exitCode === null) {
      process.kill(-pid, "SIGKILL");
      await ended;
    }
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  #read(text: string): void {
    const messages = (this.#pending + text).split("\0");
    this.#pending = messages.pop() ?? "";
    for (const message of messages) this.#hear(JSON.parse(message));
  }

  #hear(message: Json): void {
    const { id, error, result, method, params, sessionId } = message;
    if (typeof id === "number") {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve((result ?? {}) as Json);
      else waiting?.reject(new Error(JSON.stringify(error)));
      return;
    }
    for (const listener of this.#listeners.get(String(method)) ?? []) {
      listener((params ?? {}) as Json, String(sessionId));
    }
  }
}
