import { bytesOf } from "../../base/bytes.ts";
import type { LogLevel } from "../../core/effect.ts";

/** A fault that happens again is told this often. */
const REPEAT_MS = 60_000;
/** Different ones that are remembered. */
const MAX_KINDS = 100;

interface Kind {
  toldAtMs: number;
  /** Times since it was told. */
  untold: number;
}

/**
 * Tells the operator of exceptions that were survived: the first of a kind at once and with its stack,
 * those that follow once a minute, so that one in each tick does not fill the disk.
 */
export class FaultLog {
  readonly #write: (level: LogLevel, text: string) => void;
  readonly #now: () => number;
  readonly #kinds = new Map<string, Kind>();

  constructor(write: (level: LogLevel, text: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  tell(where: string, error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const kind = this.#kindOf(`${where} ${stack}`);
    kind.untold += 1;
    if (this.#now() - kind.toldAtMs < REPEAT_MS) return;
    const times = kind.untold > 1 ? `, ${kind.untold} times by now` : "";
    kind.toldAtMs = this.#now();
    kind.untold = 0;
    const advice = "All else goes on. Please report it, and restart this Sentinel if it stays.";
    this.#write("warning", bytesOf(`BUG of the Sentinel at ${where}${times}. ${advice} ${stack}`));
  }

  #kindOf(key: string): Kind {
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    if (this.#kinds.size >= MAX_KINDS) this.#kinds.clear();
    const kind = { toldAtMs: Number.NEGATIVE_INFINITY, untold: 0 };
    this.#kinds.set(key, kind);
    return kind;
  }
}
