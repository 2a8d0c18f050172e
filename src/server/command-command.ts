import { globMatcher } from "../core/glob.ts";
import { MAX_COMMAND_NAMES } from "../core/limits.ts";
import { array, bulk, error, integer, map, NIL, type Reply, status } from "../core/reply.ts";
import type { Call, Handlers } from "./call.ts";
import { documentCommand } from "./command-docs.ts";
import {
  ACL_CATEGORIES,
  allCommands,
  type CommandSpec,
  type CommandTable,
  findCommand,
  findRequested,
} from "./command-table.ts";
import { SYNTAX_ERROR } from "./replies.ts";
import type { Outcome } from "./request.ts";

/** COMMAND and its subcommands: the table as clients see it. */
export const commandCommands: Handlers = {
  command: ({ ctx }) => array([...ctx.commands.values()].map(describe)),
  "command|count": ({ ctx }) => integer(ctx.commands.size),
  "command|info": info,
  "command|list": list,
  "command|docs": docs,
  "command|getkeys": getKeys,
  "command|getkeysandflags": getKeys,
};

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
        ? (spec) => spec.categories.includes(text)
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
