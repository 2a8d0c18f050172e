import { error } from "../../base/reply.ts";
import { SYNTAX_ERROR } from "../replies.ts";
import type { Outcome } from "../request.ts";
import { OPTIONAL, oneOf, word } from "./arguments.ts";
import type { Call } from "./call.ts";
import { command } from "./define.ts";

export const roleCommand = command({
  name: "role",
  arity: 1,
  flags: ["noscript", "loading", "stale", "fast"],
  categories: ["admin", "fast", "dangerous"],
  since: "2.8.12",
  summary: "Shows that this is a Sentinel, and its masters.",
  isRepeated: true,
});

export const shutdownCommand = command({
  name: "shutdown",
  arity: -1,
  flags: ["admin", "noscript", "loading", "stale", "no_multi", "allow_busy"],
  categories: ["admin", "slow", "dangerous"],
  since: "1.0.0",
  summary: "Ends the process.",
  history: [["7.0.0", "Takes NOW, FORCE and ABORT."]],
  words: [
    oneOf("save-selector", [word("NOSAVE"), word("SAVE")], OPTIONAL),
    word("NOW", { since: "7.0.0", ...OPTIONAL }),
    word("FORCE", { since: "7.0.0", ...OPTIONAL }),
    word("ABORT", { since: "7.0.0", ...OPTIONAL }),
  ],
  run: shutdown,
});

/** `SHUTDOWN [NOSAVE|SAVE] [NOW] [FORCE] | ABORT`: there is nothing to save or to wait for [CMD-SHUTDOWN]. */
function shutdown({ ctx, args }: Call): Outcome {
  const words = args.slice(1).map((word) => word.toUpperCase());
  const known = words.every((word) => ["NOSAVE", "SAVE", "NOW", "FORCE", "ABORT"].includes(word));
  const aborts = words.includes("ABORT");
  const contradicts = words.includes("SAVE") && words.includes("NOSAVE");
  if (!known || contradicts || (aborts && words.some((word) => word !== "ABORT")))
    return SYNTAX_ERROR;
  if (aborts) return error("ERR No shutdown in progress.");
  ctx.host.shutdown();
  return "later";
}
