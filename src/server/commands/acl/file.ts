import { error, OK } from "../../../base/reply.ts";
import { reloadAclFile, saveAclFile } from "../../acl-file.ts";
import type { Outcome } from "../../request.ts";
import type { Call } from "../call.ts";
import { per } from "../docs.ts";
import type { Command } from "../spec.ts";
import { ADMINISTRATIVE, ON_ALL_NODES } from "./rights.ts";

const NO_ACL_FILE = error(
  "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.",
);

export const fileCommands: readonly Command[] = [
  {
    name: "load",
    arity: 2,
    ...ADMINISTRATIVE,
    since: "6.0.0",
    summary: "Reads the users from the ACL file again.",
    complexity: per("users"),
    help: [["LOAD", "Read the users from the ACL file again."]],
    run: load,
  },
  {
    name: "save",
    arity: 2,
    ...ADMINISTRATIVE,
    tips: ON_ALL_NODES,
    since: "6.0.0",
    summary: "Writes the users to the ACL file.",
    complexity: per("users"),
    help: [["SAVE", "Write the users to the ACL file."]],
    run: save,
  },
];

function load({ ctx }: Call): Outcome {
  const { aclfile } = ctx.config;
  if (aclfile === null) return NO_ACL_FILE;
  const errors = reloadAclFile(ctx, aclfile);
  return errors === null ? OK : error(`ERR ${errors}`);
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
