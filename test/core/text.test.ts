import assert from "node:assert/strict";
import { isIPv4, isIPv6 } from "node:net";
import { describe, it } from "node:test";
import fc from "fast-check";
import { globMatcher, globMatches, MAX_STEPS_PER_CHARACTER } from "../../src/base/glob.ts";
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

  it("takes time in proportion to the text, however long the pattern", () => {
    for (const [head, unit] of [
      ["", "a"],
      ["", "?"],
      ["", "[a-z]"],
      ["*a", "a"],
    ] as const) {
      const matches = globMatcher(`${head}*${unit.repeat(32_000)}b`);
      const started = process.cpuUsage();
      assert.equal(matches("a".repeat(64_000)), false);
      const tookMs = process.cpuUsage(started).user / 1_000;
      assert.ok(tookMs < 2_000, `${unit}: ${tookMs} ms`);
    }
  });

  it("is exact for patterns of ordinary length, on whatever text", () => {
    const letters = fc.constantFrom("a", "b", "?", "*", "[ab]", "[^b]");
    const parts = fc.array(letters, { maxLength: MAX_STEPS_PER_CHARACTER });
    const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 40 });
    fc.assert(
      fc.property(parts, text, (glob, chars) => {
        const expected = matchesSlowly(glob, chars);
        assert.equal(globMatches(glob.join(""), chars), expected, `${glob.join("")} on ${chars}`);
      }),
    );
    const long = "a".repeat(MAX_STEPS_PER_CHARACTER - 1);
    assert.equal(globMatches(`*${long}b`, `${"a".repeat(50_000)}b`), true);
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

/** Whether the parts of a pattern match, by which ends of the text each part can reach. */
function matchesSlowly(parts: readonly string[], text: string): boolean {
  let ends = new Set([0]);
  for (const part of parts) {
    const next = new Set<number>();
    for (const end of ends) {
      if (part === "*") for (let at = end; at <= text.length; at++) next.add(at);
      else if (end < text.length && ACCEPTED[part]?.includes(text[end] ?? "")) next.add(end + 1);
    }
    ends = next;
  }
  return ends.has(text.length);
}

const ACCEPTED: Readonly<Record<string, string>> = {
  a: "a",
  b: "b",
  "?": "ab",
  "[ab]": "ab",
  "[^b]": "a",
};

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
