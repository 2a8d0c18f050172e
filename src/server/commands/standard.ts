import { aclCommand } from "./acl/acl.ts";
import { clientCommand } from "./client/client.ts";
import { commandCommand } from "./command.ts";
import { authCommand, helloCommand, pingCommand } from "./connection.ts";
import { infoCommand } from "./info.ts";
import { roleCommand, shutdownCommand } from "./process.ts";
import {
  psubscribeCommand,
  publishCommand,
  punsubscribeCommand,
  subscribeCommand,
  unsubscribeCommand,
} from "./pubsub.ts";
import { sentinelCommand } from "./sentinel/sentinel.ts";
import type { CommandTable } from "./spec.ts";

/** The commands under their own names, in the order of COMMAND. */
export const STANDARD_COMMANDS: CommandTable = new Map(
  [
    aclCommand,
    authCommand,
    clientCommand,
    commandCommand,
    helloCommand,
    infoCommand,
    pingCommand,
    psubscribeCommand,
    subscribeCommand,
    publishCommand,
    punsubscribeCommand,
    unsubscribeCommand,
    roleCommand,
    sentinelCommand,
    shutdownCommand,
  ].map((spec) => [spec.fullName, spec]),
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
