import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_LAG_LIMITS, judge } from "../../src/quorum/judgement.ts";
import { type MasterPicture, pictureOf } from "../../src/quorum/picture.ts";
import { readMaster, readSentinel } from "../../src/quorum/read-sentinel.ts";
import { rowOf } from "../../src/quorum/rows.ts";
import type { Asked } from "../../src/quorum/sight.ts";
import { explanationOf } from "../../src/quorum/situation.ts";

// The cause that is worked out of what C Sentinels answer, in each way that a failover can be blocked or go on.

const id = (of: string) => of.repeat(40);
const flat = (fields: object) =>
  Object.entries(fields).flatMap(([name, value]) => [name, `${value}`]);
const ALL = ["a", "b", "c"] as const;
const DOWN = { flags: "master,s_down,disconnected", "s-down-time": 7_000 };
const ODOWN = { ...DOWN, "o-down-time": 6_000 };

const masterRow = {
  ...{ name: "m", ip: "10.0.0.1", port: 6379, runid: id("0"), flags: "master" },
  ...{ "last-ok-ping-reply": 200, "info-refresh": 1_000, "role-reported": "master" },
  ...{ "config-epoch": 3, quorum: 2, "down-after-milliseconds": 5_000 },
  "failover-timeout": 60_000,
};
const replicaRow = {
  ...{ name: "10.0.0.2:6379", ip: "10.0.0.2", port: 6379, runid: id("2"), flags: "slave" },
  ...{ "last-ok-ping-reply": 200, "info-refresh": 1_000, "master-link-down-time": 0 },
  ...{ "master-link-status": "ok", "slave-priority": 100, "slave-repl-offset": 900 },
};

interface Saying {
  readonly master?: object;
  readonly replica?: object | null;
  readonly isTilt?: boolean;
  /** More lines of INFO. */
  readonly info?: string;
  /** Of the row of each other Sentinel, by its letter. */
  readonly peers?: Readonly<Record<string, object>>;
}

function sentinel(own: (typeof ALL)[number], saying: Saying): Asked {
  const { replica = {}, peers = {}, isTilt = false } = saying;
  const sight = readMaster({
    master: rowOf(flat({ ...masterRow, ...saying.master })),
    replicas: { ok: true, value: replica ? [flat({ ...replicaRow, ...replica })] : [] },
    sentinels: {
      ok: true,
      value: ALL.filter((one) => one !== own).map((one) =>
        flat({ ip: `s-${one}`, port: 26379, runid: id(one), flags: "sentinel", ...peers[one] }),
      ),
    },
    quorumCheck: { ok: true, value: "OK" },
    ...{ infos: [], pauses: null, journal: null },
  });
  const info = `redis_version:7.0.15\r\nsentinel_tilt:${isTilt ? 1 : 0}\r\n${saying.info ?? ""}`;
  const itself = { id: { ok: true, value: id(own) }, info: { ok: true, value: info } } as const;
  const told = readSentinel({ ...itself, heardAtMs: 0, certificateLeftMs: null }, [sight]);
  return {
    place: { host: `s-${own}`, port: 26379 },
    isNamed: true,
    told: { ok: true, value: told },
  };
}

/** Those that are not here do not answer. */
function pictured(says: Readonly<Partial<Record<(typeof ALL)[number], Saying>>>): MasterPicture {
  const asked = ALL.map((one): Asked => {
    const place = { host: `s-${one}`, port: 26379 };
    const saying = says[one];
    if (saying) return sentinel(one, saying);
    return { place, isNamed: true, told: { ok: false, error: "Connection refused" } };
  });
  const [picture] = pictureOf(asked).masters;
  assert.ok(picture);
  return picture;
}

const explained = (says: Parameters<typeof pictured>[0]) => explanationOf(pictured(says));

test("of two in TILT and one that sees it down, the one counts: the others judge nothing", () => {
  const picture = pictured({ a: { isTilt: true }, b: { isTilt: true }, c: { master: DOWN } });
  const { severity, troubles } = judge(picture, DEFAULT_LAG_LIMITS);
  assert.equal(severity, 2);
  assert.deepEqual(troubles[0], { severity: 2, text: "master down for 1 of 3 Sentinels" });
  const { code, todo } = explanationOf(picture);
  assert.equal(code, "TILT");
  assert.ok(todo.length > 0);
  const one = explained({ a: { isTilt: true }, b: {}, c: { master: DOWN } });
  assert.equal(one.code, "S_DOWN_NO_QUORUM");
  assert.equal(one.todo[0], "s-a:26379 stood still, and judges again after 30 s");
});

