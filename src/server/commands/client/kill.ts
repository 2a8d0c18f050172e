import { strictInteger } from "../../../base/integers.ts";
import { error, integer, OK, type Reply } from "../../../base/reply.ts";
import type { ServerContext } from "../../context.ts";
import { SYNTAX_ERROR } from "../../replies.ts";
import type { Outcome } from "../../request.ts";
import type { Session } from "../../session.ts";
import { integerWord, MULTIPLE, OPTIONAL, oneOf, textWord, word } from "../arguments.ts";
import type { Call } from "../call.ts";
import { per } from "../docs.ts";
import type { Command } from "../spec.ts";
import { ALL_CONNECTIONS } from "./rights.ts";
import { type ClientType, matchesType, parseClientType } from "./type.ts";

const IP_AND_PORT = { display: "ip:port" } as const;

export const killCommand: Command = {
  name: "kill",
  arity: -3,
  ...ALL_CONNECTIONS,
  since: "2.4.0",
  summary: "Closes connections.",
  complexity: per("clients"),
  history: [
    ["2.8.12", "Takes filters in place of an address."],
    ["2.8.12", "Takes ID."],
    ["3.2.0", "Knows the type master."],
    ["5.0.0", "Calls the type slave replica; the older name still works."],
    ["6.2.0", "Takes LADDR."],
    ["7.4.0", "Takes MAXAGE."],
  ],
  words: [
    oneOf("filter", [
      textWord("old-format", { ...IP_AND_PORT, deprecatedSince: "2.8.12" }),
      oneOf(
        "new-format",
        [
          integerWord("client-id", { token: "ID", since: "2.8.12", ...OPTIONAL }),
          oneOf(
            "client-type",
            [
              word("normal"),
              word("master", { since: "3.2.0" }),
              word("slave"),
              word("replica", { since: "5.0.0" }),
              word("pubsub"),
            ],
            { token: "TYPE", since: "2.8.12", ...OPTIONAL },
          ),
          textWord("username", { token: "USER", ...OPTIONAL }),
          textWord("addr", { ...IP_AND_PORT, token: "ADDR", ...OPTIONAL }),
          textWord("laddr", { ...IP_AND_PORT, token: "LADDR", since: "6.2.0", ...OPTIONAL }),
          oneOf("skipme", [word("YES"), word("NO")], { token: "SKIPME", ...OPTIONAL }),
          integerWord("maxage", { token: "MAXAGE", since: "7.4.0", ...OPTIONAL }),
        ],
        MULTIPLE,
      ),
    ]),
  ],
  help: [
    ["KILL <ip:port>", "Close the connection from this address."],
    [
      "KILL <option> <value> [<option> <value> [...]]",
      "Close every connection that fits all options:",
      "* ADDR (<ip:port>|<unixsocket>:0)",
      "  The client's end.",
      "* LADDR (<ip:port>|<unixsocket>:0)",
      "  Our end.",
      "* TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
      "  What it is used for.",
      "* USER <username>",
      "  Who is authenticated on it.",
      "* SKIPME (YES|NO)",
      "  Spare this connection; YES unless told.",
      "* ID <client-id>",
      "  Its id.",
      "* MAXAGE <maxage>",
      "  At least this many seconds old.",
    ],
  ],
  run: kill,
};

/** Whom the new form of CLIENT KILL means; what is absent fits everybody. */
interface Filter {
  id?: number;
  type?: ClientType;
  addr?: string;
  laddr?: string;
  user?: string;
  maxAgeSeconds?: number;
  skipSelf: boolean;
}

/** `KILL addr`, or `KILL {ID|MAXAGE|TYPE|ADDR|LADDR|USER|SKIPME value}..`. */
function kill(call: Call): Outcome {
  const { ctx, client, args } = call;
  if (args.length === 3) return killByAddress(call, args[2] ?? "");
  const filter = parseFilter(ctx, args.slice(2));
  if ("type" in filter && "text" in filter) return filter;
  const victims = [...ctx.clients.values()].filter((other) => fits(ctx, client, other, filter));
  for (const victim of victims) close(client, victim);
  return integer(victims.length);
}

function killByAddress({ ctx, client }: Call, addr: string): Outcome {
  const victim = [...ctx.clients.values()].find((other) => other.peer.addr === addr);
  if (victim === undefined) return error("ERR No such client");
  close(client, victim);
  return OK;
}

/** A client that names itself still gets its answer. */
function close(killer: Session, victim: Session): void {
  if (victim === killer) victim.closeAfterReply();
  else victim.destroy();
}

type Failure = Extract<Reply, { type: "error" }>;

function failure(text: string): Failure {
  return { type: "error", text };
}

function parseFilter(ctx: ServerContext, words: readonly string[]): Filter | Failure {
  const filter: Filter = { skipSelf: true };
  for (let i = 0; i < words.length; i += 2) {
    const [option = "", value] = words.slice(i, i + 2);
    const wrong = value === undefined ? syntaxError() : parseOption(ctx, filter, option, value);
    if (wrong !== null) return wrong;
  }
  return filter;
}

function syntaxError(): Failure {
  return SYNTAX_ERROR.type === "error" ? SYNTAX_ERROR : failure("ERR syntax error");
}

function parseOption(
  ctx: ServerContext,
  filter: Filter,
  option: string,
  value: string,
): Failure | null {
  switch (option.toUpperCase()) {
    case "ID":
      return parseId(filter, value);
    case "MAXAGE":
      return parseMaxAge(filter, value);
    case "TYPE":
      return parseType(filter, value);
    case "ADDR":
      filter.addr = value;
      return null;
    case "LADDR":
      filter.laddr = value;
      return null;
    case "USER":
      if (ctx.acl.find(value) === undefined) return failure(`ERR No such user '${value}'`);
      filter.user = value;
      return null;
    case "SKIPME":
      return parseSkipMe(filter, value);
    default:
      return syntaxError();
  }
}

function parseId(filter: Filter, text: string): Failure | null {
  const id = strictInteger(text);
  if (id === null || id <= 0n) return failure("ERR client-id should be greater than 0");
  filter.id = Number(id);
  return null;
}

function parseMaxAge(filter: Filter, text: string): Failure | null {
  const seconds = strictInteger(text);
  if (seconds === null) return failure("ERR maxage is not an integer or out of range");
  if (seconds <= 0n) return failure("ERR maxage should be greater than 0");
  filter.maxAgeSeconds = Number(seconds);
  return null;
}

function parseType(filter: Filter, word: string): Failure | null {
  const type = parseClientType(word);
  if (type === null) return failure(`ERR Unknown client type '${word}'`);
  filter.type = type;
  return null;
}

function parseSkipMe(filter: Filter, word: string): Failure | null {
  const answer = word.toLowerCase();
  if (answer !== "yes" && answer !== "no") return syntaxError();
  filter.skipSelf = answer === "yes";
  return null;
}

function fits(ctx: ServerContext, self: Session, other: Session, filter: Filter): boolean {
  const ageSeconds = (ctx.host.now() - other.connectedAtMs) / 1000;
  return (
    (filter.id ?? other.id) === other.id &&
    (filter.type === undefined || matchesType(other, filter.type)) &&
    (filter.addr ?? other.peer.addr) === other.peer.addr &&
    (filter.laddr ?? other.peer.laddr) === other.peer.laddr &&
    (filter.user ?? other.user.name) === other.user.name &&
    Math.floor(ageSeconds) >= (filter.maxAgeSeconds ?? 0) &&
    !(filter.skipSelf && other === self)
  );
}
