import { container } from "../define.ts";
import { OF_SUBCOMMAND } from "../docs.ts";
import { checkingCommands } from "./check.ts";
import { fileCommands } from "./file.ts";
import { logCommand } from "./log.ts";
import { HARMLESS } from "./rights.ts";
import { userCommands } from "./users.ts";

/** ACL and its subcommands [CMD-ACL]. */
export const aclCommand = container({
  name: "acl",
  arity: -2,
  flags: [],
  categories: ["slow"],
  since: "6.0.0",
  summary: "Holds the subcommands about users and permissions.",
  complexity: OF_SUBCOMMAND,
  order: ["cat genpass whoami help list load users save getuser log deluser setuser dryrun"],
  helpOrder: ["cat deluser dryrun getuser genpass list load log save setuser users whoami"],
  helpCommand: { since: "6.0.0", categories: HARMLESS.categories },
  subcommands: [...userCommands, ...checkingCommands, ...fileCommands, logCommand],
});
