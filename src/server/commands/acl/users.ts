import { DEFAULT_USER, type SetUserFailure } from "../../../acl/acl.ts";
import {
  type AclUser,
  describeChannels,
  describeCommands,
  describeKeys,
  hasSpaces,
  type Selector,
  userFlags,
} from "../../../acl/user.ts";
import { array, bulk, error, integer, map, NIL, OK, type Reply } from "../../../base/reply.ts";
import { MAX_ACL_RULES, MAX_ACL_USERS } from "../../../core/limits.ts";
import { closeDeafened } from "../../acl-subscribers.ts";
import { isTooLongName } from "../../client-name.ts";
import { LONG_NAME } from "../../replies.ts";
import type { Outcome } from "../../request.ts";
import { MULTIPLE, OPTIONAL, textWord } from "../arguments.ts";
import type { Call } from "../call.ts";
import { per } from "../docs.ts";
import type { Command } from "../spec.ts";
import { ADMINISTRATIVE, HARMLESS, ON_ALL_NODES } from "./rights.ts";

export const userCommands: readonly Command[] = [
  {
    name: "whoami",
    arity: 2,
    ...HARMLESS,
    since: "6.0.0",
    summary: "Shows the user of this connection.",
    help: [["WHOAMI", "Show the user of this connection."]],
    run: ({ client }) => bulk(client.user.name),
  },
  {
    name: "users",
    arity: 2,
    ...ADMINISTRATIVE,
    since: "6.0.0",
    summary: "Lists the names of the users.",
    complexity: per("users"),
    help: [["USERS", "Show the names of the users."]],
    run: ({ ctx }) => array(ctx.acl.users().map((user) => bulk(user.name))),
  },
  {
    name: "list",
    arity: 2,
    ...ADMINISTRATIVE,
    since: "6.0.0",
    summary: "Shows every user as a line of the configuration file.",
    complexity: per("users"),
    help: [["LIST", "Show every user as a line of the configuration file."]],
    run: ({ ctx }) => array(ctx.acl.lines().map((line) => bulk(`user ${line}`))),
  },
  {
    name: "getuser",
    arity: 3,
    ...ADMINISTRATIVE,
    since: "6.0.0",
    summary: "Shows what a user may do.",
    history: [
      ["6.2.0", "Shows the channel patterns."],
      ["7.0.0", "Shows selectors, and keys and channels as text of their rules."],
    ],
    words: [textWord("username")],
    help: [["GETUSER <username>", "Show what a user may do."]],
    run: getUser,
  },
  {
    name: "setuser",
    arity: -3,
    ...ADMINISTRATIVE,
    tips: ON_ALL_NODES,
    since: "6.0.0",
    summary: "Creates a user or changes its rules.",
    history: [
      ["6.2.0", "Takes channel patterns."],
      ["7.0.0", "Takes selectors and key permissions."],
    ],
    words: [textWord("username"), textWord("rule", { ...OPTIONAL, ...MULTIPLE })],
    help: [["SETUSER <username> <attribute> [<attribute> ...]", "Create a user or change it."]],
    run: setUser,
  },
  {
    name: "deluser",
    arity: -3,
    ...ADMINISTRATIVE,
    tips: ON_ALL_NODES,
    since: "6.0.0",
    summary: "Deletes users and closes their connections.",
    complexity: per("clients"),
    words: [textWord("username", MULTIPLE)],
    help: [["DELUSER <username> [<username> ...]", "Delete users and close their connections."]],
    run: deleteUsers,
  },
];

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

/** Connections of the user keep it, with what it may do from now on. */
function setUser({ ctx, args }: Call): Outcome {
  const [, , name = "", ...rules] = args;
  if (hasSpaces(name)) return error("ERR Usernames can't contain spaces or null characters");
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
