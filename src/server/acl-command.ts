import { randomBytes } from "node:crypto";
import { MAX_ACL_RULES, MAX_ACL_USERS } from "../core/limits.ts";
import { array, bulk, error, integer, map, NIL, OK, type Reply } from "../core/reply.ts";
import { checkPermission, DEFAULT_USER, type SetUserFailure } from "./acl.ts";
import { loadAclFile, saveAclFile } from "./acl-file.ts";
import type { AclLogEntry } from "./acl-log.ts";
import { closeDeafened } from "./acl-subscribers.ts";
import {
  type AclUser,
  describeChannels,
  describeCommands,
  describeKeys,
  type Selector,
  userFlags,
} from "./acl-user.ts";
import type { Call, Handlers } from "./call.ts";
import {
  ACL_CATEGORIES,
  arityAccepts,
  type CommandSpec,
  commandsIn,
  findRequested,
} from "./command-table.ts";
import { isTooLongName } from "./connection-commands.ts";
import type { ServerContext } from "./context.ts";
import {
  LONG_NAME,
  NOT_AN_INTEGER,
  parseInteger,
  wrongArity,
  wrongSubcommandArguments,
} from "./replies.ts";
import type { Outcome } from "./request.ts";

const MAX_PASSWORD_BITS = 4096;
const DEFAULT_LOG_ENTRIES = 10;
const NO_ACL_FILE = error(
  "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.",
);

/** ACL and its subcommands [CMD-ACL]. */
export const aclCommands: Handlers = {
  "acl|whoami": ({ client }) => bulk(client.user.name),
  "acl|users": ({ ctx }) => array(ctx.acl.users().map((user) => bulk(user.name))),
  "acl|list": ({ ctx }) => array(ctx.acl.lines().map((line) => bulk(`user ${line}`))),
  "acl|getuser": getUser,
  "acl|cat": listCategory,
  "acl|setuser": setUser,
  "acl|deluser": deleteUsers,
  "acl|genpass": generatePassword,
  "acl|dryrun": dryRun,
  "acl|log": log,
  "acl|load": load,
  "acl|save": save,
};

function getUser({ ctx, args }: Call): Outcome {
  const user = ctx.acl.find(args[2] ?? "");
  return user === undefined ? NIL : describe(user);
}

function describe(user: AclUser): Reply {
  return map([
    [bulk("flags"), { type: "set", items: userFlags(user).map(bulk) }],
    [bulk("passwords"), array([...user.passwords].map(bulk))],
    ...describeSelector(user.root),
    [bulk("selectors"), array(user.selectors.map((selector) => map(describeSelector(selector))))],
  ]);
}

function describeSelector(selector: Selector): (readonly [Reply, Reply])[] {
  return [
    [bulk("commands"), bulk(describeCommands(selector))],
    [bulk("keys"), bulk(describeKeys(selector))],
    [bulk("channels"), bulk(describeChannels(selector))],
  ];
}

/** `CAT [category]`. */
function listCategory({ ctx, args }: Call): Outcome {
  const [, typed = "", category, ...more] = args;
  if (more.length > 0) return wrongSubcommandArguments("acl", typed);
  if (category === undefined) return array(ACL_CATEGORIES.map(bulk));
  const name = category.toLowerCase();
  if (!ACL_CATEGORIES.some((known) => known === name)) {
    return error(`ERR Unknown category '${category}'`);
  }
  const members = commandsIn(ctx.commands, name);
  return array(members.map((spec) => bulk(spec.fullName)));
}

/** Connections of the user keep it, with what it may do from now on. */
function setUser({ ctx, args }: Call): Outcome {
  const [, , name = "", ...rules] = args;
  if (/[ \t-\r\0]/.test(name))
    return error("ERR Usernames can't contain spaces or null characters");
  if (isTooLongName(name)) return LONG_NAME;
  if (ctx.acl.find(name) === undefined && ctx.acl.size >= MAX_ACL_USERS) {
    return error(
      `ERR there are ${ctx.acl.size} users, ACL SETUSER adds none above ${MAX_ACL_USERS}`,
    );
  }
  const failure = ctx.acl.setUser(name, rules, MAX_ACL_RULES);
  if (failure !== null) return error(`ERR ${describeFailure(failure)}`);
  closeDeafened(ctx);
  return OK;
}

function describeFailure({ rule, reason }: SetUserFailure): string {
  return reason === "unmatched parenthesis"
    ? `Unmatched parenthesis in acl selector starting at '${rule}'.`
    : `Error in ACL SETUSER modifier '${rule}': ${reason}`;
}

