import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { bytesOf } from "../base/bytes.ts";
import { strerror } from "../base/errno.ts";
import type { LogLevel } from "../core/effect.ts";
import { type HookConfig, readHooks } from "../http/hooks/config.ts";
import { Hook, type HookWorld } from "../http/hooks/hook.ts";
import { HookNames } from "../http/hooks/names.ts";
import { post } from "../http/hooks/post.ts";
import type { HookCounts } from "../http/host.ts";
import { EventIds } from "../http/past-event.ts";
import { monotonicMillis } from "./clock.ts";
import type { Onlooker, Outside } from "./onlookers.ts";
import { readSecretFile } from "./secret-file.ts";
import { StartError } from "./start-error.ts";

/** `--webhooks FILE`: this file and what it needs are loaded only with it. */
export class Webhooks implements Onlooker {
  readonly #file: string;
  readonly #outside: Outside;
  readonly #ids = new EventIds(Date.now());
  readonly #names = new HookNames();
  readonly #timers = new Set<NodeJS.Timeout>();
  #hooks: readonly Hook[] = [];

  /** @throws StartError */
  constructor(file: string, outside: Outside) {
    this.#file = file;
    this.#outside = outside;
    try {
      this.#use(this.#read());
    } catch (error) {
      throw new StartError(`--webhooks ${strerror(error)}`);
    }
  }

  hear(level: LogLevel, name: string, payload: string): void {
    if (level === "debug") return;
    const event = { id: this.#ids.next(), at: Date.now(), level, name, payload };
    for (const hook of this.#hooks) hook.hear(event);
  }

  /** What waits for a hook that is still there goes on waiting. */
  reload(): void {
    try {
      this.#use(this.#read());
    } catch (error) {
      const text = `--webhooks ${strerror(error)}; the old hooks stay in use`;
      this.#outside.log.write("warning", bytesOf(text));
    }
  }

  close(): void {
    for (const hook of this.#hooks) hook.close();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** For metrics and the page. */
  figures(): readonly HookCounts[] {
    return this.#hooks.map(({ config, figures, waiting, death }) => {
      return { hook: config.name, waiting, figures, death };
    });
  }

  /** Which receivers are dead, and why [D-HOOK-STATUS]. */
  info(): string {
    const dead = this.#hooks.flatMap(({ config: { name }, death }) =>
      death === null
        ? []
        : `${name} takes no events for ${seconds(death.forMs)} s: ${death.trouble}`,
    );
    return `sentinel_webhooks_status:${dead.length === 0 ? "ok" : inOneLine(dead.join("; "))}\r\n`;
  }

  #read(): readonly HookConfig[] {
    const folder = dirname(this.#file);
    const text = readSecretFile(this.#file);
    return inFile(this.#file, () =>
      readHooks(text, (path, isSecret) => {
        const whole = resolve(folder, path);
        return isSecret ? readSecretFile(whole) : readFileSync(whole, "utf8");
      }),
    );
  }

  #use(configs: readonly HookConfig[]): void {
    const before = this.#hooks;
    this.#hooks = configs.map((config) => {
      const known = before.find((hook) => hook.config.name === config.name);
      known?.configure(config);
      return known ?? new Hook(config, this.#world());
    });
    for (const hook of before) if (!this.#hooks.includes(hook)) hook.close();
  }

  #world(): HookWorld {
    return {
      now: monotonicMillis,
      post: (config, event) => {
        return post(config, event, this.#outside.look()?.myId ?? "", this.#names.lookup);
      },
      later: (callback, ms) => {
        const timer = setTimeout(() => {
          this.#timers.delete(timer);
          callback();
        }, ms);
        this.#timers.add(timer);
      },
      tell: (text) => this.#outside.log.write("warning", bytesOf(text)),
      note: (result, text, lastedMs) => {
        const about = { name: null, text: bytesOf(text), by: null };
        const ms = lastedMs === null ? null : Math.round(lastedMs);
        this.#outside.note({ type: "note", kind: "hook", result, lastedMs: ms, ...about });
      },
    };
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}

/** Names are the operator's, and messages may be OpenSSL's. */
function inOneLine(text: string): string {
  return bytesOf(text.replace(/\s+/g, " "));
}

function inFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`${file}: ${strerror(error)}`);
  }
}
