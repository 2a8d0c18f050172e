import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLines } from "../../src/console/check/report.ts";
import { explainLines } from "../../src/console/explain/report.ts";
import { Output } from "../../src/console/output.ts";
import { statusLines } from "../../src/console/status/text.ts";
import { why } from "../../src/explain/why.ts";
import { finding } from "../../src/quorum/check/codes.ts";
import { DEFAULT_LAG_LIMITS, judge } from "../../src/quorum/judgement.ts";
import { type MasterPicture, pictureOf } from "../../src/quorum/picture.ts";
import { readMaster, readSentinel } from "../../src/quorum/read-sentinel.ts";
import { rowOf } from "../../src/quorum/rows.ts";
import { situationOf } from "../../src/quorum/situation.ts";

// Who is woken at night reads two lines: they say what is wrong, and what to do, be it the last of many masters.

const NAMES = Array.from({ length: 20 }, (_, at) => `m${`${at}`.padStart(2, "0")}`);
const DEAD = "m17";
const write = () => true;
const stdout = { write, isTTY: false, columns: 0, rows: 0 } as unknown as NodeJS.WriteStream;
const output = new Output({ stdout, stderr: stdout, env: {} }, true);

/** By one Sentinel alone, so that nobody could be failed over. */
function masters(): readonly MasterPicture[] {
  const sights = NAMES.map((name) => {
    const down = name === DEAD ? ["s-down-time", "9000"] : [];
    const fields = ["name", name, "ip", "10.0.0.1", "port", "6379", "quorum", "1", ...down];
    const replica = [
      ...["ip", "10.0.0.2", "port", "6379", "runid", "r", "flags", "slave"],
      ...["slave-priority", "100", "info-refresh", "900", "master-link-status", "ok"],
    ];
    return readMaster({
      master: rowOf(fields),
      replicas: { ok: true, value: [replica] },
      sentinels: { ok: true, value: [] },
      quorumCheck: { ok: true, value: "OK" },
      ...{ infos: null, pauses: null, journal: null },
    });
  });
  const itself = { id: { ok: true, value: "a" }, info: { ok: true, value: "" } } as const;
  const sentinel = readSentinel({ ...itself, heardAtMs: 0, certificateLeftMs: null }, sights);
  const place = { host: "10.0.0.9", port: 26379 };
  return pictureOf([{ place, isNamed: true, told: { ok: true, value: sentinel } }]).masters;
}

test("status: the worst master, what is wrong with it, and what to ask", () => {
  const judged = masters().map((picture) => {
    return { picture, judgement: judge(picture, DEFAULT_LAG_LIMITS) };
  });
  const lines = statusLines(output, judged);
  assert.match(lines[0] ?? "", /^m17 {2}10\.0\.0\.1:6379 {2}DOWN /);
  assert.equal(lines[1], "  !! master down for 1 of 1 Sentinels");
  assert.equal(lines[2], "  what to do: redis-sentinel-ts explain m17");
  // The others keep their order.
  const heads = lines.filter((line) => /^m\d/.test(line)).map((line) => line.slice(0, 3));
  assert.deepEqual(heads, [DEAD, ...NAMES.filter((name) => name !== DEAD)]);
});

test("explain: the cause, and below it what to do", () => {
  const all = masters().map((picture) => {
    const explanation = why(situationOf(picture));
    const isDead = picture.name === DEAD;
    const todo = isDead ? ["mend it"] : [];
    return {
      picture,
      explanation: { ...explanation, todo, verdict: isDead ? "blocked" : "ready" } as const,
      by: null,
    };
  });
  const [first = "", second] = explainLines(output, all);
  assert.match(first, /^m17 {2}BLOCKED /);
  assert.equal(second, "  do:   mend it");
});

test("check: those with findings, and how many are well", () => {
  const found = [finding("LAG", "m03", "it lags"), finding("MASTER_DOWN", DEAD, "it is down")];
  const lines = checkLines(output, { asked: [], masters: masters() }, found, []);
  assert.deepEqual(lines.slice(0, 3), [DEAD, "  critical  MASTER_DOWN", "    it is down"]);
  assert.equal(lines.at(-2), "18 masters  nothing found");
  const few = checkLines(output, { asked: [], masters: masters().slice(0, 2) }, [], []);
  assert.deepEqual(few.slice(0, 2), ["m00  nothing found", "m01  nothing found"]);
});
