import type { FailoverRecord } from "../base/journal-entry.ts";
import type { Explanation } from "../explain/situation.ts";
import type { MasterView, SentinelView, WebhookView } from "../view/types.ts";

/** What JSON makes of a view: it has no bigint, and its texts are read as UTF-8. */
type Json<T> = T extends bigint
  ? number | string
  : T extends readonly (infer One)[]
    ? readonly Json<One>[]
    : T extends object
      ? { readonly [K in keyof T]: Json<T[K]> }
      : T;

export type Master = Json<MasterView>;
export type Replica = Master["replicas"][number];
export type Peer = Master["sentinels"][number];
export type Sentinel = Json<SentinelView & { readonly webhooks: readonly WebhookView[] }>;

/** What `/status` answers. */
export interface Status {
  readonly schema: 1;
  readonly sentinel: Sentinel;
  readonly masters: readonly Master[];
}

/** What `/events` says, with the time at which it was said, since 1970. */
export interface PageEvent {
  readonly id: string;
  readonly at: number;
  readonly name: string;
  readonly payload: string;
  /** What it means, in an operator's words; null: nobody knows. */
  readonly text: string | null;
}

/** An entry of `/history` that is about a failover; `at`: when it was over. */
export type FailoverEntry = FailoverRecord & { readonly id: number; readonly at: number };

/** What is asked for the one master that is shown. */
export interface Details {
  readonly name: string;
  /** The newest failover of its journal; null: there is none, or the Sentinel keeps none. */
  readonly last: FailoverEntry | null;
  /** Why it is not failed over, or what would happen now; null: nothing was heard yet. */
  readonly why: Pick<Explanation, "verdict" | "text" | "todo"> | null;
}
