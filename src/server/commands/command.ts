import { globMatcher } from "../../base/glob.ts";
import { array, bulk, error, integer, map, NIL, type Reply, status } from "../../base/reply.ts";
import { MAX_COMMAND_NAMES } from "../../core/limits.ts";
import { SYNTAX_ERROR } from "../replies.ts";
import type { Outcome } from "../request.ts";
import { MULTIPLE, OPTIONAL, oneOf, patternWord, textWord } from "./arguments.ts";
import type { Call } from "./call.ts";
import { container } from "./define.ts";
import { documentCommand, per } from "./docs.ts";
import { ACL_CATEGORIES, type CommandSpec, type CommandTable } from "./spec.ts";
import { allCommands, findCommand, findRequested } from "./table.ts";

const READING = { flags: ["loading", "stale"], categories: ["slow", "connection"] } as const;
const IN_ANY_ORDER = ["nondeterministic_output_order"];
const WHOLE_COMMAND = [textWord("command"), textWord("arg", { ...OPTIONAL, ...MULTIPLE })];
const COMMAND_NAMES = [textWord("command-name", { ...OPTIONAL, ...MULTIPLE })];

/** COMMAND and its subcommands: the table as clients see it. */
export const commandCommand = container({
  name: "command",
  arity: -1,
  ...READING,
  tips: IN_ANY_ORDER,
  since: "2.8.13",
  summary: "Describes every command.",
  complexity: per("commands"),
  help: [["(no subcommand)", "Describe every command."]],
  run: ({ ctx }) => array([...ctx.commands.values()].map(describe)),
  order: ["count help docs info list getkeys getkeysandflags"],
  helpOrder: ["count list info docs getkeys getkeysandflags"],
  helpCommand: { since: "5.0.0", categories: READING.categories },
  subcommands: [
    {
      name: "count",
      arity: 2,
      ...READING,
      since: "2.8.13",
      summary: "Counts the commands.",
      help: [["COUNT", "Show the number of commands."]],
      run: ({ ctx }) => integer(ctx.commands.size),
    },
    {
      name: "list",
      arity: -2,
      ...READING,
      tips: IN_ANY_ORDER,
      since: "7.0.0",
      summary: "Lists the names of the commands.",
      complexity: per("commands"),
      words: [
        oneOf(
          "filterby",
          [
            textWord("module-name", { token: "MODULE" }),
            textWord("category", { token: "ACLCAT" }),
            patternWord("pattern", { token: "PATTERN" }),
          ],
          { token: "FILTERBY", ...OPTIONAL },
        ),
      ],
      help: [["LIST", "Show the names of the commands, perhaps filtered by FILTERBY."]],
      run: list,
    },
    {
      name: "info",
      arity: -2,
      ...READING,
      tips: IN_ANY_ORDER,
      since: "2.8.13",
      summary: "Describes commands.",
      complexity: per("names given"),
      history: [["7.0.0", "Describes every command when none is named."]],
      words: COMMAND_NAMES,
      help: [["INFO [<command-name> ...]", "Describe these commands, or every one."]],
      run: info,
    },
    {
      name: "docs",
      arity: -2,
      ...READING,
      tips: IN_ANY_ORDER,
      since: "7.0.0",
      summary: "Documents commands.",
      complexity: per("names given"),
      words: COMMAND_NAMES,
      help: [["DOCS [<command-name> ...]", "Document these commands, or every one."]],
      run: docs,
    },
    {
      name: "getkeys",
      arity: -3,
      ...READING,
      since: "2.8.13",
      summary: "Shows the keys in a whole command.",
      words: WHOLE_COMMAND,
      help: [["GETKEYS <full-command>", "Show the keys in a whole command."]],
      run: getKeys,
    },
    {
      name: "getkeysandflags",
      arity: -3,
      ...READING,
      since: "7.0.0",
      summary: "Shows the keys in a whole command and their use.",
      words: WHOLE_COMMAND,
      help: [
        [
          "GETKEYSANDFLAGS <full-command>",
          "Show the keys in a whole command and how they are used.",
        ],
      ],
      run: getKeys,
    },
  ],
});

