import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MAX_STEPS_PER_CHARACTER } from "../../src/base/glob.ts";
import { MAX_MASTER_NAME_BYTES } from "../../src/core/limits.ts";
import { MASTER_SETTINGS, SETTING_FIELDS } from "../../src/core/master-settings.ts";
import { LoneSentinel, masterConfig, OWN_ID, PLAIN_MASTER, plain } from "./harness.ts";

const NO_SUCH = "-ERR No such master with that name";
const NOT_SAVED = "-ERR Failed to save config file. Check server logs.";
const SET_USAGE = (option: string) =>
  `-ERR Unknown option or number of arguments for SENTINEL SET '${option}'`;

/** Requests and replies of a session with a C Sentinel that need nothing but a monitored master. */
const EXCHANGES: readonly (readonly [request: string, reply: unknown])[] = [
  ["MYID", OWN_ID],
  ["MASTER nope", NO_SUCH],
  ["SLAVES nope", NO_SUCH],
  ["SENTINELS nope", NO_SUCH],
  ["REPLICAS mymaster", []],
  ["GET-MASTER-ADDR-BY-NAME mymaster", ["127.0.0.1", "6379"]],
  ["GET-MASTER-ADDR-BY-NAME nope", null],
  [
    "CKQUORUM mymaster",
    "-NOQUORUM 1 usable Sentinels. Not enough available Sentinels to reach the specified quorum for this master",
  ],
  ["IS-MASTER-DOWN-BY-ADDR 127.0.0.1 6379 0 *", [0, "*", 0]],
  ["IS-MASTER-DOWN-BY-ADDR 127.0.0.1 1 0 *", [0, "*", 0]],
  ["IS-MASTER-DOWN-BY-ADDR 127.0.0.1 abc 0 *", "-ERR value is not an integer or out of range"],
  ["IS-MASTER-DOWN-BY-ADDR 127.0.0.1 6379 -1 x", "-ERR value is not an integer or out of range"],
  ["INFO-CACHE nope", []],
  ["INFO-CACHE mymaster", ["mymaster", [[0, null]]]],
  ["PENDING-SCRIPTS", []],
  ["DEBUG info-period", SET_USAGE("info-period").replace("SET", "DEBUG")],
  ["DEBUG info-period abc", "-ERR Invalid argument 'abc' for SENTINEL DEBUG 'info-period'"],
  ["DEBUG info-period 10000 ping-period 1000", "OK"],
  ["SIMULATE-FAILURE help", ["crash-after-election", "crash-after-promotion"]],
  ["SIMULATE-FAILURE foo", "-ERR Unknown failure simulation specified"],
  [
    "CONFIG GET announce* LOGLEVEL",
    { "announce-hostnames": "no", "announce-ip": "", "announce-port": "0", loglevel: "notice" },
  ],
  ["CONFIG GET nosuch", {}],
  ["CONFIG SET loglevel loud", "-ERR Invalid value 'loud' to SENTINEL CONFIG SET 'loglevel'"],
  ["CONFIG SET foo bar", "-ERR Invalid argument 'foo' to SENTINEL CONFIG SET"],
  [
    "CONFIG SET loglevel notice loglevel debug",
    "-ERR Duplicate argument 'loglevel' to SENTINEL CONFIG SET",
  ],
  ["CONFIG SET loglevel notice announce-ip", "-ERR Missing argument 'announce-ip' value"],
  [
    "CONFIG FOO a b",
    "-ERR Only SENTINEL CONFIG GET <param> [<param> <param> ...] / SET <param> <value> [<param> <value> ...] are supported.",
  ],
  ["FLUSHCONFIG", "OK"],
  ["MONITOR m2 127.0.0.1 41799 0", "-ERR Quorum must be 1 or greater."],
  ["MONITOR m2 127.0.0.1 abc def", "-ERR Invalid quorum"],
  ["MONITOR m2 127.0.0.1 abc 2", "-ERR Invalid port"],
  ["MONITOR m2 localhost 41799 2", "-ERR Invalid IP address or hostname specified"],
  ["MONITOR m2 127.0.0.1 70000 2", "-ERR Invalid port number."],
  ["MONITOR mymaster 127.0.0.1 41799 2", "-ERR Duplicate master name."],
  ["MONITOR m2 127.0.0.1 41799 2", "OK"],
  ["FAILOVER mymaster", "-NOGOODSLAVE No suitable replica to promote"],
  ["RESET nosuch*", 0],
  ["RESET my*", 1],
  ["REMOVE nope", NO_SUCH],
  ["SET nope quorum 1", NO_SUCH],
  ["SET mymaster quorum 02", "-ERR Invalid argument '02' for SENTINEL SET 'quorum'"],
  ["SET mymaster QUORUM 2", "OK"],
  ["SET mymaster foo bar", SET_USAGE("foo")],
  ["SET mymaster rename-command CONFIG", SET_USAGE("rename-command")],
  ["SET mymaster rename-command CONFIG GUESSME", "OK"],
  ["SET mymaster quorum 3 foo bar", SET_USAGE("foo")],
  [
    "SET mymaster notification-script /bin/true",
    "-ERR Reconfiguration of scripts path is denied for security reasons. Check the deny-scripts-reconfig configuration directive in your Sentinel configuration",
  ],
];

