import assert from "node:assert/strict";
import { isIPv4, isIPv6 } from "node:net";
import { describe, it } from "node:test";
import fc from "fast-check";
import { globMatches } from "../../src/core/glob.ts";
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