function info({ ctx, args }: Call): Outcome {
  if (args.length === 2) return array([...ctx.commands.values()].map(describe));
  // The answers stand in the order of the names, so that a repeated one cannot be left out.
  if (args.length - 2 > MAX_COMMAND_NAMES) return error("ERR too many command names");
  return array(args.slice(2).map((name) => describeNamed(ctx.commands, name)));
}

function describeNamed(table: CommandTable, name: string): Reply {
  const spec = findCommand(table, name);
  return spec === undefined ? NIL : describe(spec);
}

/** The entry of a command never changes. */
const DESCRIPTIONS = new WeakMap<CommandSpec, Reply>();

function describe(spec: CommandSpec): Reply {
  const known = DESCRIPTIONS.get(spec) ?? entryOf(spec);
  DESCRIPTIONS.set(spec, known);
  return known;
}

/** The ten elements of an entry; no command of a Sentinel has keys. */
function entryOf(spec: CommandSpec): Reply {
  return array([
    bulk(spec.fullName),
    integer(spec.arity),
    set(spec.flags.map(status)),
    integer(0),
    integer(0),
    integer(0),
    set(spec.categories.map((category) => status(`@${category}`))),
    set(spec.tips.map(bulk)),
    set([]),
    subcommandsOf(spec),
  ]);
}

/** The reference says "none" with an empty set, and some with an array. */
function subcommandsOf({ subcommands }: CommandSpec): Reply {
  return subcommands.size === 0 ? set([]) : array([...subcommands.values()].map(describe));
}

function set(items: readonly Reply[]): Reply {
  return { type: "set", items };
}

/** `LIST [FILTERBY MODULE m|ACLCAT c|PATTERN p]`. */
function list({ ctx, args }: Call): Outcome {
  const [, , filterBy, kind = "", value, ...more] = args;
  const listed = allCommands(ctx.commands).filter(({ isListed }) => isListed);
  if (filterBy === undefined) return names(listed);
  if (filterBy.toUpperCase() !== "FILTERBY" || value === undefined || more.length > 0) {
    return SYNTAX_ERROR;
  }
  const accepts = filterOf(kind, value);
  return accepts === null ? SYNTAX_ERROR : names(listed.filter(accepts));
}

function names(specs: readonly CommandSpec[]): Reply {
  return array(specs.map((spec) => bulk(spec.fullName)));
}

function filterOf(kind: string, value: string): ((spec: CommandSpec) => boolean) | null {
  const text = value.toLowerCase();
  switch (kind.toUpperCase()) {
    case "MODULE":
      return () => false;
    case "ACLCAT":
      return ACL_CATEGORIES.some((category) => category === text)
        ? (spec) => spec.categories.some((category) => category === text)
        : () => false;
    case "PATTERN": {
      const matches = globMatcher(text);
      return (spec) => matches(spec.fullName);
    }
    default:
      return null;
  }
}

/** A command that is named more than once is documented once: the reply is a map. */
function docs({ ctx, args }: Call): Outcome {
  const specs =
    args.length === 2 ? new Set(ctx.commands.values()) : findNamed(ctx.commands, args.slice(2));
  return map([...specs].map((spec) => [bulk(spec.fullName), documentCommand(spec)]));
}

function findNamed(table: CommandTable, names: readonly string[]): Set<CommandSpec> {
  const found = new Set<CommandSpec>();
  for (const name of names) {
    const spec = findCommand(table, name);
    if (spec !== undefined) found.add(spec);
  }
  return found;
}

function getKeys({ ctx, args }: Call): Outcome {
  return findRequested(ctx.commands, args.slice(2)) === undefined
    ? error("ERR Invalid command specified")
    : error("ERR The command has no key arguments");
}
