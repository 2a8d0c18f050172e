import type { AclCommands } from "../acl/commands.ts";
import { ACL_CATEGORIES, type CommandTable } from "./commands/spec.ts";
import { STANDARD_COMMANDS } from "./commands/standard.ts";
import { allCommands, commandsIn, findCommand } from "./commands/table.ts";

/**
 * What the rules of users may name. A renamed command keeps its own name, too: the canonical text
 * uses it and must load again.
 */
export function aclTable(commands: CommandTable): AclCommands {
  const named: CommandTable = new Map([...STANDARD_COMMANDS, ...commands]);
  return {
    find: (fullName) => findCommand(named, fullName),
    all: () => allCommands(named),
    inCategory: (name) =>
      ACL_CATEGORIES.some((known) => known === name) ? commandsIn(named, name) : undefined,
  };
}

/** While a file is read, before its `rename-command` lines have their effect. */
export const STANDARD_ACL_TABLE: AclCommands = aclTable(STANDARD_COMMANDS);
