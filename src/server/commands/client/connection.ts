import { bulk, error, integer, NIL, OK } from "../../../base/reply.ts";
import { isClientName, isTooLongName } from "../../client-name.ts";
import { BAD_CLIENT_NAME, LONG_NAME, SYNTAX_ERROR } from "../../replies.ts";
import type { Outcome } from "../../request.ts";
import { oneOf, textWord, word } from "../arguments.ts";
import type { Call } from "../call.ts";
import type { Command } from "../spec.ts";
import { ALL_CONNECTIONS, OWN_CONNECTION } from "./rights.ts";

const ON_ALL_NODES = ["request_policy:all_nodes", "response_policy:all_succeeded"];

/** What a client says and asks of its own connection. */
export const connectionCommands: readonly Command[] = [
  {
    name: "id",
    arity: 2,
    ...OWN_CONNECTION,
    since: "5.0.0",
    summary: "Shows the id of this connection.",
    help: [["ID", "Show the id of this connection."]],
    run: ({ client }) => integer(client.id),
  },
  {
    name: "getname",
    arity: 2,
    ...OWN_CONNECTION,
    since: "2.6.9",
    summary: "Shows the name of this connection.",
    help: [["GETNAME", "Show the name of this connection."]],
    run: ({ client }) => (client.name === "" ? NIL : bulk(client.name)),
  },
  {
    name: "setname",
    arity: 3,
    ...OWN_CONNECTION,
    tips: ON_ALL_NODES,
    since: "2.6.9",
    summary: "Names this connection.",
    words: [textWord("connection-name")],
    help: [["SETNAME <name>", "Name this connection."]],
    run: setName,
  },
  {
    name: "setinfo",
    arity: 4,
    ...OWN_CONNECTION,
    tips: ON_ALL_NODES,
    since: "7.2.0",
    summary: "Tells the name or version of the client library.",
    words: [
      oneOf("attr", [
        textWord("libname", { token: "lib-name" }),
        textWord("libver", { token: "lib-ver" }),
      ]),
    ],
    help: [
      [
        "SETINFO <option> <value>",
        "Tell the client library's name (LIB-NAME) or version (LIB-VER).",
      ],
    ],
    run: setInfo,
  },
  {
    name: "reply",
    arity: 3,
    ...OWN_CONNECTION,
    since: "3.2.0",
    summary: "Chooses which commands of this connection are answered.",
    words: [oneOf("action", [word("ON"), word("OFF"), word("SKIP")])],
    help: [["REPLY (ON|OFF|SKIP)", "Choose which commands of this connection are answered."]],
    run: setReplyMode,
  },
  {
    name: "no-evict",
    arity: 3,
    ...ALL_CONNECTIONS,
    since: "7.0.0",
    summary: "Protects this connection from being closed to save memory.",
    words: [oneOf("enabled", [word("ON"), word("OFF")])],
    help: [["NO-EVICT (ON|OFF)", "Protect this connection from being closed to save memory."]],
    run: setNoEvict,
  },
];

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

function setNoEvict({ client, args }: Call): Outcome {
  const word = args[2]?.toUpperCase();
  if (word !== "ON" && word !== "OFF") return SYNTAX_ERROR;
  client.noEvict = word === "ON";
  return OK;
}
