/** One command or subcommand, as COMMAND INFO shows it and the dispatcher checks it. */
export interface CommandSpec {
  /** `sentinel`, or `sentinel|masters` for a subcommand. */
  readonly fullName: string;
  /** Words of a request, the name included; negative: at least that many. */
  readonly arity: number;
  readonly flags: readonly string[];
  /** Without `@`. */
  readonly categories: readonly string[];
  readonly tips: readonly string[];
  /** In COMMAND LIST, as 7.4 has it. */
  readonly isListed: boolean;
  /** By the word a client says; empty unless the command is a container. */
  readonly subcommands: ReadonlyMap<string, CommandSpec>;
}

/** Top-level commands by the name they answer to, which `rename-command` may have changed. */
export type CommandTable = ReadonlyMap<string, CommandSpec>;

const FLAGS: Readonly<Record<string, string>> = {
  A: "admin",
  P: "pubsub",
  N: "noscript",
  L: "loading",
  S: "stale",
  F: "fast",
  U: "no_auth",
  M: "no_multi",
  B: "allow_busy",
};

const CATEGORIES: Readonly<Record<string, string>> = {
  p: "pubsub",
  a: "admin",
  f: "fast",
  s: "slow",
  d: "dangerous",
  c: "connection",
};

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

const ON_ALL_NODES = ["request_policy:all_nodes", "response_policy:all_succeeded"];
const ON_ALL_SHARDS = ["request_policy:all_shards", "response_policy:all_succeeded"];
const VARIES = ["nondeterministic_output"];
const VARIES_IN_ORDER = ["nondeterministic_output_order"];
const INFO_TIPS = [...VARIES, "request_policy:all_shards", "response_policy:special"];

type Row = readonly [
  names: string,
  arity: number,
  flags: string,
  categories: string,
  tips?: readonly string[],
];

/** The table of commands [CMD-TABLE]; the letters are those of FLAGS and CATEGORIES, in output order. */
const COMMANDS: readonly Row[] = [
  ["acl", -2, "", "s"],
  ["auth", -2, "NLSFUB", "fc"],
  ["client", -2, "", "s"],
  ["command", -1, "LS", "sc", VARIES_IN_ORDER],
  ["hello", -1, "NLSFUB", "fc"],
  ["info", -1, "LS", "sd", INFO_TIPS],
  ["ping", -1, "F", "fc", ON_ALL_SHARDS],
  ["psubscribe subscribe", -2, "PNLS", "ps"],
  ["publish", 3, "PLSF", "pf"],
  ["punsubscribe unsubscribe", -1, "PNLS", "ps"],
  ["role", 1, "NLSF", "afd"],
  ["sentinel", -2, "A", "asd"],
  ["shutdown", -1, "ANLSMB", "asd"],
];

const SUBCOMMANDS: Readonly<Record<string, readonly Row[]>> = {
  acl: [
    ["cat genpass", -2, "NLS", "s"],
    ["whoami", 2, "NLS", "s"],
    ["help", 2, "LS", "s"],
    ["list load users", 2, "ANLS", "asd"],
    ["save", 2, "ANLS", "asd", ON_ALL_NODES],
    ["getuser", 3, "ANLS", "asd"],
    ["log", -2, "ANLS", "asd"],
    ["deluser setuser", -3, "ANLS", "asd", ON_ALL_NODES],
    ["dryrun", -4, "ANLS", "asd"],
  ],
  client: [
    ["getname getredir id trackinginfo", 2, "NLS", "sc"],
    ["info", 2, "NLS", "sc", VARIES],
    ["help", 2, "LS", "sc"],
    ["caching reply", 3, "NLS", "sc"],
    ["setname", 3, "NLS", "sc", ON_ALL_NODES],
    ["setinfo", 4, "NLS", "sc", ON_ALL_NODES],
    ["tracking", -3, "NLS", "sc"],
    ["list", -2, "ANLS", "asdc", VARIES],
    ["kill pause unblock", -3, "ANLS", "asdc"],
    ["no-evict", 3, "ANLS", "asdc"],
    ["unpause", 2, "ANLS", "asdc"],
  ],
  command: [
    ["count help", 2, "LS", "sc"],
    ["docs info list", -2, "LS", "sc", VARIES_IN_ORDER],
    ["getkeys getkeysandflags", -3, "LS", "sc"],
  ],
  sentinel: [
    ["flushconfig masters myid pending-scripts", 2, "A", "asd"],
    ["reset-epoch", 2, "A", "asd"],
    ["help", 2, "LS", "s"],
    ["ckquorum failover get-master-addr-by-name master remove", 3, "A", "asd"],
    ["replicas reset sentinels slaves", 3, "A", "asd"],
    ["is-master-down-by-addr monitor", 6, "A", "asd"],
    ["primaries", 2, "A", "asd"],
    ["primary get-primary-addr-by-name", 3, "A", "asd"],
    ["is-primary-down-by-addr", 6, "A", "asd"],
    ["debug", -2, "A", "asd"],
    ["info-cache simulate-failure", -3, "A", "asd"],
    ["config", -4, "A", "asd"],
    ["set", -5, "A", "asd"],
  ],
};

