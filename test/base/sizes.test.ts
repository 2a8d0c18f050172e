import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sizeIn, sizeText } from "../../src/base/sizes.ts";

test("a size is read as redis.conf reads it", () => {
  const sizes = {
    ...{ "0": 0n, "12": 12n, "12b": 12n, "1k": 1_000n, "64kb": 65_536n, "500kB": 512_000n },
    ...{ "1m": 1_000_000n, "1MB": 1_048_576n, "2g": 2_000_000_000n, "2Gb": 2_147_483_648n },
  };
  for (const [text, size] of Object.entries(sizes)) assert.equal(sizeIn(text), size, text);
  for (const text of [
    "",
    "mb",
    "-1",
    "1 MB",
    "1tb",
    "1.5mb",
    "1mib",
    "1constructor",
    "9".repeat(16),
  ]) {
    assert.equal(sizeIn(text), null, text);
  }
});

test("a size is written short, in units of 1024", () => {
  const texts = {
    ...{ "0 B": 0n, "812 B": 812n, "1023 B": 1_023n, "1 kB": 1_024n, "1.5 kB": 1_536n },
    ...{ "1023 kB": 1_047_900n, "1 MB": 1_048_575n, "3.1 MB": 3_250_000n, "100 MB": 104_857_599n },
    ...{ "4 EB": 1n << 62n, "1024 EB": 1n << 70n },
  };
  for (const [text, bytes] of Object.entries(texts)) {
    assert.deepEqual([sizeText(bytes), sizeText(Number(bytes))], [text, text]);
  }
});

test("what is written is read again as about the same", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 40n }), (bytes) => {
      const [, count = "", unit = ""] = /^([\d.]+) (\w+)$/.exec(sizeText(bytes)) ?? [];
      if (unit === "TB") return;
      const read = Number(count) * Number(sizeIn(`1${unit}`));
      assert.ok(Math.abs(read - Number(bytes)) <= Number(bytes) * 0.05, `${bytes}: ${read}`);
    }),
  );
});
