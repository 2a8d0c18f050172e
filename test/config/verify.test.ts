import assert from "node:assert/strict";
import { test } from "node:test";
import { verifyRewritten } from "../../src/config/verify.ts";
import type { SentinelConfig } from "../../src/core/config.ts";
import { load, MONITOR, PEER_ID, rewritten } from "./support.ts";

const OLD = `${MONITOR}sentinel known-replica m 10.0.0.2 6379
sentinel known-sentinel m 10.0.0.9 26379 ${PEER_ID}\nsentinel current-epoch 3\n`;

function verify(text: string, expected: SentinelConfig) {
  const { generic } = load("");
  return verifyRewritten({ path: "sentinel.conf", text, expected, generic });
}

test("a faithful file passes, in whatever order its lines stand", () => {
  const { sentinel } = load(OLD);
  assert.equal(verify(OLD, sentinel), null);
  assert.equal(verify(OLD.split("\n").reverse().join("\n"), sentinel), null);
});

test("a file that does not load is told with the line [D-LOADABLE]", () => {
  const error = verify(`${OLD}sentinel auth-pass m a b\n`, load(OLD).sentinel);
  assert.equal(
    error?.message,
    "The new file would not load at line 5 ('sentinel auth-pass ...'): Unrecognized sentinel configuration statement.",
  );
  assert.equal(error?.cause?.file, "sentinel.conf");
  assert.match(verify("port x\n", load("").sentinel)?.message ?? "", /line 1 \('port ...'\)/);
});

test("what the log gets to read of a line is no password", () => {
  const { sentinel } = load("");
  for (const line of [
    "sentinel auth-pass m the-secret x",
    'requirepass "the-secret',
    "user u >the-secret on foo",
    "user u on (>the-secret)",
  ]) {
    const message = verify(`${line}\n`, sentinel)?.message ?? "";
    assert.match(message, /^The new file would not load at line 1 /);
    assert.doesNotMatch(message, /secret/);
  }
});

test("a file that lost something is told by what", () => {
  const { sentinel } = load(OLD);
  const [m] = sentinel.masters;
  assert.ok(m);
  const losses: readonly (readonly [expected: SentinelConfig, message: RegExp])[] = [
    [{ ...sentinel, currentEpoch: 4n }, /would lose a setting of the Sentinel itself$/],
    [{ ...sentinel, announceIp: "1.2.3.4" }, /would lose a setting of the Sentinel itself$/],
    [{ ...sentinel, masters: [{ ...m, leaderEpoch: 1n }] }, /would lose the state of master 'm'$/],
    [{ ...sentinel, masters: [{ ...m, replicas: [] }] }, /would lose the state of master 'm'$/],
    [{ ...sentinel, masters: [m, { ...m, name: "n" }] }, /would lose the state of master 'n'$/],
    [{ ...sentinel, masters: [] }, /would lose the removal of master 'm'$/],
  ];
  for (const [expected, message] of losses) {
    assert.match(verify(OLD, expected)?.message ?? "", message);
  }
});

test("a master without a host is refused, not written", () => {
  const { sentinel } = load(OLD);
  const [m] = sentinel.masters;
  assert.ok(m);
  const masters = [{ ...m, host: "" }];
  const text = rewritten(OLD, { masters });
  assert.match(verify(text, { ...sentinel, masters })?.message ?? "", /would not load/);
});

test("a script that vanished since the start does not stop a save", () => {
  const text = `${MONITOR}sentinel notification-script m /gone\n`;
  const { sentinel } = load(MONITOR);
  const masters = sentinel.masters.map((m) => ({
    ...m,
    settings: { ...m.settings, notificationScript: "/gone" },
  }));
  assert.equal(verify(text, { ...sentinel, masters }), null);
});

test("included sentinel lines are held against the new file", () => {
  const files = { i: `${MONITOR}sentinel known-replica m 10.0.0.2 6379\n` };
  const { sentinel, generic } = load("include i\n", files);
  const text = rewritten("include i\n", {}, { files });
  const expected = load(text, files).sentinel;
  assert.deepEqual(expected.masters, sentinel.masters);
  assert.equal(verifyRewritten({ path: "f", text, expected, generic }), null);
});

test("many masters are written and verified in linear time", () => {
  const masters = (count: number) => {
    const [m] = load(OLD).sentinel.masters;
    assert.ok(m);
    return Array.from({ length: count }, (_, at) => ({ ...m, name: `master-${at}` }));
  };
  const cost = (count: number) => {
    const change = { masters: masters(count) };
    const first = rewritten(MONITOR, change);
    const begin = process.cpuUsage();
    const text = rewritten(first, change, { oldText: first });
    assert.equal(verify(text, load(text).sentinel), null);
    const used = process.cpuUsage(begin);
    return used.user + used.system;
  };
  cost(200);
  const [small, large] = [cost(200), cost(1600)];
  assert.ok(large < 8 * 5 * small, `${small} us for 200 masters, ${large} us for 1600`);
});
