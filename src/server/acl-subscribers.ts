import { checkPermission } from "../acl/permission.ts";
import { psubscribeCommand, subscribeCommand } from "./commands/pubsub.ts";
import type { CommandSpec } from "./commands/spec.ts";
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
    mayHear(client, subscribeCommand, client.channels) &&
    mayHear(client, psubscribeCommand, client.patterns)
  );
}

/** Only channels matter here: who lost the command itself may go on listening. */
function mayHear({ user }: Session, command: CommandSpec, names: ReadonlySet<string>): boolean {
  if ([user.root, ...user.selectors].some((part) => part.allChannels)) return true;
  return [...names].every(
    (name) => checkPermission(user, command, [command.fullName, name])?.reason !== "channel",
  );
}