function deleteUsers({ ctx, args }: Call): Outcome {
  const names = args.slice(2);
  if (names.includes(DEFAULT_USER)) return error("ERR The 'default' user cannot be removed");
  const deleted = new Set(names.filter((name) => ctx.acl.deleteUser(name)));
  for (const client of [...ctx.clients.values()]) {
    if (deleted.has(client.user.name)) client.closeAfterReply();
  }
  return integer(deleted.size);
}

/** Four bits for each hexadecimal digit. */
function generatePassword({ args }: Call): Outcome {
  const [, typed = "", word = "256", ...more] = args;
  if (more.length > 0) return wrongSubcommandArguments("acl", typed);
  const bits = parseInteger(word);
  if (bits === null) return NOT_AN_INTEGER;
  if (bits <= 0n || bits > MAX_PASSWORD_BITS) {
    return error(
      "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096",
    );
  }
  const digits = Math.ceil(Number(bits) / 4);
  return bulk(randomBytes(digits).toString("hex").slice(0, digits));
}

/** Says what a user would be answered, without executing anything. */
function dryRun({ ctx, args }: Call): Outcome {
  const [, , name = "", ...words] = args;
  const user = ctx.acl.find(name);
  if (user === undefined) return error(`ERR User '${name}' not found`);
  const spec = findSpec(ctx, words);
  if ("type" in spec) return spec;
  if (!arityAccepts(spec, words.length)) return wrongArity(spec.fullName);
  const denial = checkPermission(user, spec, words);
  if (denial === null) return OK;
  return denial.reason === "channel"
    ? bulk(`User ${name} has no permissions to access the '${denial.channel}' channel`)
    : bulk(`User ${name} has no permissions to run the '${spec.fullName}' command`);
}

function findSpec(ctx: ServerContext, words: readonly string[]): CommandSpec | Reply {
  const [name = ""] = words;
  return findRequested(ctx.commands, words) ?? error(`ERR Command '${name}' not found`);
}

/** `LOG [count|RESET]`. */
function log({ ctx, args }: Call): Outcome {
  const [, typed = "", word, ...more] = args;
  if (more.length > 0) return wrongSubcommandArguments("acl", typed);
  if (word?.toLowerCase() === "reset") {
    ctx.aclLog.clear();
    return OK;
  }
  const count = word === undefined ? BigInt(DEFAULT_LOG_ENTRIES) : parseInteger(word);
  if (count === null) return NOT_AN_INTEGER;
  const entries = ctx.aclLog.latest(count < 0n ? 0 : Number(count));
  return array(entries.map((entry) => describeEntry(entry, Date.now())));
}

function describeEntry(entry: AclLogEntry, nowUnixMs: number): Reply {
  const ageSeconds = (nowUnixMs - entry.updatedAtUnixMs) / 1000;
  return map([
    [bulk("count"), integer(entry.count)],
    [bulk("reason"), bulk(entry.reason)],
    [bulk("context"), bulk("toplevel")],
    [bulk("object"), bulk(entry.object)],
    [bulk("username"), bulk(entry.username)],
    [bulk("age-seconds"), { type: "double", text: `${ageSeconds}` }],
    [bulk("client-info"), bulk(entry.clientInfo)],
    [bulk("entry-id"), integer(entry.id)],
    [bulk("timestamp-created"), integer(entry.createdAtUnixMs)],
    [bulk("timestamp-last-updated"), integer(entry.updatedAtUnixMs)],
  ]);
}

/** Connections of users that are gone must not act as them any more; the others follow. */
function load({ ctx }: Call): Outcome {
  const { aclfile } = ctx.config;
  if (aclfile === null) return NO_ACL_FILE;
  const errors = loadAclFile(ctx, aclfile);
  if (errors !== null) return error(`ERR ${errors}`);
  for (const client of [...ctx.clients.values()]) {
    const user = ctx.acl.find(client.user.name);
    if (user === undefined) client.closeAfterReply();
    else client.user = user;
  }
  closeDeafened(ctx);
  return OK;
}

function save({ ctx }: Call): Outcome {
  const { aclfile } = ctx.config;
  if (aclfile === null) return NO_ACL_FILE;
  return saveAclFile(ctx, aclfile)
    ? OK
    : error(
        "ERR There was an error trying to save the ACLs. Please check the server logs for more information",
      );
}
