import type { Denial } from "../acl/permission.ts";
import { MAX_ACL_LOG_TEXT_BYTES } from "../core/limits.ts";
import type { AclLogEntry } from "./acl-log.ts";
import { describeClient } from "./client-format.ts";
import type { CommandSpec } from "./commands/spec.ts";
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

/** No user has this name of a certificate, or he is off. */
export function logDeniedCertificate(ctx: ServerContext, client: Session, name: string): void {
  ctx.counters.deniedCertificate += 1;
  addEntry(ctx, client, "tls-cert", "", name);
}

function addEntry(
  ctx: ServerContext,
  client: Session,
  reason: AclLogEntry["reason"],
  object: string,
  username: string,
): void {
  const clientInfo = describeClient(ctx, client);
  const refusal = { reason, object: kept(object), username: kept(username), clientInfo };
  ctx.aclLog.add(refusal, Date.now());
}

/** A copy, which does not keep the request that it was cut out of. */
function kept(text: string): string {
  const short = text.slice(0, MAX_ACL_LOG_TEXT_BYTES);
  return Buffer.from(short, "latin1").toString("latin1");
}
