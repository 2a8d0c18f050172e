import { array, bulk, map, type Reply, status } from "../core/reply.ts";

/** One argument of a command as COMMAND DOCS shows it; redis-cli makes its hints of them. */
interface Argument {
  readonly name: string;
  readonly type: "string" | "integer" | "pattern" | "pure-token" | "oneof" | "block";
  readonly token?: string;
  readonly optional?: true;
  readonly multiple?: true;
  /** The token is repeated before each value. */
  readonly multipleToken?: true;
  /** What hints show in place of the name. */
  readonly display?: string;
  readonly since?: string;
  readonly deprecatedSince?: string;
  readonly parts?: readonly Argument[];
}

type Mark = Omit<Argument, "name" | "type" | "parts">;

const OPTIONAL = { optional: true } as const;
const MULTIPLE = { multiple: true } as const;

function string(name: string, mark: Mark = {}): Argument {
  return { name, type: "string", ...mark };
}

function integer(name: string, mark: Mark = {}): Argument {
  return { name, type: "integer", ...mark };
}

function pattern(name: string, mark: Mark = {}): Argument {
  return { name, type: "pattern", ...mark };
}

/** A word that stands for itself. */
function word(token: string, mark: Mark = {}): Argument {
  return { name: token.toLowerCase(), type: "pure-token", token, ...mark };
}

/** Four options of CLIENT TRACKING are named in capitals. */
function loudWord(token: string): Argument {
  return { name: token, type: "pure-token", token, ...OPTIONAL };
}

/** In the reference these have no token, so that hints show their names. */
function tokenless(name: string): Argument {
  return { name, type: "pure-token" };
}

function oneOf(name: string, parts: readonly Argument[], mark: Mark = {}): Argument {
  return { name, type: "oneof", parts, ...mark };
}

function block(name: string, parts: readonly Argument[], mark: Mark = {}): Argument {
  return { name, type: "block", parts, ...mark };
}

const MASTER_NAME = [string("master-name")];
const DOWN_BY_ADDR = [string("ip"), integer("port"), integer("current-epoch"), string("runid")];
const IP_AND_PORT = { display: "ip:port" } as const;
const NORMAL = word("normal");
const PUBSUB = word("pubsub");

