import { readFileSync } from "node:fs";
import { Acl, DEFAULT_USER, type SetUserFailure } from "../acl/acl.ts";
import { UNKNOWN_NAME } from "../acl/selector-rules.ts";
import { type AclUser, hasSpaces, userForAclFile } from "../acl/user.ts";
import { textOf } from "../base/bytes.ts";
import { strerror } from "../base/errno.ts";
import { trimLine } from "../base/tokenize.ts";
import { closeDeafened } from "./acl-subscribers.ts";
import type { ServerContext } from "./context.ts";

interface Loading {
  readonly loaded: Acl;
  /** Names so far. */
  readonly seen: Set<string>;
  readonly path: string;
}

const UNCHANGED =
  "WARNING: ACL errors detected, no change to the previously active ACL rules was performed";

/** Replaces all users by those of the file, or none: then the result says what is wrong. */
export function loadAclFile(ctx: ServerContext, path: string): string | null {
  const text = readText(path);
  if (typeof text === "object") {
    return `Error loading ACLs, opening file '${path}': ${text.message}`;
  }
  const errors: string[] = [];
  const loaded = new Acl(ctx.aclCommands, { ...ctx.config, requirepass: null });
  const seen = new Set<string>();
  const loading = { loaded, seen, path };
  for (const [index, line] of text.split("\n").entries()) {
    const error = loadLine(loading, trimLine(line), index + 1);
    if (error !== null) errors.push(error);
  }
  if (errors.length > 0) return errors.join("") + UNCHANGED;
  ctx.acl.replaceAll(loaded.users().filter((user: AclUser) => seen.has(user.name)));
  return null;
}

/**
 * The same while clients are connected: those of users that are gone must not act as them any more; the others
 * follow.
 */
export function reloadAclFile(ctx: ServerContext, path: string): string | null {
  const errors = loadAclFile(ctx, path);
  if (errors !== null) return errors;
  for (const client of [...ctx.clients.values()]) {
    const user = ctx.acl.find(client.user.name);
    if (user === undefined) client.closeAfterReply();
    else client.user = user;
  }
  closeDeafened(ctx);
  return null;
}

/** Writes every user; a reader never sees half of it. */
export function saveAclFile(ctx: ServerContext, pathBytes: string): boolean {
  const text = ctx.acl.users().map((user) => `user ${userForAclFile(user)}\n`);
  try {
    ctx.host.writeAclFile(textOf(pathBytes), Buffer.from(text.join(""), "latin1"));
    return true;
  } catch (cause) {
    ctx.host.log("warning", `The ACL file could not be saved: ${strerror(cause)}`);
    return false;
  }
}

function readText(path: string): string | { readonly message: string } {
  try {
    return readFileSync(textOf(path), "latin1");
  } catch (cause) {
    return { message: strerror(cause) };
  }
}

/** What is wrong with a line, in the words of the reference; null: nothing. */
function loadLine({ loaded, seen, path }: Loading, line: string, number: number): string | null {
  // No comments: the reference refuses them, and ACL SAVE would drop them.
  if (line === "") return null;
  const where = `${path}:${number}`;
  // As the reference: one space ends a word, quotes mean nothing, and a name may be empty.
  const [keyword, name, ...rules] = line.split(" ");
  if (keyword !== "user" || name === undefined) {
    return `${where} should start with user keyword followed by the username. `;
  }
  if (hasSpaces(name)) return `${where}: username '${name}' contains invalid characters. `;
  if (seen.has(name)) return `WARNING: Duplicate user '${name}' found on line ${number}. `;
  seen.add(name);
  const failure = loaded.setUser(name, name === DEFAULT_USER ? ["reset", ...rules] : rules);
  return failure === null ? null : `${where}: ${describeFailure(failure)}. `;
}

function describeFailure({ rule, reason }: SetUserFailure): string {
  return reason === UNKNOWN_NAME ? `Error in applying operation '${rule}': ${reason}` : reason;
}
