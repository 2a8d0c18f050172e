import { strictInteger } from "../../../base/integers.ts";
import { error, integer, OK } from "../../../base/reply.ts";
import { endPause } from "../../pause.ts";
import { wrongSubcommandArguments } from "../../replies.ts";
import type { Outcome } from "../../request.ts";
import { integerWord, OPTIONAL, oneOf, word } from "../arguments.ts";
import type { Call } from "../call.ts";
import { per } from "../docs.ts";
import type { Command } from "../spec.ts";
import { ALL_CONNECTIONS } from "./rights.ts";

/** What holds clients back, and frees them. */
export const pauseCommands: readonly Command[] = [
  {
    name: "pause",
    arity: -3,
    ...ALL_CONNECTIONS,
    since: "3.0.0",
    summary: "Holds the commands of all clients back for a time.",
    history: [["6.2.0", "Takes a mode, WRITE among them."]],
    words: [
      integerWord("timeout"),
      oneOf("mode", [word("WRITE"), word("ALL")], { since: "6.2.0", ...OPTIONAL }),
    ],
    help: [
      [
        "PAUSE <timeout> [WRITE|ALL]",
        "Hold the commands of all clients back for some milliseconds.",
      ],
    ],
    run: pause,
  },
  {
    name: "unpause",
    arity: 2,
    ...ALL_CONNECTIONS,
    since: "6.2.0",
    summary: "Ends a pause.",
    complexity: per("clients"),
    help: [["UNPAUSE", "End a pause."]],
    run: unpause,
  },
  {
    name: "unblock",
    arity: -3,
    ...ALL_CONNECTIONS,
    since: "5.0.0",
    summary: "Frees a client that waits in a blocking command.",
    words: [
      integerWord("client-id"),
      oneOf("unblock-type", [word("TIMEOUT"), word("ERROR")], OPTIONAL),
    ],
    help: [
      ["UNBLOCK <clientid> [TIMEOUT|ERROR]", "Free a client that waits in a blocking command."],
    ],
    run: unblock,
  },
];

/** Beyond this an end of the pause could not be told exactly. */
const MAX_PAUSE_MS = BigInt(Number.MAX_SAFE_INTEGER);

/** `PAUSE ms [WRITE|ALL]`. */
function pause({ ctx, args }: Call): Outcome {
  const [, , time = "", mode = "ALL", ...more] = args;
  if (more.length > 0) return wrongSubcommandArguments("client", args[1] ?? "");
  const word = mode.toLowerCase();
  if (word !== "write" && word !== "all") {
    return error("ERR CLIENT PAUSE mode must be WRITE or ALL");
  }
  const durationMs = strictInteger(time);
  if (durationMs === null) return error("ERR timeout is not an integer or out of range");
  if (durationMs < 0n) return error("ERR timeout is negative");
  const now = ctx.host.now();
  if (durationMs > MAX_PAUSE_MS) return error("ERR timeout is out of range");
  const untilMs = now + Number(durationMs);
  // A running pause is never shortened or softened.
  const current = ctx.pause !== null && ctx.pause.untilMs > now ? ctx.pause : null;
  ctx.pause = {
    untilMs: Math.max(untilMs, current?.untilMs ?? untilMs),
    mode: current?.mode === "all" ? "all" : word,
  };
  return OK;
}

function unpause({ ctx }: Call): Outcome {
  endPause(ctx);
  return OK;
}

/** No command of a Sentinel blocks, so that there is never anybody to free. */
function unblock({ args }: Call): Outcome {
  const [, , id = "", reason = "TIMEOUT", ...more] = args;
  if (more.length > 0) return wrongSubcommandArguments("client", args[1] ?? "");
  if (!["TIMEOUT", "ERROR"].includes(reason.toUpperCase())) {
    return error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  }
  return strictInteger(id) === null
    ? error("ERR value is not an integer or out of range")
    : integer(0);
}
