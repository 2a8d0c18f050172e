import assert from "node:assert/strict";
import { test } from "node:test";
import { meantServer } from "../../src/http/probes.ts";
import { shown, toJson } from "../../src/http/shown.ts";
import { partsOf } from "../../src/http/target.ts";

test("which server a probe means: by its path, by HAProxy, by where it came in", () => {
  const haproxy = "UP 2/3; name=redis/one; node=lb; weight=1/2; address=10.0.0.2; port=6380";
  const cases = [
    [["10.0.0.1", "6379"], haproxy, "10.0.0.9", { host: "10.0.0.1", port: 6379 }],
    [["10.0.0.1", "x"], undefined, "10.0.0.9", { host: "10.0.0.1", port: null }],
    [[], haproxy, "10.0.0.9", { host: "10.0.0.2", port: 6380 }],
    [[], "DOWN", "::ffff:10.0.0.9", { host: "10.0.0.9", port: null }],
    [[], undefined, undefined, null],
  ] as const;
  for (const [path, state, local, meant] of cases) {
    assert.deepEqual(meantServer(path, state, local), meant);
  }
});

test("a path is taken apart as bytes, and no path is none", () => {
  assert.deepEqual(partsOf("/is-master/a%2fb/h/1?lag=1MB&x")?.parts, [
    "is-master",
    "a/b",
    "h",
    "1",
  ]);
  assert.deepEqual(partsOf("/x/%c3%a9%e9%zz%")?.parts, ["x", "\xc3\xa9\xe9%zz%"]);
  assert.equal(partsOf("/status?name=%C3%A9")?.query.get("name"), "é");
  assert.deepEqual(partsOf("//a/../b")?.parts, ["", "a", "..", "b"]);
  for (const url of ["", "*", "http://x/", "status", "/a b", "/\xe9", "/a\nb", "/a#b"]) {
    assert.equal(partsOf(url), null, url);
  }
});

test("byte strings are shown as what they say, and numbers of any size as they are", () => {
  assert.equal(shown("caf\xc3\xa9"), "café");
  assert.equal(shown("caf\xe9 \xc3\xa9"), "caf\\xe9 \\xc3\\xa9");
  const value = { a: 9_223_372_036_854_775_807n, b: ['\xc3\xa9"\n', null, true, 1.5], c: {} };
  assert.equal(toJson(value), '{"a":9223372036854775807,"b":["é\\"\\n",null,true,1.5],"c":{}}');
});
