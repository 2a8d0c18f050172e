import { error, OK, type Reply } from "../../base/reply.ts";
import type { Context } from "../context.ts";
import type { Input } from "../input.ts";

/** A command in execution. `args` are the words after the subcommand. */
export interface Call {
  readonly input: Input & { type: "command" };
  readonly args: readonly string[];
}

/** Answers now with a reply, or with null if a later step does. */
export type Handler = (ctx: Context, call: Call) => Reply | null;

/** By the lower-case names of subcommands. */
export type Handlers = Readonly<Record<string, Handler>>;

/** Writes the file, then answers: with `reply` if that succeeded, with the error if not [D-SAVE-REPLY]. */
export function replyOnceSaved(ctx: Context, call: Call, reply: Reply = OK): null {
  ctx.saveConfig = true;
  ctx.state.unsaved = true;
  ctx.state.awaitingSave.push({
    client: call.input.client,
    ifSaved: reply,
    ifFailed: error("ERR Failed to save config file. Check server logs."),
  });
  return null;
}
