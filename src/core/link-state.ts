import type { ConnectionId, Instance, Millis, RequestId } from "./state.ts";

/** What a connection is for; `aside`: see `aside.ts`. */
export type Purpose = "command" | "pubsub" | "aside";

export interface Connection {
  readonly id: ConnectionId;
  readonly openedAt: Millis;
  up: boolean;
  /** It has said that it is well: PONG, or that we are subscribed. */
  answered: boolean;
  /** Our end of it, once up. */
  localIp: string | null;
  /** The SUBSCRIBE sent on it, if it is a Pub/Sub connection. */
  subscribeRequest: RequestId | null;
}

/**
 * The connections to one process. Every Sentinel record with the same id under other masters
 * shares one link; servers have one each.
 */
export interface InstanceLink {
  readonly owners: Set<Instance>;
  command: Connection | null;
  pubsub: Connection | null;
  /** A second command connection, while the server holds a hello back (aside.ts). */
  aside: Connection | null;
  /** Commands sent on `command`, or on what `aside` is now, and unanswered. */
  readonly pending: Map<RequestId, PendingRequest>;
  /** Last message or confirmation on the subscription. */
  pubsubActivityAt: Millis | null;
  /** Last PING reply that says alive (PONG, LOADING, MASTERDOWN). */
  lastValidPongAt: Millis;
  /** When it was heard again after half of down-after in which it was not; null: it never was silent so long. */
  backAt: Millis | null;
  /** Why it does not work, since it did last. */
  trouble: string | null;
  /** What the log said of it in this period of silence. */
  readonly toldTroubles: Set<string>;
  /** When the other side last ended a command connection that was up. */
  droppedAt: Millis | null;
  /** Of a Sentinel: it is one of ours; null: not known since it was connected. */
  isOurs: boolean | null;
  /** The question for that, if `pending` still holds it. */
  makeRequest: RequestId | null;
  /** First PING without such a reply; null: none. Survives reconnects. */
  pingPendingSince: Millis | null;
  lastPingAt: Millis | null;
  /** Last PING reply of any kind. */
  lastPongAt: Millis;
  /** When each was last opened: their periods are their own, since both may be lost at once. */
  opened: Record<Purpose, Opening | null>;
}

/** An attempt to connect. */
export interface Opening {
  readonly at: Millis;
  /** How many came before it, each soon after the other. */
  readonly before: number;
  /** The other side ended one that was well, and no attempt has failed since. */
  wasDropped: boolean;
}

/** Of a planned switch (failover/coordinated). */
export type CoordinatedKind =
  | "hold"
  | "frozen"
  | "caught-up"
  | "extend"
  | "release"
  | "demote"
  | "fence"
  | "recheck"
  | "hand-over";

export interface PendingRequest {
  readonly kind:
    | "ping"
    | "info"
    | "hello"
    | "ask"
    | "view"
    | "multi"
    | "slaveof"
    | "rewrite"
    | "kill"
    | "unpause"
    | "abort"
    | "exec"
    | CoordinatedKind
    | "unfence"
    | "old-hello"
    | "make"
    | "identity"
    | "pauses"
    | "auth"
    | "ask-dissent"
    | "ignored";
  /** Whose question it is; replies for a removed owner are ignored. */
  readonly owner: Instance;
  /** On which it was sent, and is answered. */
  readonly connection: ConnectionId;
}
