import { isList, rowOf } from "../../quorum/rows.ts";
import type { Client } from "../connect/client.ts";
import { Refusal } from "../connect/errors.ts";
import { shown } from "../shown.ts";
import { type Account, hashOf, type Secret } from "./secret.ts";

const DEFAULT_USER = "default";

/** @throws Refusal if the password cannot be changed there. */
export async function accountOf(client: Client, secret: Secret): Promise<Account> {
  const answer = await client.call(["ACL", "GETUSER", secret.user]);
  if (!isList(answer)) throw new Refusal(`it knows no user ${shown(secret.user)}`);
  const at = answer.indexOf("passwords");
  const listed = answer[at + 1];
  const hashes = isList(listed) ? listed : [];
  const flags = answer[answer.indexOf("flags") + 1];
  if (isList(flags) && flags.includes("nopass")) {
    throw new Refusal(
      `user ${shown(secret.user)} needs no password there: give it the old one first`,
    );
  }
  const hasOld = hashes.includes(hashOf(secret.old));
  const hasNext = hashes.includes(hashOf(secret.next));
  if (!hasOld && !hasNext) {
    throw new Refusal(`it knows neither the old nor the new password of ${shown(secret.user)}`);
  }
  return { hasOld, hasNext, others: hashes.length - Number(hasOld) - Number(hasNext) };
}

export async function accept(client: Client, { user, next }: Secret): Promise<void> {
  await client.call(["ACL", "SETUSER", user, `#${hashOf(next)}`]);
}

/** Takes the old one away; where it is the default user's only one, `requirepass` becomes the new one. */
export async function removeFromServer(
  client: Client,
  { user, old, next }: Secret,
  { others }: Account,
): Promise<void> {
  const aclFile = rowOf(await client.call(["CONFIG", "GET", "aclfile"])).text("aclfile");
  if (user === DEFAULT_USER && others === 0 && aclFile === "") {
    await client.call(["CONFIG", "SET", "requirepass", next]);
  } else await client.call(["ACL", "SETUSER", user, `!${hashOf(old)}`]);
}

/** A C Sentinel keeps its `requirepass` line, which its own `user` line overrules. */
export async function removeFromSentinel(
  client: Client,
  { user, old, next }: Secret,
  { others }: Account,
  isOurs: boolean,
): Promise<void> {
  if (isOurs && user === DEFAULT_USER && others === 0 && !(await hasAclFile(client))) {
    await client.call(["SENTINEL", "CONFIG", "SET", "requirepass", next]);
  } else await client.call(["ACL", "SETUSER", user, `!${hashOf(old)}`]);
}

/** Puts it on disk; null, or why it is not there. @throws NoAnswer */
export async function saveServer(client: Client): Promise<string | null> {
  return await save(client, ["CONFIG", "REWRITE"]);
}

export async function saveSentinel(client: Client): Promise<string | null> {
  return await save(client, ["SENTINEL", "FLUSHCONFIG"]);
}

async function save(client: Client, otherwise: readonly string[]): Promise<string | null> {
  try {
    if (!(await hasAclFile(client))) await client.call(otherwise);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return `it is not in its file, change that: ${error.message}`;
    throw error;
  }
}

/** Saved to it, if there is one. */
async function hasAclFile(client: Client): Promise<boolean> {
  try {
    await client.call(["ACL", "SAVE"]);
    return true;
  } catch (error) {
    if (error instanceof Refusal && /not configured to use an ACL file/i.test(error.message)) {
      return false;
    }
    throw error;
  }
}