describe("SENTINEL", () => {
  for (const [request, reply] of EXCHANGES) {
    it(`${request}`, () => {
      assert.deepEqual(plain(new LoneSentinel().ask("SENTINEL", ...request.split(" "))), reply);
    });
  }

  it("MASTER lists the fields in the order that clients read by position", () => {
    const reply = new LoneSentinel().ask("SENTINEL", "MASTER", "mymaster");
    const fields = Object.keys(plain(reply) as object);
    const ofRedis = [
      ...["name", "ip", "port", "runid", "flags", "link-pending-commands", "link-refcount"],
      ...["last-ping-sent", "last-ok-ping-reply", "last-ping-reply", "down-after-milliseconds"],
      ...["info-refresh", "role-reported", "role-reported-time", "config-epoch", "num-slaves"],
      ...["num-other-sentinels", "quorum", "failover-timeout", "parallel-syncs"],
    ];
    assert.deepEqual(fields.slice(0, ofRedis.length), ofRedis);
    const ours = SETTING_FIELDS.map((field) => MASTER_SETTINGS[field].name);
    const others = fields.slice(ofRedis.length).filter((name) => !ours.includes(name));
    assert.deepEqual(others, []);
  });

  it("SET applies what stands before an error, says +set for it, and never shows a password", () => {
    const sentinel = new LoneSentinel();
    const words = "SET mymaster quorum 5 auth-pass s3cret foo bar".split(" ");
    assert.equal(plain(sentinel.ask("SENTINEL", ...words)), SET_USAGE("foo"));
    assert.equal(sentinel.master.settings.quorum, 5);
    assert.deepEqual(sentinel.events, [
      "+set master mymaster 127.0.0.1 6379 quorum 5",
      "+set master mymaster 127.0.0.1 6379 auth-pass ******",
    ]);
    assert.equal(sentinel.saves, 1);
  });

  it("SET takes scripts when it may, if they can be executed", () => {
    const sentinel = new LoneSentinel({ denyScriptsReconfig: false });
    const ask = (path: string) =>
      plain(sentinel.ask("SENTINEL", "SET", "mymaster", "notification-script", path));
    assert.equal(ask("/bin/true"), "OK");
    assert.equal(sentinel.master.settings.notificationScript, "/bin/true");
    const refusal = "-ERR Notification script seems non existing or non executable";
    assert.equal(ask("/nowhere"), refusal);
    assert.equal(ask(""), "OK");
    assert.equal(sentinel.master.settings.notificationScript, null);
  });

  for (const request of [
    "FLUSHCONFIG",
    "MONITOR m2 127.0.0.1 41799 2",
    "REMOVE mymaster",
    "SET mymaster quorum 3",
    "CONFIG SET announce-port 1000",
  ]) {
    it(`${request} says so when the file cannot be written, and tries again [D-SAVE-REPLY]`, () => {
      const sentinel = new LoneSentinel();
      sentinel.canSave = false;
      assert.equal(plain(sentinel.ask("SENTINEL", ...request.split(" "))), NOT_SAVED);
      sentinel.canSave = true;
      sentinel.pass(1_200);
      assert.equal(sentinel.saves, 1);
    });
  }

  it("a master removed and monitored again gets no second vote in an epoch [D-REMONITOR] [I1]", () => {
    const sentinel = new LoneSentinel({ currentEpoch: 4n });
    const vote = (id: string) =>
      plain(sentinel.ask("SENTINEL", "is-master-down-by-addr", "127.0.0.1", "6379", "5", id));
    assert.deepEqual(vote("a".repeat(40)), [0, "a".repeat(40), 5]);
    sentinel.ask("SENTINEL", "REMOVE", "mymaster");
    sentinel.ask("SENTINEL", "MONITOR", "mymaster", "127.0.0.1", "6379", "2");
    assert.deepEqual(vote("b".repeat(40)), [0, "*", 5]);
  });

  it("a restart keeps everything that is durable", () => {
    const whole = {
      ...PLAIN_MASTER,
      quorum: 3,
      configEpoch: 5n,
      leaderEpoch: 6n,
      authPass: "p",
      replicas: [{ host: "10.0.0.2", port: 6380 }],
      sentinels: [{ host: "10.0.0.3", port: 26380, runId: "b".repeat(40) }],
      renamedCommands: [["config", "secret"]] as const,
    };
    const sentinel = new LoneSentinel({ currentEpoch: 9n, masters: [whole] });
    assert.deepEqual(sentinel.core.config().masters, [masterConfig(whole)]);
    assert.equal(sentinel.core.config().currentEpoch, 9n);
  });
});

