import type { CommandSpec, CommandTable } from "./spec.ts";

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
    known.get(category) ??
    allCommands(table).filter((spec) => spec.categories.some((one) => one === category));
  known.set(category, found);
  return found;
}

const CATEGORIES_OF = new WeakMap<CommandTable, Map<string, readonly CommandSpec[]>>();

export function arityAccepts(spec: CommandSpec, words: number): boolean {
  return spec.arity >= 0 ? words === spec.arity : words >= -spec.arity;
}