/** Known to Valkey or us alone. */
const UNLISTED: ReadonlySet<string> = new Set([
  "sentinel|primaries",
  "sentinel|primary",
  "sentinel|get-primary-addr-by-name",
  "sentinel|is-primary-down-by-addr",
  "sentinel|reset-epoch",
]);

/** The commands under their own names. */
export const STANDARD_COMMANDS: CommandTable = new Map(
  COMMANDS.flatMap((row) => expand(row, "")).map((spec) => [spec.fullName, spec]),
);

/** Applies `rename-command` directives in order; the new name `""` removes a command. */
export function createCommandTable(
  renames: readonly (readonly [from: string, to: string])[],
): CommandTable {
  const table = new Map(STANDARD_COMMANDS);
  for (const [from, to] of renames) {
    const spec = table.get(from.toLowerCase());
    if (spec === undefined) continue;
    table.delete(from.toLowerCase());
    if (to !== "") table.set(to.toLowerCase(), spec);
  }
  return table;
}

/** Finds `ping` or `sentinel|masters`, in any case. */
export function findCommand(table: CommandTable, fullName: string): CommandSpec | undefined {
  const [name = "", subcommand, ...rest] = fullName.toLowerCase().split("|");
  if (rest.length > 0) return undefined;
  const spec = table.get(name);
  return subcommand === undefined ? spec : spec?.subcommands.get(subcommand);
}

/** What a request asks for, also a container alone; undefined for an unknown subcommand too. */
export function findRequested(
  table: CommandTable,
  args: readonly string[],
): CommandSpec | undefined {
  const [name = "", subcommand] = args;
  const spec = table.get(name.toLowerCase());
  if (spec === undefined || spec.subcommands.size === 0 || subcommand === undefined) return spec;
  return spec.subcommands.get(subcommand.toLowerCase());
}

/** Every command, each container followed by its subcommands. A table never changes. */
export function allCommands(table: CommandTable): readonly CommandSpec[] {
  const known = COMMANDS_OF.get(table);
  if (known !== undefined) return known;
  const all = [...table.values()].flatMap((spec) => [spec, ...spec.subcommands.values()]);
  COMMANDS_OF.set(table, all);
  return all;
}

const COMMANDS_OF = new WeakMap<CommandTable, readonly CommandSpec[]>();

/** Those of a category, in the same order. */
export function commandsIn(table: CommandTable, category: string): readonly CommandSpec[] {
  const known = CATEGORIES_OF.get(table) ?? new Map<string, readonly CommandSpec[]>();
  CATEGORIES_OF.set(table, known);
  const found =
    known.get(category) ?? allCommands(table).filter((spec) => spec.categories.includes(category));
  known.set(category, found);
  return found;
}

const CATEGORIES_OF = new WeakMap<CommandTable, Map<string, readonly CommandSpec[]>>();

export function arityAccepts(spec: CommandSpec, words: number): boolean {
  return spec.arity >= 0 ? words === spec.arity : words >= -spec.arity;
}

function expand([names, arity, flags, categories, tips = []]: Row, prefix: string): CommandSpec[] {
  return names.split(" ").map((name) => ({
    fullName: prefix + name,
    arity,
    flags: spell(flags, FLAGS),
    categories: spell(categories, CATEGORIES),
    tips,
    isListed: !UNLISTED.has(prefix + name),
    subcommands: prefix === "" ? subcommandsOf(name) : new Map(),
  }));
}

function subcommandsOf(container: string): ReadonlyMap<string, CommandSpec> {
  const specs = (SUBCOMMANDS[container] ?? []).flatMap((row) => expand(row, `${container}|`));
  return new Map(specs.map((spec) => [spec.fullName.slice(container.length + 1), spec]));
}

function spell(letters: string, meaning: Readonly<Record<string, string>>): string[] {
  return [...letters].map((letter) => meaning[letter] ?? letter);
}
