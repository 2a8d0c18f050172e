import { checkPermission } from "./acl.ts";
import { type CommandSpec, STANDARD_COMMANDS } from "./command-table.ts";
import type { ServerContext } from "./context.ts";
import type { Session } from "./session.ts";

/** Whoever listens to a channel that was just forbidden is closed, or would hear on. */
export function closeDeafened(ctx: ServerContext): void {
  for (const client of [...ctx.clients.values()]) {
    if (!mayKeepSubscriptions(client)) client.closeAfterReply();
  }
}

function mayKeepSubscriptions(client: Session): boolean {
  return (
    mayHear(client, STANDARD_COMMANDS.get("subscribe"), client.channels) &&
    mayHear(client, STANDARD_COMMANDS.get("psubscribe"), client.patterns)
  );
}

/** Only channels matter here: who lost the command itself may go on listening. */
function mayHear(
  { user }: Session,
  command: CommandSpec | undefined,
  names: ReadonlySet<string>,
): boolean {
  if (command === undefined || [user.root, ...user.selectors].some((part) => part.allChannels)) {
    return true;
  }
  return [...names].every(
    (name) => checkPermission(user, command, [command.fullName, name])?.reason !== "channel",
  );
}
