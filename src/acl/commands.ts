/** What the rules of users can name: commands and categories, of whoever serves them. */

export interface AclCommand {
  /** `sentinel`, or `sentinel|masters` for a subcommand. */
  readonly fullName: string;
  readonly flags: readonly string[];
  /** Null: none of its words is a channel that needs permission. */
  readonly channels: ChannelWords | null;
  /** By the word a client says; empty unless the command is a container. */
  readonly subcommands: ReadonlyMap<string, AclCommand>;
}

/** Which words of a request are channels: from `first` on, up to but not `end`. */
export interface ChannelWords {
  readonly first: number;
  /** Absent: all that follow. */
  readonly end?: number;
  /** They are patterns: each must be one of those that are allowed, letter for letter. */
  readonly arePatterns: boolean;
}

export interface AclCommands {
  /** `ping` or `sentinel|masters`, in any case. */
  find(fullName: string): AclCommand | undefined;
  /** Every command, each container followed by its subcommands. */
  all(): readonly AclCommand[];
  /** Those of a category without `@`, in lower case; undefined: there is no such category. */
  inCategory(name: string): readonly AclCommand[] | undefined;
}

/** For who reads rules and serves nothing. */
export const NO_COMMANDS: AclCommands = {
  find: () => undefined,
  all: () => [],
  inCategory: () => undefined,
};
