import type { ChannelWords } from "../../acl/commands.ts";
import type { Argument } from "./arguments.ts";
import type { Handler } from "./call.ts";
import type { Question } from "./question.ts";

/** What COMMAND INFO says of how a command runs; the dispatcher heeds `no_auth`. */
type Flag =
  | "admin"
  | "pubsub"
  | "noscript"
  | "loading"
  | "stale"
  | "fast"
  | "no_auth"
  | "no_multi"
  | "allow_busy";

/** Every category of Redis 7 has a name that ACL rules may use, even if no command is in it. */
export const ACL_CATEGORIES = [
  "keyspace",
  "read",
  "write",
  "set",
  "sortedset",
  "list",
  "hash",
  "string",
  "bitmap",
  "hyperloglog",
  "geo",
  "stream",
  "pubsub",
  "admin",
  "fast",
  "slow",
  "blocking",
  "dangerous",
  "connection",
  "transaction",
  "scripting",
] as const;

export type Category = (typeof ACL_CATEGORIES)[number];

/** Everything that is known of a command or subcommand, in one object [CMD-TABLE]. */
export interface Command {
  /** In lower case, of a subcommand without its container: `masters`. */
  readonly name: string;
  /** Words of a request, the name included; negative: at least that many. */
  readonly arity: number;
  /** Flags, categories and tips are in the order of COMMAND INFO. */
  readonly flags: readonly Flag[];
  readonly categories: readonly Category[];
  readonly tips?: readonly string[];
  /** In COMMAND LIST, as 7.4 has it; false: known to Valkey or us alone. */
  readonly isListed?: boolean;
  /** For COMMAND DOCS; a subcommand is in the group of its container. */
  readonly group?: "connection" | "pubsub" | "sentinel" | "server";
  /** Which Redis first had the command. */
  readonly since: string;
  /** In our own words, as `history` and `help`. */
  readonly summary: string;
  /** `O(1)` unless told; empty where the reference does not say. */
  readonly complexity?: string;
  /** What changed in the command, and in which Redis. */
  readonly history?: readonly (readonly [since: string, what: string])[];
  readonly deprecated?: Deprecation;
  readonly words?: readonly Argument[];
  /** For HELP of the container; what has none is not shown there. */
  readonly help?: readonly HelpEntry[];
  /** Answers here. Without it the core answers, whose pure handler has the same name. */
  readonly run?: Handler;
  /** How the core is asked. */
  readonly ask?: Question;
  /** Clients ask it again and again, and none of its words is a secret. */
  readonly isRepeated?: boolean;
  /** Which of its words only those may say whose rules allow the channel; leaving one needs none. */
  readonly channels?: ChannelWords;
  /** RESP2 leaves it to who has subscriptions [WIRE-SUBSCRIBER]. */
  readonly isForSubscribers?: boolean;
  /** Changes what others know: CLIENT PAUSE WRITE holds it back. */
  readonly isWrite?: boolean;
}

/** The command has a better name since. */
interface Deprecation {
  readonly since: string;
  readonly replacedBy: string;
}

/** A syntax line of a subcommand and what it does. */
type HelpEntry = readonly [syntax: string, ...description: string[]];

/** A command with its defaults filled in and its place in the table. */
export interface CommandSpec
  extends Required<Omit<Command, "name" | "help" | "run" | "deprecated" | "channels">> {
  /** `sentinel`, or `sentinel|masters` for a subcommand. */
  readonly fullName: string;
  readonly run: Handler | null;
  readonly deprecated: Deprecation | null;
  readonly channels: ChannelWords | null;
  /** By the word a client says; empty unless the command is a container. */
  readonly subcommands: ReadonlyMap<string, CommandSpec>;
}

/** Top-level commands by the name they answer to, which `rename-command` may have changed. */
export type CommandTable = ReadonlyMap<string, CommandSpec>;
