import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigRewriter } from "../../src/config/config-rewriter.ts";
import { DEFAULT_USER, ID, linesOf, load, MONITOR, PEER_ID } from "./support.ts";

// An operator edits the file of a running Sentinel and gets a line wrong.

function renew(text: string, oldText = text) {
  const { sentinel, server, generic } = load(text);
  return new ConfigRewriter("sentinel.conf").renew({
    oldText,
    generic,
    users: [DEFAULT_USER],
    sentinel: { ...sentinel, myId: ID, currentEpoch: 7n },
    loglevel: server.loglevel,
    workingDir: "/work",
  });
}

for (const line of [
  "sentinel auth-password m the-secret",
  "sentinel nosuch",
  "sentinel monitor 'unbalanced",
  "nosuch line",
  "rename-command nosuch x",
]) {
  test(`\`${line}\` becomes a comment, and the state is saved [D-STRAY-LINE]`, () => {
    const renewed = renew(MONITOR, `${MONITOR}  ${line}\n# last\n`);
    assert.ok(renewed.ok);
    const lines = linesOf(renewed.text);
    assert.ok(lines.includes(`# ??? ${line}`), renewed.text);
    assert.ok(lines.includes("sentinel current-epoch 7"));
    assert.equal(lines.indexOf("# last"), lines.indexOf(`# ??? ${line}`) + 1);
    const again = renew(MONITOR, renewed.text);
    assert.ok(again.ok);
    assert.deepEqual(linesOf(again.text).slice(0, lines.length), lines);
  });
}

test("what we would write ourselves is not set aside", () => {
  const { sentinel, server, generic } = load(MONITOR);
  const [m] = sentinel.masters;
  assert.ok(m);
  const wrong = { ...sentinel, masters: [{ ...m, settings: { ...m.settings, quorum: 0 } }] };
  const renewed = new ConfigRewriter("sentinel.conf").renew({
    oldText: "sentinel monitor m 127.0.0.1 6379 0\n",
    generic,
    users: [],
    sentinel: wrong,
    loglevel: server.loglevel,
    workingDir: "/work",
  });
  assert.equal(renewed.ok, false);
});

test("a save after one change costs a fraction of the first", () => {
  const { sentinel, server, generic } = load(MONITOR);
  const [m] = sentinel.masters;
  assert.ok(m);
  const sentinels = [{ host: "10.0.0.9", port: 26_379, runId: PEER_ID }];
  let masters = Array.from({ length: 1000 }, (_, at) => ({ ...m, name: `m-${at}`, sentinels }));
  const rewriter = new ConfigRewriter("sentinel.conf");
  let oldText = MONITOR;
  const cost = (): number => {
    const begin = process.cpuUsage();
    const renewed = rewriter.renew({
      ...{ oldText, generic, users: [DEFAULT_USER], loglevel: server.loglevel },
      ...{ workingDir: "/work", sentinel: { ...sentinel, masters } },
    });
    const { user, system } = process.cpuUsage(begin);
    assert.ok(renewed.ok);
    oldText = renewed.text;
    return user + system;
  };
  const vote = (voter: number): number => {
    masters = masters.map((each, at) => (at === voter ? { ...each, leaderEpoch: 7n } : each));
    return cost();
  };
  const first = cost();
  const later = [1, 2, 3, 4, 5].map(vote).sort((a, b) => a - b)[2] ?? 0;
  assert.match(oldText, /^sentinel leader-epoch m-5 7$/m);
  assert.ok(later * 3 < first, `first ${first} us, later ${later} us`);
});