const ARGUMENTS: Readonly<Record<string, readonly Argument[]>> = {
  "acl|cat": [string("category", OPTIONAL)],
  "acl|deluser": [string("username", MULTIPLE)],
  "acl|dryrun": [
    string("username"),
    string("command"),
    string("arg", { ...OPTIONAL, ...MULTIPLE }),
  ],
  "acl|genpass": [integer("bits", OPTIONAL)],
  "acl|getuser": [string("username")],
  "acl|log": [oneOf("operation", [integer("count"), word("RESET")], OPTIONAL)],
  "acl|setuser": [string("username"), string("rule", { ...OPTIONAL, ...MULTIPLE })],
  auth: [string("username", { since: "6.0.0", ...OPTIONAL }), string("password")],
  "client|caching": [oneOf("mode", [word("YES"), word("NO")])],
  "client|kill": [
    oneOf("filter", [
      string("old-format", { ...IP_AND_PORT, deprecatedSince: "2.8.12" }),
      oneOf(
        "new-format",
        [
          integer("client-id", { token: "ID", since: "2.8.12", ...OPTIONAL }),
          oneOf(
            "client-type",
            [
              NORMAL,
              word("master", { since: "3.2.0" }),
              word("slave"),
              word("replica", { since: "5.0.0" }),
              PUBSUB,
            ],
            { token: "TYPE", since: "2.8.12", ...OPTIONAL },
          ),
          string("username", { token: "USER", ...OPTIONAL }),
          string("addr", { ...IP_AND_PORT, token: "ADDR", ...OPTIONAL }),
          string("laddr", { ...IP_AND_PORT, token: "LADDR", since: "6.2.0", ...OPTIONAL }),
          oneOf("skipme", [word("YES"), word("NO")], { token: "SKIPME", ...OPTIONAL }),
          integer("maxage", { token: "MAXAGE", since: "7.4.0", ...OPTIONAL }),
        ],
        MULTIPLE,
      ),
    ]),
  ],
  "client|list": [
    oneOf("client-type", [NORMAL, word("master"), word("replica"), PUBSUB], {
      token: "TYPE",
      since: "5.0.0",
      ...OPTIONAL,
    }),
    integer("client-id", { token: "ID", since: "6.2.0", ...OPTIONAL, ...MULTIPLE }),
  ],
  "client|no-evict": [oneOf("enabled", [word("ON"), word("OFF")])],
  "client|pause": [
    integer("timeout"),
    oneOf("mode", [word("WRITE"), word("ALL")], { since: "6.2.0", ...OPTIONAL }),
  ],
  "client|reply": [oneOf("action", [word("ON"), word("OFF"), word("SKIP")])],
  "client|setinfo": [
    oneOf("attr", [
      string("libname", { token: "lib-name" }),
      string("libver", { token: "lib-ver" }),
    ]),
  ],
  "client|setname": [string("connection-name")],
  "client|tracking": [
    oneOf("status", [word("ON"), word("OFF")]),
    integer("client-id", { token: "REDIRECT", ...OPTIONAL }),
    string("prefix", { token: "PREFIX", ...OPTIONAL, ...MULTIPLE, multipleToken: true }),
    ...["BCAST", "OPTIN", "OPTOUT", "NOLOOP"].map(loudWord),
  ],
  "client|unblock": [
    integer("client-id"),
    oneOf("unblock-type", [word("TIMEOUT"), word("ERROR")], OPTIONAL),
  ],
  "command|docs": [string("command-name", { ...OPTIONAL, ...MULTIPLE })],
  "command|getkeys": [string("command"), string("arg", { ...OPTIONAL, ...MULTIPLE })],
  "command|getkeysandflags": [string("command"), string("arg", { ...OPTIONAL, ...MULTIPLE })],
  "command|info": [string("command-name", { ...OPTIONAL, ...MULTIPLE })],
  "command|list": [
    oneOf(
      "filterby",
      [
        string("module-name", { token: "MODULE" }),
        string("category", { token: "ACLCAT" }),
        pattern("pattern", { token: "PATTERN" }),
      ],
      { token: "FILTERBY", ...OPTIONAL },
    ),
  ],
  hello: [
    block(
      "arguments",
      [
        integer("protover"),
        block("auth", [string("username"), string("password")], { token: "AUTH", ...OPTIONAL }),
        string("clientname", { token: "SETNAME", ...OPTIONAL }),
      ],
      OPTIONAL,
    ),
  ],
  info: [string("section", { ...OPTIONAL, ...MULTIPLE })],
  ping: [string("message", OPTIONAL)],
  psubscribe: [pattern("pattern", MULTIPLE)],
  publish: [string("channel"), string("message")],
  punsubscribe: [pattern("pattern", { ...OPTIONAL, ...MULTIPLE })],
  subscribe: [string("channel", MULTIPLE)],
  unsubscribe: [string("channel", { ...OPTIONAL, ...MULTIPLE })],
  shutdown: [
    oneOf("save-selector", [word("NOSAVE"), word("SAVE")], OPTIONAL),
    word("NOW", { since: "7.0.0", ...OPTIONAL }),
    word("FORCE", { since: "7.0.0", ...OPTIONAL }),
    word("ABORT", { since: "7.0.0", ...OPTIONAL }),
  ],
  "sentinel|ckquorum": MASTER_NAME,
  "sentinel|config": [
    oneOf("action", [
      block("set", [string("parameter"), string("value")], { token: "SET", ...MULTIPLE }),
      string("parameter", { token: "GET", ...MULTIPLE }),
    ]),
  ],
  "sentinel|debug": [
    block("data", [string("parameter"), string("value")], { ...OPTIONAL, ...MULTIPLE }),
  ],
  "sentinel|failover": MASTER_NAME,
  "sentinel|get-master-addr-by-name": MASTER_NAME,
  "sentinel|info-cache": [string("nodename", MULTIPLE)],
  "sentinel|get-primary-addr-by-name": MASTER_NAME,
  "sentinel|is-master-down-by-addr": DOWN_BY_ADDR,
  "sentinel|is-primary-down-by-addr": DOWN_BY_ADDR,
  "sentinel|master": MASTER_NAME,
  "sentinel|monitor": [string("name"), string("ip"), integer("port"), integer("quorum")],
  "sentinel|primary": MASTER_NAME,
  "sentinel|remove": MASTER_NAME,
  "sentinel|replicas": MASTER_NAME,
  "sentinel|reset": [pattern("pattern")],
  "sentinel|sentinels": MASTER_NAME,
  "sentinel|set": [
    string("master-name"),
    block("data", [string("option"), string("value")], MULTIPLE),
  ],
  "sentinel|simulate-failure": [
    oneOf("mode", ["crash-after-election", "crash-after-promotion", "help"].map(tokenless), {
      ...OPTIONAL,
      ...MULTIPLE,
    }),
  ],
  "sentinel|slaves": MASTER_NAME,
};

export function describeArguments(fullName: string): Reply[] {
  return (ARGUMENTS[fullName] ?? []).map(describe);
}

/** Fields in the order of the reference; a block has no text of its own to display. */
function describe(argument: Argument): Reply {
  const { name, type, display = name, token, since, deprecatedSince, parts } = argument;
  const flags = flagsOf(argument);
  const entries: (readonly [Reply, Reply])[] = [
    [bulk("name"), bulk(name)],
    [bulk("type"), bulk(type)],
  ];
  if (type !== "block" && type !== "oneof") entries.push([bulk("display_text"), bulk(display)]);
  if (token !== undefined) entries.push([bulk("token"), bulk(token)]);
  if (since !== undefined) entries.push([bulk("since"), bulk(since)]);
  if (deprecatedSince !== undefined) {
    entries.push([bulk("deprecated_since"), bulk(deprecatedSince)]);
  }
  if (flags.length > 0) {
    entries.push([bulk("flags"), { type: "set", items: flags.map(status) }]);
  }
  if (parts !== undefined) entries.push([bulk("arguments"), array(parts.map(describe))]);
  return map(entries);
}

function flagsOf({ optional, multiple, multipleToken }: Argument): readonly string[] {
  return [
    ...(optional ? ["optional"] : []),
    ...(multiple ? ["multiple"] : []),
    ...(multipleToken ? ["multiple_token"] : []),
  ];
}
