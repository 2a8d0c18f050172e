import { DEFAULT_USER } from "../../acl/acl.ts";
import { strictInteger } from "../../base/integers.ts";
import { array, bulk, error, integer, map, OK, type Reply, status } from "../../base/reply.ts";
import { logFailedAuth } from "../acl-denials.ts";
import { isClientName, isTooLongName } from "../client-name.ts";
import type { ServerContext } from "../context.ts";
import {
  BAD_CLIENT_NAME,
  LONG_NAME,
  SYNTAX_ERROR,
  WRONG_PASSWORD,
  wrongArity,
} from "../replies.ts";
import type { Outcome } from "../request.ts";
import type { Session } from "../session.ts";
import { block, integerWord, OPTIONAL, textWord } from "./arguments.ts";
import type { Call } from "./call.ts";
import { command } from "./define.ts";

const ANYBODY = {
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  categories: ["fast", "connection"],
} as const;

export const pingCommand = command({
  name: "ping",
  arity: -1,
  flags: ["fast"],
  categories: ["fast", "connection"],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  group: "connection",
  since: "1.0.0",
  summary: "Shows that the server is alive.",
  words: [textWord("message", OPTIONAL)],
  isForSubscribers: true,
  isRepeated: true,
  run: ping,
});

export const authCommand = command({
  name: "auth",
  arity: -2,
  ...ANYBODY,
  group: "connection",
  since: "1.0.0",
  summary: "Authenticates this connection.",
  history: [["6.0.0", "Takes a user name before the password."]],
  words: [textWord("username", { since: "6.0.0", ...OPTIONAL }), textWord("password")],
  run: auth,
});

export const helloCommand = command({
  name: "hello",
  arity: -1,
  ...ANYBODY,
  group: "connection",
  since: "6.0.0",
  summary: "Chooses the protocol, and may authenticate and name the connection.",
  history: [["6.2.0", "Needs no version; without one it shows the connection as it is."]],
  words: [
    block(
      "arguments",
      [
        integerWord("protover"),
        block("auth", [textWord("username"), textWord("password")], { token: "AUTH", ...OPTIONAL }),
        textWord("clientname", { token: "SETNAME", ...OPTIONAL }),
      ],
      OPTIONAL,
    ),
  ],
  run: hello,
});

const PONG = status("PONG");

function ping({ client, args, spec }: Call): Outcome {
  if (args.length > 2) return wrongArity(spec.fullName);
  const message = args[1];
  if (client.protocol === 2 && client.subscriptionCount > 0) {
    return array([bulk("pong"), bulk(message ?? "")]);
  }
  return message === undefined ? PONG : bulk(message);
}

function auth(call: Call): Outcome {
  const { ctx, args } = call;
  if (args.length > 3) return SYNTAX_ERROR;
  const [, first = "", second] = args;
  if (second !== undefined) return authenticate(call, first, second) ?? OK;
  if (ctx.acl.defaultUser.nopass) {
    return error(
      "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
    );
  }
  return authenticate(call, DEFAULT_USER, first) ?? OK;
}

/** Null: the connection now belongs to the user. */
function authenticate({ ctx, client, args }: Call, name: string, password: string): Reply | null {
  const user = ctx.acl.authenticate(name, password);
  if (user === null) {
    logFailedAuth(ctx, client, args[0] ?? "", name);
    return WRONG_PASSWORD;
  }
  client.user = user;
  client.authenticated = true;
  return null;
}

interface HelloOptions {
  auth?: readonly [name: string, password: string];
  name?: string;
}

/** `HELLO [ver [AUTH user pass] [SETNAME name]]`, evaluated in this order [WIRE-HELLO]. */
function hello(call: Call): Outcome {
  const { ctx, client, args } = call;
  const protocol = args[1] === undefined ? client.protocol : parseProtocol(args[1]);
  if (typeof protocol === "object") return protocol;
  const options = parseHelloOptions(args.slice(2));
  if ("type" in options) return options;
  const failure = options.auth && authenticate(call, options.auth[0], options.auth[1]);
  if (failure) return failure;
  if (client.mustAuthenticate) {
    return error(
      "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time",
    );
  }
  if (options.name !== undefined) client.name = options.name;
  client.protocol = protocol;
  return helloReply(ctx, client);
}

function parseProtocol(text: string): 2 | 3 | Reply {
  const version = strictInteger(text);
  if (version === null) {
    return error("ERR Protocol version is not an integer or out of range");
  }
  if (version === 2n) return 2;
  return version === 3n ? 3 : error("NOPROTO unsupported protocol version");
}

/** The last of repeated options wins. */
function parseHelloOptions(words: readonly string[]): HelloOptions | Reply {
  const options: HelloOptions = {};
  for (let i = 0; i < words.length; ) {
    const [option = "", first, second] = words.slice(i, i + 3);
    if (isWord(option, "AUTH") && first !== undefined && second !== undefined) {
      options.auth = [first, second];
      i += 3;
    } else if (isWord(option, "SETNAME") && first !== undefined) {
      if (!isClientName(first)) return BAD_CLIENT_NAME;
      if (isTooLongName(first)) return LONG_NAME;
      options.name = first;
      i += 2;
    } else return error(`ERR Syntax error in HELLO option '${option}'`);
  }
  return options;
}

function isWord(typed: string, word: string): boolean {
  return typed.toUpperCase() === word;
}

/** No `role` field in Sentinel mode. */
function helloReply(ctx: ServerContext, client: Session): Reply {
  return map([
    [bulk("server"), bulk("redis")],
    [bulk("version"), bulk(ctx.host.process.redisVersion)],
    [bulk("proto"), integer(client.protocol)],
    [bulk("id"), integer(client.id)],
    [bulk("mode"), bulk("sentinel")],
    [bulk("modules"), array([])],
  ]);
}
