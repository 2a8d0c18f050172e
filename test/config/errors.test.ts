import assert from "node:assert/strict";
import { test } from "node:test";
import { formatConfigError } from "../../src/config/config-error.ts";
import { failure, MONITOR, PEER_ID } from "./support.ts";

const UNRECOGNIZED = "Unrecognized sentinel configuration statement.";
const NO_MASTER = "No such master with specified name.";
const NOT_POSITIVE = "negative or zero time parameter.";
const UNRESOLVED = "Can't resolve instance hostname.";

const PER_MASTER = `down-after-milliseconds failover-timeout parallel-syncs notification-script
  client-reconfig-script auth-pass auth-user master-reboot-down-after-period
  primary-reboot-down-after-period config-epoch leader-epoch`
  .split(/\s+/)
  .map((option) => [`${option} x 5`, NO_MASTER] as const);

/** The words after `sentinel`, on a line below a sound `monitor` line for `m`. */
const REFUSED: readonly (readonly [words: string, reason: string])[] = [
  ...PER_MASTER,
  ["monitor", UNRECOGNIZED],
  ["monitor a 127.0.0.1 1", UNRECOGNIZED],
  ["monitor a 127.0.0.1 1 1 # no comment here", UNRECOGNIZED],
  ["monitor a 127.0.0.1 1 0", "Quorum must be 1 or greater."],
  ["monitor a 127.0.0.1 1 many", "Quorum must be 1 or greater."],
  ["monitor a 127.0.0.1 65536 1", "Invalid port number."],
  ["monitor a 127.0.0.1 -1 1", "Invalid port number."],
  ["monitor a localhost 1 1", UNRESOLVED],
  ['monitor a "" 1 1', UNRESOLVED],
  ["monitor m 127.0.0.2 1 1", "Duplicate master name."],
  ["down-after-milliseconds m 0", NOT_POSITIVE],
  ["failover-timeout m -1", NOT_POSITIVE],
  ["failover-timeout m soon", NOT_POSITIVE],
  ["notification-script m /none", "Notification script seems non existing or non executable."],
  [
    "client-reconfig-script m /none",
    "Client reconfiguration script seems non existing or non executable.",
  ],
  ["master-reboot-down-after-period m -1", "negative time parameter."],
  ["auth-pass m", UNRECOGNIZED],
  ["auth-pass m a b", UNRECOGNIZED],
  ["known-replica x 127.0.0.1 1", NO_MASTER],
  ["known-replica m replica.example 1", UNRESOLVED],
  ["known-slave m 127.0.0.1 99999", "Invalid port number."],
  ["known-replica m  41001", UNRECOGNIZED],
  [`known-sentinel x 127.0.0.1 1 ${PEER_ID}`, NO_MASTER],
  [`known-sentinel m peer.example 1 ${PEER_ID}`, UNRESOLVED],
  [`known-sentinel m 127.0.0.1 99999 ${PEER_ID}`, "Invalid port number."],
  ["rename-command m a", UNRECOGNIZED],
  ["rename-command x a b", NO_MASTER],
  ["myid abc", "Malformed Sentinel id in myid option."],
  ["deny-scripts-reconfig x", "Please specify yes or no for the deny-scripts-reconfig options."],
  ["resolve-hostnames x", "Please specify yes or no for the resolve-hostnames option."],
  ["announce-hostnames x", "Please specify yes or no for the announce-hostnames option."],
  ["announce-ip", UNRECOGNIZED],
  ["announce-port 1 2", UNRECOGNIZED],
  ["sentinel-pass a b", UNRECOGNIZED],
  ["nonsense", UNRECOGNIZED],
  ['""', UNRECOGNIZED],
];

test("every broken sentinel line names file, line and cause", () => {
  for (const [words, reason] of REFUSED) {
    const text = `sentinel ${words}`;
    const error = failure(`# note\n${MONITOR}\n${text}\nport 1\n`);
    const expected = { kind: "directive", file: "sentinel.conf", line: 4, text, reason };
    assert.deepEqual({ ...error }, { ...error, ...expected }, words);
    assert.match(formatConfigError(error, "Redis 7.4.11"), /^sentinel\.conf: line 4: .+ again$/m);
  }
});

test("repeated lines are refused", () => {
  const peers = `${MONITOR}sentinel known-sentinel m 10.0.0.9 1 ${PEER_ID}\n`;
  const twice = failure(`${peers}sentinel known-sentinel m 10.0.0.9 2 ${PEER_ID}\n`);
  assert.deepEqual([twice.line, twice.reason], [3, "Duplicate runid for sentinel."]);
  const renames = `${MONITOR}sentinel rename-command m get a\nsentinel rename-command m GET b\n`;
  assert.equal(failure(renames).reason, "Same command renamed multiple times with rename-command.");
});

test("generic errors come before those of sentinel lines", () => {
  const { line } = failure("sentinel monitor m 127.0.0.1 1 0\nport x\n");
  assert.equal(line, 2);
});

test("unbalanced quotes are told as such", () => {
  for (const text of ['port "1', "port '1", 'port "1"x', 'sentinel auth-pass m it"s']) {
    assert.equal(failure(text).reason, "Unbalanced quotes in configuration line");
  }
});

test("the message is C's, and a line of ours [D-ADVICE]", () => {
  const error = failure("\n  sentinel monitor m 127.0.0.1 41001 0 \r\n");
  assert.equal(
    formatConfigError(error, "Redis 7.4.11"),
    `
*** FATAL CONFIG FILE ERROR (Redis 7.4.11) ***
Reading the configuration file, at line 2
>>> 'sentinel monitor m 127.0.0.1 41001 0'
Quorum must be 1 or greater.
sentinel.conf: line 2: write \`sentinel monitor <name> <host> <port> <quorum>\` with a quorum of 1 or more, then start again
`,
  );
});

test("an error in an included file is counted there and names that file", () => {
  const error = failure("port 1\n\ninclude more.conf\n", { "more.conf": "# x\nport y\n" });
  assert.deepEqual([error.file, error.line, error.text], ["more.conf", 2, "port y"]);
  const sentinel = failure("include more.conf\n", { "more.conf": "\n\nsentinel foo\n" });
  assert.deepEqual([sentinel.file, sentinel.line], ["more.conf", 3]);
});

test("an included file that is missing is fatal", () => {
  const error = failure("include more.conf\n");
  const text = formatConfigError(error, "Redis 7.4.11");
  assert.equal(error.kind, "open");
  assert.match(
    text,
    /^Fatal error, can't open config file 'more\.conf': No such file or directory\n/,
  );
  assert.match(text, /\nsentinel\.conf: /);
});

test("an error of no line has no line in its message", () => {
  const error = {
    kind: "directive",
    file: "sentinel.conf",
    line: 0,
    text: "",
    reason: "Can't open the log file: Permission denied",
  } as const;
  const lines = formatConfigError(error, "Redis 7.4.11").split("\n");
  assert.deepEqual(lines.slice(1, 3), [
    "*** FATAL CONFIG FILE ERROR (Redis 7.4.11) ***",
    "Can't open the log file: Permission denied",
  ]);
});
