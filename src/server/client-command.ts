import { bulk, error, integer, NIL, OK, type Reply } from "../core/reply.ts";
import type { Call, Handlers } from "./call.ts";
import { describeClient } from "./client-format.ts";
import { kill } from "./client-kill.ts";
import { caching, getRedirection, track, trackingInfo } from "./client-tracking.ts";
import { matchesType, parseClientType } from "./client-type.ts";
import { isClientName, isTooLongName } from "./connection-commands.ts";
import type { ServerContext } from "./context.ts";
import { endPause } from "./pause.ts";
import {
  BAD_CLIENT_NAME,
  LONG_NAME,
  parseInteger,
  SYNTAX_ERROR,
  wrongSubcommandArguments,
} from "./replies.ts";
import type { Outcome } from "./request.ts";
import type { Session } from "./session.ts";

/** Beyond this an end of the pause could not be told exactly. */
const MAX_PAUSE_MS = BigInt(Number.MAX_SAFE_INTEGER);

/** CLIENT and its subcommands [CMD-CLIENT]. */
export const clientCommands: Handlers = {
  "client|id": ({ client }) => integer(client.id),
  "client|getname": ({ client }) => (client.name === "" ? NIL : bulk(client.name)),
  "client|setname": setName,
  "client|setinfo": setInfo,
  "client|info": ({ ctx, client }) => lines(ctx, [client]),
  "client|list": list,
  "client|kill": kill,
  "client|reply": setReplyMode,
  "client|pause": pause,
  "client|unpause": unpause,
  "client|unblock": unblock,
  "client|no-evict": setNoEvict,
  "client|tracking": track,
  "client|trackinginfo": trackingInfo,
  "client|getredir": getRedirection,
  "client|caching": caching,
};

function setName({ client, args }: Call): Outcome {
  const name = args[2] ?? "";
  if (!isClientName(name)) return BAD_CLIENT_NAME;
  if (isTooLongName(name)) return LONG_NAME;
  client.name = name;
  return OK;
}

function setInfo({ client, args }: Call): Outcome {
  const [, , option = "", value = ""] = args;
  const field = option.toLowerCase();
  if (field !== "lib-name" && field !== "lib-ver") {
    return error(`ERR Unrecognized option '${option}'`);
  }
  if (!isClientName(value)) {
    return error(`ERR ${option} cannot contain spaces, newlines or special characters.`);
  }
  if (isTooLongName(value)) return LONG_NAME;
  if (field === "lib-name") client.libName = value;
  else client.libVersion = value;
  return OK;
}

/** A client that is named a thousand times is described once. */
function lines(ctx: ServerContext, clients: readonly Session[]): Reply {
  const described = new Map<Session, string>();
  let text = "";
  for (const client of clients) {
    const line = described.get(client) ?? `${describeClient(ctx, client)}\n`;
    described.set(client, line);
    text += line;
  }
  return { type: "verbatim", format: "txt", text };
}

/** `LIST [TYPE t] [ID id..]`: one of the two. */
function list({ ctx, args }: Call): Outcome {
  const [, , option, ...values] = args;
  const all = [...ctx.clients.values()];
  const word = option?.toUpperCase();
  if (word === undefined) return lines(ctx, all);
  if (word === "TYPE" && values.length === 1) {
    const type = parseClientType(values[0] ?? "");
    if (type === null) return error(`ERR Unknown client type '${values[0]}'`);
    return lines(
      ctx,
      all.filter((client) => matchesType(client, type)),
    );
  }
  if (word === "ID" && values.length > 0) return listById(ctx, values);
  return SYNTAX_ERROR;
}

function listById(ctx: ServerContext, words: readonly string[]): Reply {
  const found: Session[] = [];
  for (const word of words) {
    const id = parseInteger(word);
    if (id === null) return error("ERR Invalid client ID");
    const client = ctx.clients.get(Number(id));
    if (client !== undefined) found.push(client);
  }
  return lines(ctx, found);
}

/** Only ON is answered, as its own proof. */
function setReplyMode({ client, args }: Call): Outcome {
  switch (args[2]?.toUpperCase()) {
    case "ON":
      client.replyMode = "on";
      return OK;
    case "OFF":
      client.replyMode = "off";
      return "answered";
    case "SKIP":
      if (client.replyMode !== "off") client.replyMode = "skipNext";
      return "answered";
    default:
      return SYNTAX_ERROR;
  }
}

/** `PAUSE ms [WRITE|ALL]`. */
function pause({ ctx, args }: Call): Outcome {
  const [, , time = "", mode = "ALL", ...more] = args;
  if (more.length > 0) return wrongSubcommandArguments("client", args[1] ?? "");
  const word = mode.toLowerCase();
  if (word !== "write" && word !== "all") {
    return error("ERR CLIENT PAUSE mode must be WRITE or ALL");
  }
  const durationMs = parseInteger(time);
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
  return parseInteger(id) === null
    ? error("ERR value is not an integer or out of range")
    : integer(0);
}

function setNoEvict({ client, args }: Call): Outcome {
  const word = args[2]?.toUpperCase();
  if (word !== "ON" && word !== "OFF") return SYNTAX_ERROR;
  client.noEvict = word === "ON";
  return OK;
}
