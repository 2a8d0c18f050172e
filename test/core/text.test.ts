import assert from "node:assert/strict";
import { isIPv4, isIPv6 } from "node:net";
import { describe, it } from "node:test";
import fc from "fast-check";
import { globMatcher, globMatches } from "../../src/core/glob.ts";
import { parseIp } from "../../src/core/ip.ts";

describe("globMatches", () => {
  for (const [pattern, text, expected] of [
    ["*", "", true],
    ["my*", "mymaster", true],
    ["*r", "mymaster", true],
    ["m?master", "mymaster", true],
    ["m?master", "mmaster", false],
    ["m[xy]m*", "mymaster", true],
    ["m[^xy]m*", "mymaster", false],
    ["m[a-z]m*", "mymaster", true],
    ["m[z-a]m*", "mymaster", true],
    ["a\\*b", "a*b", true],
    ["a\\*b", "axb", false],
    ["[abc", "b", true],
    ["MY*", "mymaster", false],
    ["", "", true],
    ["", "a", false],
    ["a**b", "ab", true],
  ] as const) {
    it(`${pattern} ${expected ? "matches" : "does not match"} "${text}"`, () => {
      assert.equal(globMatches(pattern, text), expected);
    });
  }

  it("ends soon on hostile patterns", () => {
    assert.equal(globMatches("*a".repeat(2_000), `${"a".repeat(1_999)}b`), false);
  });

  it("reads a class once, however often it is asked", () => {
    const matches = globMatcher(`*[${"ab-d".repeat(250_000)}z`);
    const started = performance.now();
    for (let i = 0; i < 10_000; i++) assert.equal(matches("+sdown-END"), false);
    assert.ok(performance.now() - started < 1_000);
    assert.equal(matches("+sdowz"), true);
  });

  it("looks at a text only if it is long enough", () => {
    const matches = globMatcher("[a]".repeat(100_000));
    const started = performance.now();
    for (let i = 0; i < 10_000; i++) assert.equal(matches("aaaa"), false);
    assert.ok(performance.now() - started < 1_000);
    assert.equal(matches("a".repeat(100_000)), true);
    assert.equal(matches("a".repeat(100_001)), false);
  });

  it("knows characters beyond bytes, which names of files have", () => {
    assert.equal(globMatches("[\u0101-\u0103]", "\u0102"), true);
    assert.equal(globMatches("[^\u0101-\u0103]", "\u0102"), false);
    assert.equal(globMatches("[a-\u0103]", "z"), true);
  });

  it("never throws", () => {
    const bytes = fc.string({ unit: "binary" });
    fc.assert(fc.property(bytes, bytes, (a, b) => typeof globMatches(a, b) === "boolean"));
  });
});

describe("parseIp", () => {
  for (const [text, canonical] of [
    ["127.0.0.1", "127.0.0.1"],
    ["256.0.0.1", null],
    ["1.2.3", null],
    ["01.2.3.4", null],
    ["::1", "::1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["2001:DB8::00ff", "2001:db8::ff"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"],
    ["::ffff:1.2.3.4", "::ffff:102:304"],
    ["::", "::"],
    ["1::2::3", null],
    ["1:2:3:4:5:6:7:8:9", null],
    ["1:2:3:4:5:6:7::8", null],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["redis.example", null],
    ["", null],
  ] as const) {
    it(`reads "${text}" as ${canonical}`, () => assert.equal(parseIp(text), canonical));
  }

  it("knows exactly the addresses that the platform knows", () => {
    const candidates = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain(), fc.string());
    fc.assert(
      fc.property(candidates, (text) => {
        assert.equal(parseIp(text) !== null, isIPv4(text) || isIPv6(text));
      }),
    );
  });
});