const all = (saying: Saying) => ({ a: saying, b: saying, c: saying });
const GONE = { c: { "s-down-time": 9_000, "last-ok-ping-reply": 14_000 } };

for (const [title, says, verdict, code, text] of [
  ["all is well", all({}), "ready", "UP", /is up; if it died, 10\.0\.0\.2:6379 would take over/],
  [
    "one sees it down",
    { a: { master: DOWN }, b: {}, c: {} },
    "blocked",
    "S_DOWN_NO_QUORUM",
    /^10\.0\.0\.1:6379 is down for 1 of 3 Sentinels, 2 are needed \(it cannot be connected to\)$/,
  ],
  ["it is due", all({ master: ODOWN }), "ready", "DUE", /unless the last attempt is too recent$/],
  [
    "a majority is away",
    { a: { peers: { b: GONE.c, ...GONE }, master: { ...ODOWN, quorum: 1 } } },
    "blocked",
    "NO_MAJORITY",
    /is down; 1 of 3 Sentinels can vote, 2 are needed/,
  ],
  ["no replica", all({ replica: null }), "blocked", "NO_REPLICA", /is up; no replica is known/],
  [
    "the server that is watched is a replica",
    all({ replica: null, master: { "role-reported": "slave", "role-reported-time": 9_000 } }),
    "blocked",
    "MASTER_IS_REPLICA",
    /is up; it says that it is a replica itself, and has none/,
  ],
  [
    "none is fit",
    all({ master: ODOWN, replica: { "slave-priority": 0 } }),
    "blocked",
    "NO_FIT_REPLICA",
    /is down; no replica could .* its priority is 0$/,
  ],
  [
    "its vote binds it",
    all({ master: ODOWN, peers: { a: { "voted-leader": id("b"), "voted-leader-epoch": 4 } } }),
    "blocked",
    "VOTED_FOR_ANOTHER",
    /s-a:26379 voted for Sentinel s-b:26379 in epoch 4, .* for up to 2 min$/,
  ],
  [
    "two of three in TILT",
    { a: { isTilt: true }, b: { isTilt: true }, c: {} },
    "blocked",
    "TILT",
    /s-a:26379 is in TILT/,
  ],
  ["one of three in TILT", { a: { isTilt: true }, b: {}, c: {} }, "ready", "UP", /is up/],
  [
    "two masters in one epoch",
    { a: {}, b: {}, c: { master: { ip: "10.0.0.2", runid: id("2") } } },
    "blocked",
    "DISAGREEMENT",
    /in config epoch 3 Sentinels name 10\.0\.0\.[12]:6379 and 10\.0\.0\.[12]:6379/,
  ],
  [
    "an election",
    { a: { master: { ...ODOWN, "failover-state": "wait_start" } }, b: {}, c: {} },
    "busy",
    "ELECTION",
    /s-a:26379 stands for election: it needs 2 votes$/,
  ],
  [
    "an election that nobody can win, as two cannot save",
    {
      a: { master: { ...ODOWN, "failover-state": "wait_start" } },
      b: { info: "sentinel_save_status:cannot save\r\n" },
      c: { info: "sentinel_save_status:cannot save\r\n" },
    },
    "blocked",
    "CANNOT_SAVE",
    /is down; s-b:26379 cannot write its file, so it neither votes nor stands: its last save/,
  ],
  [
    "a master that has not answered for long, though it is not down yet",
    all({ master: { "last-ok-ping-reply": 4_000, "down-after-milliseconds": 30_000 } }),
    "ready",
    "SILENT",
    /has not answered for 4\.0 s, and is down at 30 s$/,
  ],
  [
    "a promotion",
    {
      a: {
        master: { ...ODOWN, "failover-state": "wait_promotion" },
        replica: { flags: "slave,promoted" },
      },
      b: {},
      c: {},
    },
    "busy",
    "PROMOTING",
    /^10\.0\.0\.2:6379 was told to become the master/,
  ],
] as const) {
  test(`explain of C: ${title}`, () => {
    const found = explained(says);
    assert.deepEqual([found.code, found.verdict], [code, verdict], found.text);
    assert.match(found.text, text);
    assert.equal(found.facts.length, 3);
  });
}
