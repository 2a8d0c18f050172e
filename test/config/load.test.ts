import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { loadConfig } from "../../src/config/load.ts";
import { MAX_EPOCH } from "../../src/core/defaults.ts";
import { DEFAULT_SETTINGS } from "../../src/core/master-settings.ts";
import { failure, ID, load, loaded, MONITOR, PEER_ID, sourceOf } from "./support.ts";

test("every sentinel directive arrives", () => {
  const { sentinel } = load(`
sentinel auth-pass m "se cret"
SENTINEL Monitor m 10.0.0.1 6380 2
sentinel monitor other ::1 6381 1
sentinel down-after-milliseconds m 5000
sentinel failover-timeout m 60000
sentinel parallel-syncs m 3
sentinel notification-script m /bin/notify
sentinel client-reconfig-script m /bin/reconfig
sentinel auth-user m ops
sentinel master-reboot-down-after-period m 7
sentinel config-epoch m 4
sentinel leader-epoch m 6
sentinel known-replica m 10.0.0.2 6380
sentinel known-slave m 10.0.0.3 6380
sentinel known-sentinel m 10.0.0.9 26379 ${PEER_ID}
sentinel known-sentinel m 10.0.0.9 26379
sentinel rename-command m CONFIG guess
sentinel current-epoch 5
sentinel myid ${ID}
sentinel deny-scripts-reconfig no
sentinel resolve-hostnames no
sentinel announce-hostnames YES
sentinel announce-ip 1.2.3.4
sentinel announce-port 26380
sentinel sentinel-user s
sentinel sentinel-pass p
sentinel
`);
  assert.deepEqual(sentinel, {
    myId: ID,
    currentEpoch: 5n,
    denyScriptsReconfig: false,
    resolveHostnames: false,
    announceHostnames: true,
    announceIp: "1.2.3.4",
    announcePort: 26_380,
    sentinelUser: "s",
    sentinelPass: "p",
    masters: [
      {
        name: "m",
        host: "10.0.0.1",
        port: 6380,
        settings: {
          ...DEFAULT_SETTINGS,
          quorum: 2,
          downAfterMs: 5000,
          failoverTimeoutMs: 60_000,
          parallelSyncs: 3,
          notificationScript: "/bin/notify",
          clientReconfigScript: "/bin/reconfig",
          authPass: "se cret",
          authUser: "ops",
          rebootDownAfterMs: 7,
          renamedCommands: [["CONFIG", "guess"]],
        },
        configEpoch: 4n,
        leaderEpoch: 6n,
        replicas: [
          { host: "10.0.0.2", port: 6380 },
          { host: "10.0.0.3", port: 6380 },
        ],
        sentinels: [{ host: "10.0.0.9", port: 26_379, runId: PEER_ID }],
      },
      {
        ...{ name: "other", host: "::1", port: 6381 },
        settings: { ...DEFAULT_SETTINGS, quorum: 1 },
        ...{ configEpoch: 0n, leaderEpoch: 0n },
        ...{ replicas: [], sentinels: [] },
      },
    ],
  });
});

test("empty announce-ip, sentinel-user and sentinel-pass count as unset", () => {
  const text = 'sentinel announce-ip ""\nsentinel sentinel-user ""\nsentinel sentinel-pass ""\n';
  const { announceIp, sentinelUser, sentinelPass } = load(text).sentinel;
  assert.deepEqual([announceIp, sentinelUser, sentinelPass], [null, null, null]);
});

test("the greatest epoch wins, a config-epoch raises it", () => {
  const current = (text: string) => load(text).sentinel.currentEpoch;
  assert.equal(current("sentinel current-epoch 9\nsentinel current-epoch 3\n"), 9n);
  assert.equal(current(`${MONITOR}sentinel config-epoch m 12\nsentinel current-epoch 9\n`), 12n);
  assert.equal(current(`sentinel current-epoch ${MAX_EPOCH}\n`), MAX_EPOCH);
  for (const word of ["-1", "9223372036854775808", "18446744073709551615", "9".repeat(40)]) {
    assert.equal(current(`sentinel current-epoch ${word}\n`), MAX_EPOCH, word);
  }
});

test("numbers read as atoi reads them", () => {
  const { masters } = load(
    `sentinel monitor m 127.0.0.1 x 2x\n${"sentinel parallel-syncs m abc\n"}`,
  ).sentinel;
  assert.equal(masters[0]?.port, 0);
  assert.equal(masters[0]?.settings.quorum, 2);
  assert.equal(masters[0]?.settings.parallelSyncs, 0);
  const wrapped = load("sentinel monitor m 127.0.0.1 1 99999999999\n").sentinel.masters[0];
  assert.equal(wrapped?.settings.quorum, 1_215_752_191);
});

