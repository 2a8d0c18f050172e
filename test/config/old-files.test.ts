import assert from "node:assert/strict";
import { test } from "node:test";
import { formatConfigError } from "../../src/config/config-error.ts";
import { fromOldSpelling } from "../../src/core/old-address.ts";
import { failure, load, MONITOR, rewritten } from "./support.ts";

// Files that a C Sentinel starts with and that have a plain meaning [FILE-OLD-ADDRESS].

const SPELLINGS: readonly (readonly [written: string, meant: string | null])[] = [
  ["127.1", "127.0.0.1"],
  ["192.168.001.010", "192.168.1.8"],
  ["10.1.258", "10.1.1.2"],
  ["0x7f.1", "127.0.0.1"],
  ["2130706433", "127.0.0.1"],
  ["0", "0.0.0.0"],
  ["1.2.3.4", "1.2.3.4"],
  ["1.2.3.256", null],
  ["256.1", null],
  ["4294967296", null],
  ["1.2.3.4.5", null],
  ["1.2.3.09", null],
  ["1..2", null],
  ["", null],
  ["host", null],
  ["::1", null],
];

test("addresses are read as inet_aton reads them", () => {
  for (const [written, meant] of SPELLINGS) assert.equal(fromOldSpelling(written), meant, written);
});

test("an address in an old spelling is made canonical, with one warning", () => {
  const { sentinel, warnings } = load(
    "# x\nsentinel monitor m 127.1 6379 2\nsentinel known-replica m 10.000.0.2 1\n",
  );
  assert.equal(sentinel.masters[0]?.host, "127.0.0.1");
  assert.deepEqual(sentinel.masters[0]?.replicas, [{ host: "10.0.0.2", port: 1 }]);
  assert.deepEqual(warnings, [
    "sentinel.conf, line 2: '127.1' is taken as 127.0.0.1, as a C Sentinel takes it",
    "sentinel.conf, line 3: '10.000.0.2' is taken as 10.0.0.2, as a C Sentinel takes it",
  ]);
});

test("an epoch out of range is the last one, with one warning", () => {
  for (const word of ["18446744073709551615", "9223372036854775808", "-1"]) {
    for (const line of ["current-epoch", "config-epoch m", "leader-epoch m"]) {
      const { sentinel, warnings } = load(`${MONITOR}sentinel ${line} ${word}\n`);
      const [m] = sentinel.masters;
      const found = { "current-epoch": sentinel.currentEpoch, "config-epoch m": m?.configEpoch };
      const epoch = line === "leader-epoch m" ? m?.leaderEpoch : found[line as keyof typeof found];
      assert.equal(epoch, 2n ** 63n - 1n, `${line} ${word}`);
      assert.match(warnings.join(), /^sentinel\.conf, line 2: the epoch \S+ is out of range[^,]*$/);
    }
  }
});

test("a line that is gone since 2.8: the error says that it may be removed", () => {
  const error = failure(`${MONITOR}sentinel can-failover m yes\n`);
  assert.match(
    formatConfigError(error, "Redis"),
    /line 2: .*gone since Redis 2\.8: remove the line/,
  );
});

test("values and users of newer servers are taken and kept", () => {
  const lines = [
    "maxmemory-policy allkeys-lrm",
    "repl-diskless-load flush-before-load",
    "shutdown-on-sigterm failover",
    "shutdown-on-sigint nosave failover",
  ];
  const text = rewritten(`${lines.join("\n")}\n${MONITOR}`);
  for (const line of lines) assert.ok(text.includes(line), line);
  const rules =
    "user a on nopass sanitize-payload ~* &* alldbs +@all\nuser b db=0,1 (resetdbs +ping)\n";
  assert.equal(load(rules).server.users.length, 2);
  assert.match(failure("shutdown-on-sigint later failover\n").reason, /must be one of/);
  assert.match(failure('tls-expected-peer-name " "\n').reason, /a list of names/);
  assert.match(failure("user a db=x\n").reason, /Syntax error/);
  assert.match(failure("user a db=\n").reason, /Syntax error/);
});
