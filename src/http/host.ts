import type { LogLevel } from "../core/effect.ts";
import type { Millis } from "../core/state.ts";
import type { Explanation } from "../explain/situation.ts";
import type { View } from "../view/view.ts";
import type { Hook, HookFigures } from "./hooks/hook.ts";

/** The last `count` entries about a master and the whole Sentinel, or about all, not before a time in ms since 1970. */
interface HistoryQuery {
  readonly name: string | null;
  readonly count: number;
  readonly since: number;
}

export interface HookCounts {
  readonly hook: string;
  readonly waiting: number;
  readonly figures: HookFigures;
  readonly death: Hook["death"];
}

/** What the listener sees of the process. */
export interface HttpHost {
  /** What this Sentinel knows and has on disk; null: it is still starting. */
  view(): View | null;
  /** Of the clock of the view. */
  now(): Millis;
  /** Time of day, in milliseconds. */
  wallNow(): number;
  /**
   * Entries of the journal, each as JSON, the oldest first; null in the end: nothing is known of that name. Null at
   * once: it is still starting.
   */
  history(query: HistoryQuery): Promise<readonly string[] | null> | null;
  /** Why a master is not failed over, or what would happen now; nulls as of `history`. */
  explain(name: string): Promise<Explanation | null> | null;
  /** When the certificate of our listeners ends, in ms since 1970; null without one. */
  certificateEndsAt(): number | null;
  /** What became of events for webhooks. */
  hooks(): readonly HookCounts[];
  log(level: LogLevel, text: string): void;
  /** An exception of our own, which is survived. */
  fault(where: string, error: unknown): void;
}

/** A long text as bytes, one piece after the other. */
export type Pieces = readonly Buffer[];

/** What is answered to one request. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Pieces;
}

export const JSON_TYPE = "application/json; charset=utf-8";
const TEXT_TYPE = "text/plain; charset=utf-8";

export function plain(status: number, sentence: string): Answer {
  return { status, type: TEXT_TYPE, body: `${sentence}\n` };
}
