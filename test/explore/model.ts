import type { Reply } from "../../src/base/reply.ts";
import type { SentinelConfig } from "../../src/core/config.ts";
import type { Effect } from "../../src/core/effect.ts";
import type { SentinelState } from "../../src/core/state.ts";
import type { CFile } from "../sim/c-model/file.ts";
import type { CMaster } from "../sim/c-model/records.ts";

// What the explored world is made of. Everything here is plain data, so that equal states can be
// recognised and visited once.

/** A point in time of every stored state: the present. Any number near it is a point in time. */
export const PRESENT = 1_000_000_000_000;

export interface Server {
  readonly ip: string;
  readonly isAlive: boolean;
  /** Index of the server that it follows; null: it is a master. */
  readonly follows: number | null;
  /** It refuses to change its role. */
  readonly refuses: boolean;
}

/** What a Sentinel is told at once whenever it asks: who lives, and what each calls itself. */
export interface View {
  readonly servers: readonly Server[];
  readonly peers: readonly PeerView[];
}

export interface PeerView {
  readonly isRunning: boolean;
  /** Addresses of masters that it sees down. */
  readonly down: readonly string[];
}

/** One connection of a Sentinel. The wire carries no numbers: answers come in the order of questions. */
export interface Link {
  readonly connection: number;
  /** `ip:port`. */
  readonly to: string;
  readonly purpose: "command" | "pubsub";
  /** Questions whose answers take their time, oldest first. */
  readonly waiting: number[];
  /** A transaction that is being put together. */
  order: string[];
  /** The hello that was said last, by name of the master: the same once more is no news. */
  readonly said: Record<string, string>;
}

/** Who waits for an answer of a Sentinel; null: he is gone. */
export interface Client {
  readonly client: number;
  from: number | null;
  /** The host that it asked about, if that was its question. */
  readonly about: string;
  /** The names whose master was there when it asked. */
  readonly groups: readonly number[];
}

/** Everything that one Sentinel process is, and the disk below it. */
export type Local = OwnLocal | CLocal;

export interface OwnLocal {
  readonly kind: "ours";
  disk: SentinelConfig;
  /** Null: it does not run. */
  state: SentinelState | null;
  /** What it will say once its file is written; null: no save is awaited. */
  held: Effect[] | null;
  links: Link[];
  clients: Client[];
}

/** A C Sentinel. It writes its file within its step, so nothing is ever held back. */
export interface CLocal {
  readonly kind: "c";
  disk: CFile;
  /** Null: it does not run. */
  memory: { currentEpoch: bigint; readonly masters: Map<string, CMaster> } | null;
  /** Something happened since its last tick, and the next is near. */
  isFresh: boolean;
  /** By Sentinel: what it was asked last; by Sentinel and name: the hello that was said last. */
  said: Record<string, string>;
}

/** What the rest of the world has to know of a local state. */
export interface Summary {
  readonly isRunning: boolean;
  readonly isHolding: boolean;
  /** Addresses of masters that it sees down. */
  readonly down: readonly string[];
  readonly currentEpoch: bigint;
  /** By name: `address configEpoch`, as its own hello would say. */
  readonly names: Readonly<Record<string, string>>;
  /** Sentinels that wait for an answer. */
  readonly clients: readonly number[];
  /** Names that it is failing over. */
  readonly attempts: readonly string[];
  /** A C Sentinel that ticks soon. */
  readonly isFresh: boolean;
  /** Stands for what others are told of it at once: `isRunning` and `down`. */
  readonly seen: number;
}

/** What happens to one Sentinel; numbers are indices of Sentinels and servers. */
export type LocalInput =
  | { readonly kind: "restart" }
  /** Time passes until it does something by itself. */
  | { readonly kind: "time" }
  /** A C Sentinel looks around, as it does all the time. */
  | { readonly kind: "tick" }
  /** So long nothing else happens; used to settle a cluster before it is explored. */
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "save"; readonly outcome: "ok" | "fails" | "crash" }
  | { readonly kind: "crash" }
  | { readonly kind: "asked"; readonly from: number; readonly args: readonly string[] }
  | { readonly kind: "told"; readonly from: number; readonly hello: string }
  | { readonly kind: "answered"; readonly by: number; readonly reply: Reply }
  /** Its connection to another Sentinel ended. */
  | { readonly kind: "cut-off"; readonly from: number }
  /** The connection of another Sentinel to it ended. */
  | { readonly kind: "left"; readonly by: number }
  | { readonly kind: "obeyed"; readonly server: number; readonly refused: boolean }
  | { readonly kind: "server-lost"; readonly server: number }
  | { readonly kind: "operator"; readonly args: readonly string[] };

/** What leaves a Sentinel and takes its time. */
export type Message =
  | { readonly kind: "ask"; readonly to: number; readonly args: readonly string[] }
  | {
      readonly kind: "hello";
      readonly to: number;
      readonly text: string;
      readonly epoch: bigint;
      readonly about: string;
      /** `ip,port,configEpoch` */
      readonly named: string;
    }
  | { readonly kind: "answer"; readonly to: number; readonly reply: Reply }
  | { readonly kind: "order"; readonly server: number; readonly slaveof: readonly string[] }
  /** It closed its connection. */
  | { readonly kind: "close"; readonly to: number };

/** A message under its number, by which queues know it. */
export interface Sent {
  readonly id: number;
  readonly message: Message;
}

/** What the invariants are about: told by the step in which it happened. */
export type Fact =
  | {
      readonly kind: "voted";
      readonly group: number;
      readonly epoch: string;
      readonly leader: number;
    }
  | {
      readonly kind: "elected";
      readonly group: number;
      readonly epoch: string;
      /** Of its master, about which it was voted. */
      readonly address: string;
      readonly ownVote: boolean;
    }
  | {
      readonly kind: "named";
      readonly group: number;
      readonly epoch: string;
      readonly address: string;
      readonly excused: boolean;
    }
  | {
      readonly kind: "promotes";
      readonly group: number;
      readonly epoch: string;
      readonly forced: boolean;
    }
  /** A hello of its own. */
  | {
      readonly kind: "says";
      readonly group: number;
      readonly epoch: string;
      readonly address: string;
    }
  | { readonly kind: "odown"; readonly address: string; readonly quorum: number }
  | { readonly kind: "said-down"; readonly address: string };

/** What came of one input. */
export interface LocalStep {
  readonly id: number;
  /** Null: nothing happened, and nothing will. */
  readonly local: number | null;
  readonly messages: readonly Sent[];
  readonly facts: readonly Fact[];
  /** Its events, for the trace. */
  readonly events: readonly string[];
  /** An invariant that one Sentinel alone can break, with what broke it. */
  readonly violation: string | null;
}

export function serverAddress({ ip }: Server): string {
  return `${ip}:6379`;
}

export function sentinelIp(index: number): string {
  return `10.99.0.${index + 1}`;
}

export function sentinelAddress(index: number): string {
  return `${sentinelIp(index)}:26379`;
}

/** The order of the ids is that of the indices. */
export function sentinelId(index: number): string {
  return `${index + 1}`.padStart(40, "0");
}

export function sentinelOfId(id: string): number {
  return Number(id) - 1;
}
