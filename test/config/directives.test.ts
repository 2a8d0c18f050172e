import assert from "node:assert/strict";
import { test } from "node:test";
import { DIRECTIVES, findDirective } from "../../src/config/directives.ts";
import { failure, load } from "./support.ts";

const INTEGER = "argument couldn't be parsed into an integer";
const COUNT = "wrong number of arguments";
const UNKNOWN = "Bad directive or wrong number of arguments";
const LIMITS = "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
const SAVE = "Invalid save parameters";

const REFUSED: readonly (readonly [line: string, reason: string])[] = [
  ["zzz 1", UNKNOWN],
  ['"" 1', UNKNOWN],
  ["port", COUNT],
  ["port 1 # x", COUNT],
  ["port +1", INTEGER],
  ["port 01", INTEGER],
  ["port x", INTEGER],
  ['port ""', INTEGER],
  ["port 65536", "argument must be between 0 and 65535 inclusive"],
  ["tcp-keepalive -1", "argument must be between 0 and 2147483647 inclusive"],
  ["maxclients 0", "argument must be between 1 and 4294967295 inclusive"],
  ["unixsocketperm 9", "argument couldn't be parsed as an octal number"],
  ["unixsocketperm 7777", "argument must be between 0 and 777 inclusive"],
  ["daemonize maybe", "argument must be 'yes' or 'no'"],
  [
    "loglevel loud",
    "argument(s) must be one of the following: debug, verbose, notice, warning, nothing",
  ],
  ["supervised x", "argument(s) must be one of the following: upstart, systemd, auto, no"],
  [
    'shutdown-on-sigint ""',
    "argument(s) must be one of the following: default, save, nosave, now, force",
  ],
  ["maxmemory 10zb", "argument must be a memory value"],
  ["proto-max-bulk-len 1", "argument must be between 1048576 and 9223372036854775807 inclusive"],
  ["maxmemory-clients %", "argument must be a memory or percent value"],
  ["maxmemory-clients 101%", "percentage argument must be less or equal to 100"],
  ["dbfilename a/b", "dbfilename can't be a path, just a filename"],
  ['appendfilename ""', "appendfilename can't be empty"],
  ["appenddirname a/b", "appenddirname can't be a path, just a dirname"],
  [
    "cluster-announce-hostname a_b",
    "Hostnames may only contain alphanumeric characters, hyphens or dots",
  ],
  [`cluster-announce-hostname ${"a".repeat(256)}`, "Hostnames must be less than 256 characters"],
  ["proc-title-template {foo}", "template format is invalid or contains unknown variables"],
  ["bind 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "Too many bind addresses specified."],
  ["save 1", SAVE],
  ["save 0 1", SAVE],
  ["save 1 x", SAVE],
  ["replicaof a", COUNT],
  ["replicaof a b", "Invalid master port"],
  ["slaveof a 70000", "Invalid master port"],
  ["oom-score-adj-values 1 2", COUNT],
  [
    "oom-score-adj-values 1 2 3000",
    "Invalid oom-score-adj-values, elements must be between -2000 and 2000.",
  ],
  ["latency-tracking-info-percentiles x", "Invalid latency-tracking-info-percentiles parameters"],
  [
    "latency-tracking-info-percentiles 101",
    "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]",
  ],
  [
    "client-output-buffer-limit normal 1 2",
    "Wrong number of arguments in buffer limit configuration.",
  ],
  [
    "client-output-buffer-limit master 1 2 3",
    "Invalid client class specified in buffer limit configuration.",
  ],
  ["client-output-buffer-limit pubsub 1 2 x", LIMITS],
  ["client-output-buffer-limit pubsub 1 2zb 3", LIMITS],
  ["client-output-buffer-limit pubsub 1 2 -3", LIMITS],
  ["notify-keyspace-events q", "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."],
  ["dir nowhere", "No such file or directory"],
  ["dir a b", COUNT],
  ["lua-replicate-commands a b", UNKNOWN],
  ["include", UNKNOWN],
  ["loadmodule", UNKNOWN],
  ["rename-command ping", UNKNOWN],
  ["rename-command get x", "No such command in rename-command"],
  ["rename-command ping sentinel", "Target command name already exists"],
  ["a.b", "Module config specified without value"],
  ["user", UNKNOWN],
  ["user a nonsense", "Error in user declaration 'user': Syntax error"],
  ["user a on >x nonsense", "Error in user declaration 'on': Syntax error"],
];

test("a wrong directive is refused in C's words", () => {
  for (const [line, reason] of REFUSED) {
    const error = failure(`# one\n\n  ${line}\t\r\nport 1`);
    const expected = { kind: "directive", file: "sentinel.conf", line: 3, text: line, reason };
    assert.deepEqual(error, expected, line);
  }
});

test("a duplicate user is named", () => {
  const { reason } = failure("user a on\nuser b off\nuser a off");
  assert.equal(
    reason,
    "Error in user declaration 'a': Duplicate user found. A user can only be defined once in config files",
  );
});

test("every directive accepts its own default, under each of its names", () => {
  assert.ok(DIRECTIVES.length > 180);
  for (const directive of DIRECTIVES) {
    for (const { text } of directive.lines(directive.serverDefault)) {
      for (const name of [directive.name, ...directive.aliases]) {
        assert.equal(findDirective(name.toUpperCase()), directive);
        const value = load(`${name} ${text}\n`).generic.values.get(directive.name);
        if (directive.name !== "client-output-buffer-limit") {
          assert.deepEqual(value, directive.serverDefault, name);
        }
      }
    }
  }
});

test("a silent file has the defaults of Sentinel mode", () => {
  const { server } = load("");
  assert.equal(server.port, 26_379);
  assert.equal(server.protectedMode, false);
  assert.deepEqual(server.bind, ["*", "-::*"]);
  assert.equal(server.tcpBacklog, 511);
  assert.equal(server.tcpKeepaliveSeconds, 300);
  assert.equal(server.maxclients, 10_000);
  assert.equal(server.loglevel, "notice");
  assert.equal(server.logfile, "");
  assert.equal(server.dir, null);
  assert.equal(server.requirepass, null);
  assert.equal(server.clientQueryBufferLimitBytes, 2 ** 30);
  assert.equal(server.protoMaxBulkLenBytes, 2 ** 29);
  assert.equal(server.aclPubsubDefault, "resetchannels");
  assert.deepEqual(server.clientOutputBufferLimit.pubsub, {
    hardBytes: 32 * 2 ** 20,
    softBytes: 8 * 2 ** 20,
    softSeconds: 60,
  });
});

test("maxmemory-clients is a number of bytes, 128 KiB at least, or a share of maxmemory", () => {
  const cases = [
    ["maxmemory-clients 0", null],
    ["maxmemory-clients 7mb", 7 * 2 ** 20],
    ["maxmemory-clients 1", 2 ** 17],
    ["maxmemory-clients 5%", null],
    ["maxmemory-clients 5%\nmaxmemory 100mb", 5 * 2 ** 20],
  ] as const;
  for (const [text, bytes] of cases) {
    assert.equal(load(`${text}\n`).server.maxmemoryClientsBytes, bytes, text);
  }
});

test("what a file says arrives typed", () => {
  const { server } = load(`
PORT 5000
port 26000
bind "10.0.0.1 -::1"
unixsocket /run/s.sock
unixsocketperm 700
protected-mode YES
loglevel Warning
logfile /var/log/s.log
requirepass "a b"
supervised systemd
client-output-buffer-limit slave 1k 2kb 3 pubsub 0 0 0
tls-port 26390
tls-cert-file /c
tls-auth-clients optional
tls-replication yes
user default off
user ops on >x (~a +ping) +@all
rename-command SHUTDOWN ""
rename-command ping pong
timeout 10
`);
  assert.equal(server.port, 26_000);
  assert.deepEqual(server.bind, ["10.0.0.1", "-::1"]);
  assert.equal(server.unixsocket, "/run/s.sock");
  assert.equal(server.unixsocketperm, 0o700);
  assert.equal(server.protectedMode, true);
  assert.equal(server.loglevel, "warning");
  assert.equal(server.logfile, "/var/log/s.log");
  assert.equal(server.requirepass, "a b");
  assert.equal(server.supervised, "systemd");
  const { replica, pubsub } = server.clientOutputBufferLimit;
  assert.deepEqual(replica, { hardBytes: 1000, softBytes: 2048, softSeconds: 3 });
  assert.deepEqual(pubsub, { hardBytes: 0, softBytes: 0, softSeconds: 0 });
  assert.equal(server.tlsPort, 26_390);
  assert.equal(server.tls.certFile, "/c");
  assert.equal(server.tls.authClients, "optional");
  assert.equal(server.tlsReplication, true);
  assert.deepEqual(server.users, [
    ["default", "off"],
    ["ops", "on", ">x", "(~a", "+ping)", "+@all"],
  ]);
  assert.deepEqual(server.renamedCommands, [
    ["SHUTDOWN", ""],
    ["ping", "pong"],
  ]);
  assert.equal(server.timeoutSeconds, 10);
});

test("empty words unset or empty", () => {
  const { server } = load('bind ""\nrequirepass ""\nlogfile ""\npidfile ""\nsave ""\n');
  assert.deepEqual(server.bind, []);
  assert.equal(server.requirepass, null);
  assert.equal(server.logfile, "");
  assert.equal(server.pidfile, null);
});

test("directives of other versions and of Valkey do not stop the start [D-FOREIGN]", () => {
  const text = `lua-replicate-commands yes\nlist-max-ziplist-entries 5\nlog-format logfmt
extended-redis-compatibility yes\nloadmodule /m.so a b\nfoo.bar 1 2\nport 1\n`;
  assert.equal(load(text).server.port, 1);
});
