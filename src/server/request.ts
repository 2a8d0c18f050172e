import type { Reply } from "../base/reply.ts";
import type { ParsedRequest } from "../resp/request-parser.ts";
import type { CommandSpec, CommandTable } from "./commands/spec.ts";
import { findRequested } from "./commands/table.ts";

/**
 * A request with what the table says of its words. The parser may give the same object for the same
 * bytes again, so this is found out when it is executed first.
 */
export interface Request extends ParsedRequest {
  found?: Found;
}

/**
 * How a request was dealt with: a reply to send; `answered`: the handler wrote what there is to
 * write; `later`: `answer` was or will be called; `postponed`: execute it again after the pause.
 */
export type Outcome = Reply | "answered" | "later" | "postponed";

/** A command; or what is answered in place of one, to a browser nothing. */
export type Found =
  | {
      readonly type: "command";
      readonly spec: CommandSpec;
      /** As the core knows them, whatever `rename-command` calls the command. */
      readonly coreArgs: readonly string[];
    }
  | { readonly type: "unknown"; readonly reply: Reply }
  | { readonly type: "http" };

/** Whether the next request is likely the same. */
export function isRepeated(commands: CommandTable, args: readonly string[]): boolean {
  return findRequested(commands, args)?.isRepeated ?? false;
}
