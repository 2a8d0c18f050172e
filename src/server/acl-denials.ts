import type { Denial } from "./acl.ts";
import { describeClient } from "./client-format.ts";
import type { CommandSpec } from "./command-table.ts";
import type { ServerContext } from "./context.ts";
import type { Session } from "./session.ts";

/** Counts a refusal and keeps it for ACL LOG. */
export function logDenial(
  ctx: ServerContext,
  client: Session,
  spec: CommandSpec,
  denial: Denial,
): void {
  if (denial.reason === "channel") ctx.counters.deniedChannel += 1;
  else ctx.counters.deniedCommand += 1;
  const object = denial.reason === "channel" ? denial.channel : spec.fullName;
  addEntry(ctx, client, denial.reason, object, client.user.name);
}

/** `typed` is the command's name as the client wrote it, AUTH or HELLO. */
export function logFailedAuth(
  ctx: ServerContext,
  client: Session,
  typed: string,
  username: string,
): void {
  ctx.counters.deniedAuth += 1;
  addEntry(ctx, client, "auth", typed, username);
}

function addEntry(
  ctx: ServerContext,
  client: Session,
  reason: Denial["reason"] | "auth",
  object: string,
  username: string,
): void {
  const clientInfo = describeClient(ctx, client);
  ctx.aclLog.add({ reason, object, username, clientInfo }, Date.now());
}