describe("ROLE", () => {
  it("names the masters", () => {
    assert.deepEqual(plain(new LoneSentinel().ask("ROLE")), ["sentinel", ["mymaster"]]);
  });
});

describe("PUBLISH", () => {
  it("takes nothing but hellos", () => {
    const refusal = "-ERR Only HELLO messages are accepted by Sentinel instances.";
    assert.equal(plain(new LoneSentinel().ask("PUBLISH", "news", "hi")), refusal);
  });
});

describe("SENTINEL MONITOR", () => {
  it("takes an address as the C library spells it, and writes it in full", () => {
    const sentinel = new LoneSentinel();
    assert.equal(plain(sentinel.ask("SENTINEL", "MONITOR", "short", "127.1", "6400", "1")), "OK");
    const asked = sentinel.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "short");
    assert.deepEqual(plain(asked), ["127.0.0.1", "6400"]);
    const refused = sentinel.ask("SENTINEL", "MONITOR", "m2", "localhost", "6400", "1");
    assert.equal(plain(refused), "-ERR Invalid IP address or hostname specified");
  });
});

describe("names of masters", () => {
  it("end at a length at which hellos still say them", () => {
    const sentinel = new LoneSentinel();
    const monitor = (length: number) =>
      plain(sentinel.ask("SENTINEL", "MONITOR", "x".repeat(length), "127.0.0.1", "6400", "1"));
    assert.equal(monitor(MAX_MASTER_NAME_BYTES), "OK");
    assert.match(String(monitor(MAX_MASTER_NAME_BYTES + 1)), /^-ERR a name has at most 512 bytes/);
    assert.equal(sentinel.core.state.masters.size, 2);
  });

  it("that are as long, and a pattern that needs most of each, cost RESET little", () => {
    const names = Array.from({ length: 1_000 }, (_, i) =>
      `${i}`.padEnd(MAX_MASTER_NAME_BYTES, "a"),
    );
    const masters = names.map((name) => ({ ...PLAIN_MASTER, name }));
    const sentinel = new LoneSentinel({ masters });
    const pattern = `*${"a".repeat(MAX_MASTER_NAME_BYTES / 2)}b`;
    const costMs = leastCpuMs(() => {
      assert.equal(plain(sentinel.ask("SENTINEL", "RESET", pattern)), 0);
    });
    // On a quiet machine the walk takes 14 ms: 100 ms there, and as much work on any other.
    const walkMs = leastCpuMs(() => walk(names, MAX_STEPS_PER_CHARACTER));
    assert.ok(costMs < 7 * walkMs, `${costMs.toFixed()} ms, a walk ${walkMs.toFixed(1)} ms`);
  });
});

function leastCpuMs(work: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5; attempt++) {
    const from = process.cpuUsage();
    work();
    least = Math.min(least, process.cpuUsage(from).user / 1_000);
  }
  return least;
}

/** Looks at every character of the texts so many times. */
function walk(texts: readonly string[], times: number): void {
  let sum = 0;
  for (const text of texts) {
    for (let at = 0; at < text.length * times; at++) sum += text.charCodeAt(at % text.length);
  }
  assert.ok(sum > 0);
}
