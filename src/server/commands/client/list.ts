import { strictInteger } from "../../../base/integers.ts";
import { error, type Reply } from "../../../base/reply.ts";
import type { ClientId } from "../../../core/input.ts";
import { describeClient } from "../../client-format.ts";
import type { ServerContext } from "../../context.ts";
import { SYNTAX_ERROR } from "../../replies.ts";
import type { Outcome } from "../../request.ts";
import type { Session } from "../../session.ts";
import { integerWord, MULTIPLE, OPTIONAL, oneOf, word } from "../arguments.ts";
import type { Call } from "../call.ts";
import { per } from "../docs.ts";
import type { Command } from "../spec.ts";
import { ALL_CONNECTIONS, OWN_CONNECTION } from "./rights.ts";
import { matchesType, parseClientType } from "./type.ts";

const VARIES = ["nondeterministic_output"];

export const listCommands: readonly Command[] = [
  {
    name: "info",
    arity: 2,
    ...OWN_CONNECTION,
    tips: VARIES,
    since: "6.2.0",
    summary: "Shows what the server knows about this connection.",
    help: [["INFO", "Show what the server knows about this connection."]],
    run: ({ ctx, client }) => lines(ctx, [client]),
  },
  {
    name: "list",
    arity: -2,
    ...ALL_CONNECTIONS,
    tips: VARIES,
    since: "2.4.0",
    summary: "Shows the connections, one line each.",
    complexity: per("clients"),
    history: [
      ["2.8.12", "Shows id."],
      ["5.0.0", "Takes TYPE."],
      ["6.0.0", "Shows user."],
      ["6.2.0", "Shows argv-mem, tot-mem, laddr and redir, and takes ID."],
      ["7.0.0", "Shows resp, multi-mem, rbs and rbp."],
      ["7.0.3", "Shows ssub."],
    ],
    words: [
      oneOf(
        "client-type",
        ["normal", "master", "replica", "pubsub"].map((type) => word(type)),
        {
          token: "TYPE",
          since: "5.0.0",
          ...OPTIONAL,
        },
      ),
      integerWord("client-id", { token: "ID", since: "6.2.0", ...OPTIONAL, ...MULTIPLE }),
    ],
    help: [
      [
        "LIST [options ...]",
        "Show the clients, one line each:",
        "* TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
        "  Only those of this type.",
        "* ID <id> [<id> ...]",
        "  Only these.",
      ],
    ],
    run: list,
  },
];

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
    const id = strictInteger(word);
    if (id === null) return error("ERR Invalid client ID");
    const client = ctx.clients.get(Number(id) as ClientId);
    if (client !== undefined) found.push(client);
  }
  return lines(ctx, found);
}
