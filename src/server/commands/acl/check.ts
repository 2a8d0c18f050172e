import { randomBytes } from "node:crypto";
import { checkPermission } from "../../../acl/permission.ts";
import { strictInteger } from "../../../base/integers.ts";
import { array, bulk, error, OK, type Reply } from "../../../base/reply.ts";
import type { ServerContext } from "../../context.ts";
import { NOT_AN_INTEGER, wrongArity, wrongSubcommandArguments } from "../../replies.ts";
import type { Outcome } from "../../request.ts";
import { integerWord, MULTIPLE, OPTIONAL, textWord } from "../arguments.ts";
import type { Call } from "../call.ts";
import { per } from "../docs.ts";
import { ACL_CATEGORIES, type Command, type CommandSpec } from "../spec.ts";
import { arityAccepts, commandsIn, findRequested } from "../table.ts";
import { ADMINISTRATIVE, HARMLESS } from "./rights.ts";

const MAX_PASSWORD_BITS = 4096;

/** What helps to write rules and to try them. */
export const checkingCommands: readonly Command[] = [
  {
    name: "cat",
    arity: -2,
    ...HARMLESS,
    since: "6.0.0",
    summary: "Lists the categories, or the commands of one.",
    complexity: per("commands"),
    words: [textWord("category", OPTIONAL)],
    help: [["CAT [<category>]", "Show the categories, or the commands of one."]],
    run: listCategory,
  },
  {
    name: "genpass",
    arity: -2,
    ...HARMLESS,
    since: "6.0.0",
    summary: "Makes a random password.",
    words: [integerWord("bits", OPTIONAL)],
    help: [["GENPASS [<bits>]", "Make a random password, of 256 bits unless told."]],
    run: generatePassword,
  },
  {
    name: "dryrun",
    arity: -4,
    ...ADMINISTRATIVE,
    since: "7.0.0",
    summary: "Tells whether a user may run a command, without running it.",
    words: [
      textWord("username"),
      textWord("command"),
      textWord("arg", { ...OPTIONAL, ...MULTIPLE }),
    ],
    help: [
      ["DRYRUN <username> <command> [<arg> ...]", "Tell whether the user may run the command."],
    ],
    run: dryRun,
  },
];

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

/** Four bits for each hexadecimal digit. */
function generatePassword({ args }: Call): Outcome {
  const [, typed = "", word = "256", ...more] = args;
  if (more.length > 0) return wrongSubcommandArguments("acl", typed);
  const bits = strictInteger(word);
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
