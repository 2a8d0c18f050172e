import assert from "node:assert/strict";
import { test } from "node:test";
import { splitArgs } from "../../src/base/tokenize.ts";
import { type Client, start } from "./harness.ts";

/** A session with a C Sentinel: the request as typed and what a connection gets, in order. */
const GENERIC: readonly (readonly [string, string | RegExp])[] = [
  ["PING", "+PONG"],
  ["PING hello", '"hello"'],
  ['ping "a b"', '"a b"'],
  ["PING a b", "-ERR wrong number of arguments for 'ping' command"],
  [
    "HELLO",
    '["server", "redis", "version", "7.4.11", "proto", :2, "id", :1, "mode", "sentinel", "modules", []]',
  ],
  [
    "HELLO 3",
    '%{"server": "redis", "version": "7.4.11", "proto": :3, "id": :1, "mode": "sentinel", "modules": []}',
  ],
  [
    "HELLO 2",
    '["server", "redis", "version", "7.4.11", "proto", :2, "id", :1, "mode", "sentinel", "modules", []]',
  ],
  ["HELLO 4", "-NOPROTO unsupported protocol version"],
  ["HELLO abc", "-ERR Protocol version is not an integer or out of range"],
  ["HELLO 2 FOO", "-ERR Syntax error in HELLO option 'FOO'"],
  ["HELLO 2 AUTH default", "-ERR Syntax error in HELLO option 'AUTH'"],
  ["HELLO 2 AUTH nouser x", "-WRONGPASS invalid username-password pair or user is disabled."],
  [
    'HELLO 2 SETNAME "a b"',
    "-ERR Client names cannot contain spaces, newlines or special characters.",
  ],
  [
    "HELLO 2 AUTH default anything SETNAME app1",
    '["server", "redis", "version", "7.4.11", "proto", :2, "id", :1, "mode", "sentinel", "modules", []]',
  ],
  ["CLIENT GETNAME", '"app1"'],
  ["AUTH", "-ERR wrong number of arguments for 'auth' command"],
  [
    "AUTH x",
    "-ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
  ],
  ["AUTH default anything", "+OK"],
  ["AUTH nouser x", "-WRONGPASS invalid username-password pair or user is disabled."],
  ["AUTH a b c", "-ERR syntax error"],
  ["QUIT", "-ERR unknown command 'QUIT', with args beginning with: "],
  ["RESET", "-ERR unknown command 'RESET', with args beginning with: "],
  ["ECHO x", "-ERR unknown command 'ECHO', with args beginning with: 'x' "],
  ["SELECT 0", "-ERR unknown command 'SELECT', with args beginning with: '0' "],
  ["TIME", "-ERR unknown command 'TIME', with args beginning with: "],
  ["CONFIG GET *", "-ERR unknown command 'CONFIG', with args beginning with: 'GET' '*' "],
  ["DEBUG SLEEP 0", "-ERR unknown command 'DEBUG', with args beginning with: 'SLEEP' '0' "],
  ["MONITOR", "-ERR unknown command 'MONITOR', with args beginning with: "],
  ["SLOWLOG GET", "-ERR unknown command 'SLOWLOG', with args beginning with: 'GET' "],
  ["LATENCY DOCTOR", "-ERR unknown command 'LATENCY', with args beginning with: 'DOCTOR' "],
  ["MEMORY DOCTOR", "-ERR unknown command 'MEMORY', with args beginning with: 'DOCTOR' "],
  ["PUBSUB CHANNELS", "-ERR unknown command 'PUBSUB', with args beginning with: 'CHANNELS' "],
  ["MULTI", "-ERR unknown command 'MULTI', with args beginning with: "],
  ["SSUBSCRIBE a", "-ERR unknown command 'SSUBSCRIBE', with args beginning with: 'a' "],
  ["FOO bar baz", "-ERR unknown command 'FOO', with args beginning with: 'bar' 'baz' "],
  ["foo", "-ERR unknown command 'foo', with args beginning with: "],
  ["ROLE", '["sentinel", ["mymaster"]]'],
  ["ROLE x", "-ERR wrong number of arguments for 'role' command"],
  ["INFO nosuch", '""'],
  ["INFO memory", '""'],
  ["INFO sentinel", /^"# Sentinel\\r\\nsentinel_masters:/],
  ["SHUTDOWN foo", "-ERR syntax error"],
  ["SHUTDOWN SAVE NOSAVE", "-ERR syntax error"],
  ["SHUTDOWN ABORT", "-ERR No shutdown in progress."],
  ["PUBLISH __sentinel__:hello garbage", ":1"],
  ["PUBLISH x", "-ERR wrong number of arguments for 'publish' command"],
];

const CLIENT_ACL_COMMAND: readonly (readonly [string, string | RegExp])[] = [
  ["CLIENT", "-ERR wrong number of arguments for 'client' command"],
  ["CLIENT foo", "-ERR unknown subcommand 'foo'. Try CLIENT HELP."],
  ["CLIENT SETNAME conn-1", "+OK"],
  ["CLIENT GETNAME", '"conn-1"'],
  [
    'CLIENT SETNAME "a b"',
    "-ERR Client names cannot contain spaces, newlines or special characters.",
  ],
  ['CLIENT SETNAME ""', "+OK"],
  ["CLIENT GETNAME", "$-1"],
  ["CLIENT SETINFO lib-name mylib", "+OK"],
  ["CLIENT SETINFO foo bar", "-ERR Unrecognized option 'foo'"],
  [
    'CLIENT SETINFO LIB-VER "a b"',
    "-ERR LIB-VER cannot contain spaces, newlines or special characters.",
  ],
  ["CLIENT INFO", /^"id=1 addr=.* name= age=0 idle=0 flags=U db=0 .* lib-name=mylib lib-ver=\\n"$/],
  ["CLIENT LIST TYPE pubsub", '""'],
  ["CLIENT LIST TYPE foo", "-ERR Unknown client type 'foo'"],
  ["CLIENT LIST ID 99999", '""'],
  ["CLIENT LIST ID abc", "-ERR Invalid client ID"],
  ["CLIENT LIST FOO", "-ERR syntax error"],
  ["CLIENT KILL 1.2.3.4:5", "-ERR No such client"],
  ["CLIENT KILL ID 9999", ":0"],
  ["CLIENT KILL ID 0", "-ERR client-id should be greater than 0"],
  ["CLIENT KILL TYPE foo", "-ERR Unknown client type 'foo'"],
  ["CLIENT KILL USER nouser", "-ERR No such user 'nouser'"],
  ["CLIENT KILL MAXAGE 0", "-ERR maxage should be greater than 0"],
  ["CLIENT KILL FOO bar", "-ERR syntax error"],
  ["CLIENT REPLY ON", "+OK"],
  ["CLIENT REPLY foo", "-ERR syntax error"],
  ["CLIENT NO-EVICT on", "+OK"],
  ["CLIENT NO-TOUCH on", "-ERR unknown subcommand 'NO-TOUCH'. Try CLIENT HELP."],
  ["CLIENT PAUSE abc", "-ERR timeout is not an integer or out of range"],
  ["CLIENT PAUSE -1", "-ERR timeout is negative"],
  ["CLIENT PAUSE 1 FOO", "-ERR CLIENT PAUSE mode must be WRITE or ALL"],
  [
    "CLIENT PAUSE 1 ALL x",
    "-ERR unknown subcommand or wrong number of arguments for 'PAUSE'. Try CLIENT HELP.",
  ],
  ["CLIENT UNPAUSE", "+OK"],
  ["CLIENT UNBLOCK 99", ":0"],
  ["CLIENT UNBLOCK 99 FOO", "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"],
  ["CLIENT TRACKINGINFO", '["flags", ["off"], "redirect", :-1, "prefixes", []]'],
  ["CLIENT GETREDIR", ":-1"],
  [
    "CLIENT CACHING yes",
    "-ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
  ],
  ["ACL WHOAMI", '"default"'],
  ["ACL LIST", '["user default on nopass sanitize-payload ~* &* +@all"]'],
  ["ACL USERS", '["default"]'],
  [
    "ACL GETUSER default",
    '["flags", ["on", "nopass", "sanitize-payload"], "passwords", [], "commands", "+@all", "keys", "~*", "channels", "&*", "selectors", []]',
  ],
  ["ACL GETUSER nouser", "$-1"],
  // The order is that of our table; in the reference it is a hash's.
  ["ACL CAT pubsub", '["psubscribe", "subscribe", "publish", "punsubscribe", "unsubscribe"]'],
  ["ACL CAT foo", "-ERR Unknown category 'foo'"],
  ["ACL CAT a b", "-ERR unknown subcommand or wrong number of arguments for 'CAT'. Try ACL HELP."],
  ["ACL GENPASS 32", /^"[0-9a-f]{8}"$/],
  [
    "ACL GENPASS 0",
    "-ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096",
  ],
  ["ACL LOG RESET", "+OK"],
  ["ACL LOG abc", "-ERR value is not an integer or out of range"],
  [
    "ACL LOAD",
    "-ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.",
  ],
  ["ACL SETUSER alice on >pw +ping ~* &* +sentinel|masters", "+OK"],
  [
    "ACL LIST",
    '["user alice on sanitize-payload #30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fee46e26170c4 ~* &* -@all +ping +sentinel|masters", "user default on nopass sanitize-payload ~* &* +@all"]',
  ],
  ["ACL SETUSER alice foo", "-ERR Error in ACL SETUSER modifier 'foo': Syntax error"],
  [
    "ACL SETUSER alice +get",
    "-ERR Error in ACL SETUSER modifier '+get': Unknown command or category name in ACL",
  ],
  [
    "ACL SETUSER alice <nope",
    "-ERR Error in ACL SETUSER modifier '<nope': The password you are trying to remove from the user does not exist",
  ],
  [
    "ACL SETUSER alice #zz",
    "-ERR Error in ACL SETUSER modifier '#zz': The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters",
  ],
  ["ACL SETUSER alice (+ping", "-ERR Unmatched parenthesis in acl selector starting at '(+ping'."],
  ['ACL SETUSER "a b" on', "-ERR Usernames can't contain spaces or null characters"],
  ["ACL DRYRUN alice ping", "+OK"],
  ["ACL DRYRUN alice info", `"User alice has no permissions to run the 'info' command"`],
  ["ACL DRYRUN nouser ping", "-ERR User 'nouser' not found"],
  ["ACL DRYRUN alice nosuch", "-ERR Command 'nosuch' not found"],
  ["ACL DELUSER default", "-ERR The 'default' user cannot be removed"],
  ["ACL DELUSER alice bob", ":1"],
  ["ACL foo", "-ERR unknown subcommand 'foo'. Try ACL HELP."],
  ["COMMAND COUNT", ":15"],
  ["COMMAND COUNT x", "-ERR wrong number of arguments for 'command|count' command"],
  [
    "COMMAND LIST FILTERBY ACLCAT pubsub",
    '["psubscribe", "subscribe", "publish", "punsubscribe", "unsubscribe"]',
  ],
  ["COMMAND LIST FILTERBY", "-ERR syntax error"],
  [
    "COMMAND INFO ping nosuch sentinel|myid",
    '[["ping", :-1, [+fast], :0, :0, :0, [+@fast, +@connection], ["request_policy:all_shards", "response_policy:all_succeeded"], [], []], $-1, ["sentinel|myid", :2, [+admin], :0, :0, :0, [+@admin, +@slow, +@dangerous], [], [], []]]',
  ],
  ["COMMAND DOCS nosuch", "[]"],
  ["COMMAND GETKEYS ping", "-ERR The command has no key arguments"],
  ["COMMAND GETKEYS get x", "-ERR Invalid command specified"],
  ["COMMAND foo", "-ERR unknown subcommand 'foo'. Try COMMAND HELP."],
  ["SENTINEL", "-ERR wrong number of arguments for 'sentinel' command"],
  ["SENTINEL foo", "-ERR unknown subcommand 'foo'. Try SENTINEL HELP."],
  ["sentinel Foo bar", "-ERR unknown subcommand 'Foo'. Try SENTINEL HELP."],
  ["SENTINEL MYID x", "-ERR wrong number of arguments for 'sentinel|myid' command"],
  ["SENTINEL HELP x", "-ERR wrong number of arguments for 'sentinel|help' command"],
  ["SENTINEL MASTER", "-ERR wrong number of arguments for 'sentinel|master' command"],
  ["SENTINEL SET m quorum", "-ERR wrong number of arguments for 'sentinel|set' command"],
];

/** Section E: `requirepass s3cret` and the user ops. */
const AUTHENTICATION: readonly (readonly [string, string | RegExp])[] = [
  ["PING", "-NOAUTH Authentication required."],
  ["SENTINEL MASTERS", "-NOAUTH Authentication required."],
  ["FOO", "-ERR unknown command 'FOO', with args beginning with: "],
  ["SENTINEL", "-ERR wrong number of arguments for 'sentinel' command"],
  [
    "HELLO",
    "-NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time",
  ],
  ["HELLO 9", "-NOPROTO unsupported protocol version"],
  ["AUTH wrong", "-WRONGPASS invalid username-password pair or user is disabled."],
  ["AUTH ops opspass", "+OK"],
  ["ACL WHOAMI", "-NOPERM User ops has no permissions to run the 'acl|whoami' command"],
  ["CLIENT GETNAME", "$-1"],
  ["SENTINEL MYID", "-NOPERM User ops has no permissions to run the 'sentinel|myid' command"],
  ["SENTINEL MASTERS", "[]"],
  ["SENTINEL foo", "-ERR unknown subcommand 'foo'. Try SENTINEL HELP."],
  ["SUBSCRIBE +sdown", "-NOPERM User ops has no permissions to run the 'subscribe' command"],
  ["AUTH s3cret", "+OK"],
  ["ACL WHOAMI", '"default"'],
  ["SENTINEL MASTERS", "[]"],
  [
    "HELLO 3 AUTH default s3cret SETNAME admin",
    '%{"server": "redis", "version": "7.4.11", "proto": :3, "id": :1, "mode": "sentinel", "modules": []}',
  ],
  ["CLIENT GETNAME", '"admin"'],
];

/** Section G. */
const RESP3: readonly (readonly [string, string | RegExp])[] = [
  ["HELLO 3", /^%\{"server": "redis"/],
  [
    "HELLO",
    '%{"server": "redis", "version": "7.4.11", "proto": :3, "id": :1, "mode": "sentinel", "modules": []}',
  ],
  ["CLIENT GETNAME", "_"],
  ["CLIENT INFO", /^=txt:"id=1 /],
  ["CLIENT TRACKINGINFO", '%{"flags": ~["off"], "redirect": :-1, "prefixes": []}'],
  [
    "ACL GETUSER default",
    '%{"flags": ~["on", "nopass", "sanitize-payload"], "passwords": [], "commands": "+@all", "keys": "~*", "channels": "&*", "selectors": []}',
  ],
  ["INFO sentinel", /^"# Sentinel/],
  [
    "COMMAND INFO ping",
    '[["ping", :-1, ~[+fast], :0, :0, :0, ~[+@fast, +@connection], ~["request_policy:all_shards", "response_policy:all_succeeded"], ~[], ~[]]]',
  ],
  ["COMMAND DOCS nosuch", "%{}"],
];

const SECURED = {
  requirepass: "s3cret",
  users: [["ops", "on", ">opspass", "+@connection", "+sentinel|masters", "+info", "~*", "&+*"]],
};

async function play(
  client: Client,
  exchanges: readonly (readonly [string, string | RegExp])[],
): Promise<void> {
  for (const [typed, expected] of exchanges) {
    const reply = await client.ask(...(splitArgs(typed) ?? []));
    if (typeof expected === "string") assert.equal(reply, expected, typed);
    else assert.match(reply, expected, typed);
  }
}

test("section A: generic commands", async (t) => {
  await play(await (await start(t)).connect(), GENERIC);
});

test("section B: CLIENT, ACL, COMMAND, and what SENTINEL refuses before the core", async (t) => {
  await play(await (await start(t)).connect(), CLIENT_ACL_COMMAND);
});

test("section E: authentication", async (t) => {
  await play(await (await start(t, SECURED)).connect(), AUTHENTICATION);
});

test("section G: RESP3 shapes", async (t) => {
  await play(await (await start(t)).connect(), RESP3);
});

for (const [input, answer] of [
  ["*11\r\n", "-ERR Protocol error: unauthenticated multibulk length\r\n"],
  ["*1\r\n$16385\r\n", "-ERR Protocol error: unauthenticated bulk length\r\n"],
] as const) {
  test(`a stranger may not send ${JSON.stringify(input)}`, async (t) => {
    const client = await (await start(t, SECURED)).connect();
    client.raw(input);
    assert.equal(await client.untilClosed(), answer);
  });
}

/** Section H: raw input and the whole output; a trailing `!`: then the server closes. */
const RAW: readonly (readonly [string, string, "open" | "closed"])[] = [
  ["PING\n", "+PONG\r\n", "open"],
  ["\r\n\r\nPING\r\n", "+PONG\r\n", "open"],
  ["PING\r\nPING x\r\n", "+PONG\r\n$1\r\nx\r\n", "open"],
  ['PING "\\x41\\n\\q"\r\n', "$3\r\nA\nq\r\n", "open"],
  ["PING 'a\\'b'\r\n", "$3\r\na'b\r\n", "open"],
  ['PING "abc\r\n', "-ERR Protocol error: unbalanced quotes in request\r\n", "closed"],
  ['PING "abc"d\r\n', "-ERR Protocol error: unbalanced quotes in request\r\n", "closed"],
  ["*0\r\n*-1\r\n*1\r\n$4\r\nPING\r\n", "+PONG\r\n", "open"],
  ["*abc\r\n", "-ERR Protocol error: invalid multibulk length\r\n", "closed"],
  ["*2147483648\r\n", "-ERR Protocol error: invalid multibulk length\r\n", "closed"],
  ["*1\r\n+PING\r\n", "-ERR Protocol error: expected '$', got '+'\r\n", "closed"],
  ["*1\r\n$abc\r\n", "-ERR Protocol error: invalid bulk length\r\n", "closed"],
  ["*1\r\n$-1\r\n", "-ERR Protocol error: invalid bulk length\r\n", "closed"],
  ["*1\r\n$536870913\r\n", "-ERR Protocol error: invalid bulk length\r\n", "closed"],
  ["$4\r\nPING\r\n", "-ERR unknown command '$4', with args beginning with: \r\n+PONG\r\n", "open"],
  ["POST / HTTP/1.1\r\n", "", "closed"],
  ["host: example.org\r\n", "", "closed"],
  ["*1\r\n$0\r\n\r\n", "-ERR unknown command '', with args beginning with: \r\n", "open"],
  [
    "*2\r\n$3\r\nFOO\r\n$4\r\na\r\nb\r\n",
    "-ERR unknown command 'FOO', with args beginning with: 'a  b' \r\n",
    "open",
  ],
  ["CLIENT REPLY SKIP\r\nPING\r\nPING x\r\n", "$1\r\nx\r\n", "open"],
  ["CLIENT REPLY OFF\r\nPING\r\nCLIENT REPLY ON\r\n", "+OK\r\n", "open"],
  ["A".repeat(70000), "-ERR Protocol error: too big inline request\r\n", "closed"],
];

for (const [input, output, afterwards] of RAW) {
  test(`section H: ${JSON.stringify(input.slice(0, 40))}`, async (t) => {
    const client = await (await start(t)).connect();
    client.raw(input);
    if (afterwards === "closed") {
      assert.equal(await client.untilClosed(), output);
      return;
    }
    assert.equal(await client.bytes(output.length), output);
    assert.equal(await client.ask("PING", "still there"), '"still there"');
  });
}
