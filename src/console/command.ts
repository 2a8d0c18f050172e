import type { Access } from "./connect/access.ts";
import type { CommandName } from "./names.ts";
import type { COMMON_OPTIONS, ConsoleOptions, ValuesOf } from "./options.ts";
import type { Output } from "./output.ts";

/** What a command is run with. */
export interface Call<O extends ConsoleOptions = ConsoleOptions> {
  /** The words behind the command, without options; byte strings. */
  readonly words: readonly string[];
  readonly options: ValuesOf<O & typeof COMMON_OPTIONS>;
  readonly output: Output;
  /** How Sentinels and servers are reached. */
  readonly access: Access;
  /** Ctrl-C or SIGTERM: what can be undone is undone. Only if the command `undoes`; else they end it at once. */
  readonly interrupted: AbortSignal;
}

/** One thing that the console can do: all that is known of it, one object each. */
export interface Command {
  readonly name: CommandName;
  /** The words behind the name, as the help shows them. */
  readonly words: string;
  /** How many of these words there must be at least, and may be at most. */
  readonly wordCount: readonly [least: number, most: number];
  /** One line: what it does. */
  readonly summary: string;
  /** Sentences for the manual page and the end of the help. */
  readonly about: string;
  /** Beside the common ones. */
  readonly options: ConsoleOptions;
  /** Words behind the name of the program, and what they do. */
  readonly examples: readonly (readonly [words: string, what: string])[];
  /** What its statuses mean. */
  readonly exits: "observing" | "acting";
  readonly undoes: boolean;
  /** Resolves to the status of the process. */
  run(call: Call): Promise<number>;
}

interface Definition<O extends ConsoleOptions> extends Omit<Command, "options" | "run" | "undoes"> {
  readonly options: O;
  readonly undoes?: boolean;
  run(call: Call<O>): Promise<number>;
}

/** A command whose `run` knows the types of its own options. */
export function defineCommand<const O extends ConsoleOptions>(definition: Definition<O>): Command {
  return {
    undoes: false,
    ...definition,
    // What is parsed with its options has their values.
    run: (call) => definition.run(call as Call<O>),
  };
}

/** Statuses of a command that looks, as Nagios and its heirs take them. */
export const OBSERVED = { fine: 0, warning: 1, critical: 2, unknown: 3 } as const;

/** Statuses of a command that acts. */
export const ACTED = { done: 0, refused: 1, aborted: 2, unknown: 3 } as const;

/** What the statuses mean, for help and manual. */
export const EXITS = {
  observing: "0 fine, 1 warning, 2 critical, 3 unknown",
  acting:
    "0 done, 1 refused and nothing changed, 2 given up and nothing changed, 3 outcome unknown",
} as const;
