import type { Millis, RequestId } from "./state.ts";

/** SLAVEOF and what goes with it, sent to a server. */
export interface RoleOrder {
  readonly slaveof: readonly [string, string];
  /** What goes before and behind it. */
  readonly extras: OrderExtras;
  /** In one transaction; else one by one, since the server refuses MULTI or a part of it. */
  isTransaction: boolean;
  /** The command whose answer tells the outcome. */
  request: RequestId;
  /** The first refusal of SLAVEOF itself, and of what goes along with it. */
  refusal: string | null;
  partRefused: string | null;
  outcome: "done" | "refused" | null;
  /** When its connection was found to be lost before the answer. */
  lostAt: Millis | null;
}

export interface OrderExtras {
  /** Its own FAILOVER is ended first: it takes no SLAVEOF meanwhile. */
  readonly endsHandOver: boolean;
  /** It holds writes back for us, and is let go at the end. */
  readonly endsPause: boolean;
}
