import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf } from "../../src/base/bytes.ts";
import { placeOf, placesOf } from "../../src/console/connect/place.ts";
import { Output, type Terminal } from "../../src/console/output.ts";
import { escaped, shown } from "../../src/console/shown.ts";
import { bytesIn } from "../../src/console/sizes.ts";
import { fitted, tableLines, widthOf } from "../../src/console/table.ts";
import { millisOf, spanOf } from "../../src/console/times.ts";
import { nameOf } from "../../src/quorum/place.ts";

// How the console reads and writes words: addresses, times, sizes, tables, names of others.

function terminal(stdout: Partial<Terminal["stdout"]>, env: NodeJS.ProcessEnv = {}): Terminal {
  const write = () => true;
  const out = { write, isTTY: false, columns: 0, rows: 0, ...stdout } as Terminal["stdout"];
  return { stdout: out, stderr: { write, isTTY: false }, env };
}

test("addresses are read in all their forms", () => {
  assert.deepEqual(placeOf("10.0.0.1:26380"), { host: "10.0.0.1", port: 26380 });
  assert.deepEqual(placeOf("s1.example"), { host: "s1.example", port: 26379 });
  assert.deepEqual(placeOf("[::1]:5"), { host: "::1", port: 5 });
  assert.deepEqual(placeOf("fe80::1"), { host: "fe80::1", port: 26379 });
  assert.deepEqual(placesOf("a:1, b:2,,"), [
    { host: "a", port: 1 },
    { host: "b", port: 2 },
  ]);
  for (const text of ["", ":1", "a:0", "a:65536", "a:b", "a b", "[x]:1", "::1:x:y"]) {
    assert.throws(() => placeOf(text), /is no host:port/, text);
  }
  assert.equal(nameOf({ host: "::1", port: 5 }), "[::1]:5");
});

test("what would act on a terminal is shown, not done", () => {
  assert.equal(escaped("a\u001b[31mb\r\n\t\u0007"), "a\\x1b[31mb\\r\\n\\t\\x07");
  assert.equal(escaped("\u202eevil"), "\\u202eevil");
  assert.equal(shown(bytesOf("müsli")), "müsli");
  assert.equal(shown("\u009b31m"), "\\ufffd31m", "a byte that is no UTF-8 and would be an escape");
});

test("JSON holds no byte that acts on a terminal, and says the same", () => {
  let written = "";
  const write = (text: string) => {
    written += text;
    return true;
  };
  const evil = "a\u001b[31m\u009b31m\u202e\u007fz";
  const output = new Output(terminal({ write: write as Terminal["stdout"]["write"] }), false);
  output.jsonLine({ evil, small: 7n, big: 1n << 62n });
  assert.match(written, /^[ -~]+\n$/);
  assert.deepEqual(JSON.parse(written), { schema: 1, evil, small: 7, big: "4611686018427387904" });
});

test("times and sizes are read with their units, and times written short", () => {
  assert.deepEqual(
    ["500ms", "3s", "3", "1.5m", "2h", "7d"].map((text) => millisOf(text, "timeout")),
    [500, 3_000, 3_000, 90_000, 7_200_000, 604_800_000],
  );
  for (const text of ["", "0", "-1s", "3 s", "1y", "0ms"]) {
    assert.throws(() => millisOf(text, "timeout"), /--timeout/, text);
  }
  const spans = [0, 999, 1_000, 41_200, 600_000, 20_000_000, 300_000_000].map(spanOf);
  assert.deepEqual(spans, ["0 ms", "999 ms", "1.0 s", "41 s", "10 min", "6 h", "3 d"]);
  assert.deepEqual(
    ["0", "1MB", "500kB", "2g"].map((text) => bytesIn(text, "warn-lag")),
    [0n, 1_048_576n, 512_000n, 2_000_000_000n],
  );
  assert.throws(() => bytesIn("1 mile", "warn-lag"), /--warn-lag 1 mile is no size/);
});

test("a table fits the window, whatever is in it", () => {
  const rows = [
    ["master", "10.0.0.1:6379", "a reason that is long"],
    ["replica", "漢字", "short"],
  ];
  const wide = new Output(terminal({}), false);
  assert.deepEqual(tableLines(wide, rows), [
    "  master   10.0.0.1:6379  a reason that is long",
    "  replica  漢字           short",
  ]);
  for (const columns of [1, 2, 10, 26, 31, 47, 80]) {
    const narrow = new Output(terminal({ isTTY: true, columns }), true);
    for (const line of tableLines(narrow, rows)) assert.ok(widthOf(line) <= columns, line);
  }
  assert.equal(fitted("abcdef", 4), "abc…");
  assert.equal(fitted("漢字漢字", 4), "漢…", "a wide letter is not cut in two");
});

test("colours are for terminals whose user wants them", () => {
  const isPainted = (stdout: Partial<Terminal["stdout"]>, noColor = false, env = {}) =>
    new Output(terminal(stdout, env), noColor).paint("bad", "x") !== "x";
  assert.equal(isPainted({ isTTY: true }), true);
  assert.equal(isPainted({ isTTY: false }), false);
  assert.equal(isPainted({ isTTY: true }, true), false);
  assert.equal(isPainted({ isTTY: true }, false, { NO_COLOR: "1" }), false);
  assert.equal(isPainted({ isTTY: true }, false, { TERM: "dumb" }), false);
});