test("with resolve-hostnames any name is accepted unresolved, wherever that line stands", () => {
  const text = "sentinel monitor m redis.example 6379 2\nsentinel resolve-hostnames yes\n";
  assert.equal(load(text).sentinel.masters[0]?.host, "redis.example");
});

test("Valkey's word for the reboot period is understood", () => {
  const text = `${MONITOR}sentinel primary-reboot-down-after-period m 9\n`;
  assert.equal(load(text).sentinel.masters[0]?.settings.rebootDownAfterMs, 9);
});

test("a replica under both its names, as Redis 7.0 leaves it, is one replica [D-KNOWN-TWICE]", () => {
  const text = `${MONITOR}sentinel known-slave m 10.0.0.2 1\nsentinel known-replica m 10.0.0.2 1\n`;
  assert.deepEqual(load(text).sentinel.masters[0]?.replicas, [{ host: "10.0.0.2", port: 1 }]);
});

test("includes take effect in place, globs may match nothing", () => {
  const files = { "a.conf": "port 2\ninclude b.conf\n", "b.conf": "timeout 7\n", d1: "hz 5\n" };
  const { server } = load("port 1\ninclude a.conf\ninclude d*\ninclude none*\n", files);
  assert.deepEqual([server.port, server.timeoutSeconds], [2, 7]);
});

test("the main file has the last word over sentinel lines of an included one", () => {
  const included = `${MONITOR}sentinel known-sentinel m 10.0.0.8 1 ${PEER_ID}
sentinel down-after-milliseconds m 100\nsentinel rename-command m a old\n`;
  const main = `sentinel monitor m 10.0.0.5 6380 3
sentinel known-sentinel m 10.0.0.9 2 ${PEER_ID}
sentinel down-after-milliseconds m 200\nsentinel rename-command m A new\n`;
  for (const text of [`include i\n${main}`, `${main}include i\n`]) {
    const [master, ...others] = load(text, { i: included }).sentinel.masters;
    assert.equal(others.length, 0);
    const { quorum, downAfterMs, renamedCommands } = master?.settings ?? DEFAULT_SETTINGS;
    assert.deepEqual([master?.host, quorum, downAfterMs], ["10.0.0.5", 3, 200]);
    assert.deepEqual(master?.sentinels, [{ host: "10.0.0.9", port: 2, runId: PEER_ID }]);
    assert.deepEqual(renamedCommands, [["A", "new"]]);
  }
});

test("standard input follows the file, options follow both", () => {
  const source = sourceOf("port 1\ntimeout 1\nhz 5", {}, [
    { origin: "stdin", text: "port 2\ntimeout 2\n" },
    { origin: "options", text: 'port "3" ' },
  ]);
  const { server } = loaded(loadConfig(source));
  assert.deepEqual([server.port, server.timeoutSeconds], [3, 2]);
});

test("lines of options are counted on from the file", () => {
  const cases: readonly (readonly [text: string, line: number])[] = [
    ["", 2],
    ["port 1", 2],
    ["port 1\n", 3],
  ];
  for (const [text, line] of cases) {
    const options = {
      origin: "options",
      text: 'sentinel "monitor" "y" "127.0.0.1" "1" "0" ',
    } as const;
    const result = loadConfig(sourceOf(text, {}, [options]));
    assert.ok(!result.ok);
    assert.deepEqual([result.error.line, result.error.file], [line, "(command line)"]);
  }
  const stdin = { origin: "stdin", text: "x\n" } as const;
  const result = loadConfig(sourceOf("port 1", {}, [stdin]));
  assert.ok(!result.ok);
  assert.deepEqual([result.error.line, result.error.file], [2, "(standard input)"]);
});

test("a loop of includes ends in an error", () => {
  const error = failure("include a\n", { a: "port 1\ninclude a\n" });
  assert.deepEqual([error.file, error.line], ["a", 2]);
  assert.match(error.reason, /nested includes/);
});

test("arbitrary bytes load or are refused", () => {
  const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
  const word = fc.oneof(
    fc.string({ unit: byte }),
    fc.constantFrom(
      "sentinel",
      "monitor",
      "m",
      "127.0.0.1",
      "1",
      "port",
      "user",
      "bind",
      "include",
    ),
    fc.constantFrom("known-replica", "config-epoch", "rename-command", "save", "\n", '"', "'"),
  );
  const text = fc.array(word).map((words) => words.join(" "));
  fc.assert(
    fc.property(text, (given) => {
      const result = loadConfig(sourceOf(given));
      assert.ok(result.ok || result.error.reason !== "");
    }),
    { numRuns: 1000 },
  );
});
