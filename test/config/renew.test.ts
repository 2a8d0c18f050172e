import assert from "node:assert/strict";
import { test } from "node:test";
import { renewConfig } from "../../src/config/renew.ts";
import { DEFAULT_USER, ID, linesOf, load, MONITOR } from "./support.ts";

// An operator edits the file of a running Sentinel and gets a line wrong.

function renew(text: string, oldText = text) {
  const { sentinel, server, generic } = load(text);
  return renewConfig("sentinel.conf", {
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
  test(`\`${line}\` becomes a comment, and the state is saved`, () => {
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
  const wrong = { ...sentinel, masters: [{ ...m, quorum: 0 }] };
  const renewed = renewConfig("sentinel.conf", {
    oldText: "sentinel monitor m 127.0.0.1 6379 0\n",
    generic,
    users: [],
    sentinel: wrong,
    loglevel: server.loglevel,
    workingDir: "/work",
  });
  assert.equal(renewed.ok, false);
});
