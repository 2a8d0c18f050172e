import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStreamParser } from "../../src/page/event-stream.ts";
import { ageText, exactText, placeText, shortened } from "../../src/page/say.ts";

test("ages and spans are short", () => {
  const ages = [-5, 0, 940, 9_999, 12_400, 60_000, 200_000, 18_120_000, 273_600_000].map(ageText);
  assert.deepEqual(ages, [
    ...["0.0 s", "0.0 s", "0.9 s", "10.0 s", "12 s", "1 min", "3 min 20 s"],
    ...["5 h 2 min", "3 d 4 h"],
  ]);
  assert.deepEqual([6.4, 999, 5_021, 61_000].map(exactText), [
    "6 ms",
    "999 ms",
    "5.021 s",
    "1 min 1 s",
  ]);
});

test("addresses and long names", () => {
  assert.equal(placeText({ host: "fe80::1", port: 6379 }), "[fe80::1]:6379");
  assert.equal(placeText({ host: "", port: 6379 }), "(unresolved):6379");
  assert.equal(shortened("redis-0.redis.default.svc:6379", 20), "redis-0.re….svc:6379");
  assert.equal(shortened("abcdef", 6), "abcdef");
  for (const most of [1, 2, 3, 4])
    assert.ok(shortened("abcdefgh", most).length <= Math.max(most, 2));
});

test("a stream of events is read in whatever pieces it comes", () => {
  const text =
    'retry: 1000\n: hello\n\nid: 7\nevent: +sdown\ndata: {"a":1}\n\n' +
    "id: 8\r\nevent: -sdown\r\ndata: x\r\ndata: y\r\n\r\n: still here\n\n";
  const expected = [
    { id: "7", name: "+sdown", data: '{"a":1}' },
    { id: "8", name: "-sdown", data: "x\ny" },
  ];
  for (let size = 1; size <= text.length; size++) {
    const parser = new EventStreamParser();
    const heard = [];
    for (let at = 0; at < text.length; at += size)
      heard.push(...parser.read(text.slice(at, at + size)));
    assert.deepEqual(heard, expected, `pieces of ${size}`);
  }
  const parser = new EventStreamParser();
  assert.throws(() => parser.read("x".repeat(1_000_001)), /without an end/);
});
