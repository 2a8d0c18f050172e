import type { SetUserFailure } from "../acl/acl.ts";
import { loadAclFile } from "./acl-file.ts";
import type { ServerContext } from "./context.ts";

/** Loads `user` lines or the ACL file; the result is the operator's sentence of a failure. */
export function loadConfiguredUsers(ctx: ServerContext): string | null {
  const { users, aclfile } = ctx.config;
  if (users.length > 0 && aclfile !== null) {
    return "Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is invalid. Keep the users in one of the two places: as user lines of the configuration, or in the ACL file.";
  }
  for (const [name = "", ...rules] of users) {
    const failure = ctx.acl.setUser(name, name === "default" ? ["reset", ...rules] : rules);
    if (failure !== null) return describeFailure(name, failure);
  }
  if (aclfile === null) return null;
  const errors = loadAclFile(ctx, aclfile);
  return errors === null ? null : `Aborting Redis startup because of ACL errors: ${errors}`;
}

function describeFailure(name: string, { rule, reason }: SetUserFailure): string {
  if (reason === "unmatched parenthesis") {
    return `Unmatched parenthesis in acl selector starting at '${rule}'.`;
  }
  return `Error loading ACL rule '${hidePassword(rule)}' for the user named '${name}': ${reason}`;
}

/** The sentence ends up in a log. */
function hidePassword(rule: string): string {
  return /^[<>]/.test(rule) ? `${rule[0]}******` : rule;
}
