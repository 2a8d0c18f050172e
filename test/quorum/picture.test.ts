import assert from "node:assert/strict";
import { test } from "node:test";
import { why } from "../../src/explain/why.ts";
import { findingsOf } from "../../src/quorum/check/check.ts";
import type { ServerTold } from "../../src/quorum/check/of-servers.ts";
import { DEFAULT_LAG_LIMITS, judge } from "../../src/quorum/judgement.ts";
import { pictureOf } from "../../src/quorum/picture.ts";
import { readMaster, readSentinel } from "../../src/quorum/read-sentinel.ts";
import { resetRisk } from "../../src/quorum/reset.ts";
import { rowOf } from "../../src/quorum/rows.ts";
import type { Asked } from "../../src/quorum/sight.ts";
import { situationOf } from "../../src/quorum/situation.ts";

// What is made of the answers of several Sentinels; the answers are those of 7.0.15, shortened.

const master = { host: "10.0.0.1", port: 6379 };
const id = (of: string) => of.repeat(40);
const flat = (fields: object) =>
  Object.entries(fields).flatMap(([name, value]) => [name, `${value}`]);

const masterRow = {
  ...{ name: "mymaster", ip: master.host, port: master.port, runid: id("0"), flags: "master" },
  ...{ "last-ok-ping-reply": 200, "info-refresh": 1_000, "role-reported": "master" },
  ...{ "config-epoch": 12, quorum: 2, "down-after-milliseconds": 5_000 },
};

const replicaRow = (at: number) => ({
  ...{
    name: `10.0.0.${at}:6379`,
    ip: `10.0.0.${at}`,
    port: 6379,
    runid: id(`${at}`),
    flags: "slave",
  },
  ...{ "last-ok-ping-reply": 200, "info-refresh": 1_000, "master-link-down-time": 0 },
  ...{ "master-link-status": "ok", "slave-priority": 100, "slave-repl-offset": 900 },
});

const masterInfo = [
  ...["redis_version:7.0.15", `run_id:${id("0")}`, "role:master", "connected_slaves:2"],
  "slave0:ip=10.0.0.2,port=6379,state=online,offset=1000,lag=0",
  "slave1:ip=10.0.0.3,port=6379,state=online,offset=400,lag=1",
  ...[
    `master_replid:${id("e")}`,
    "master_repl_offset:1000",
    "# Keyspace",
    "db0:keys=7,expires=0",
    "",
  ],
].join("\r\n");

interface Saying {
  readonly at?: string;
  readonly id?: string;
  readonly isNamed?: boolean;
  readonly master?: object;
  readonly replicas?: readonly object[];
  /** INFO of the first replica. */
  readonly replicaInfo?: string;
  /** More lines of its own INFO. */
  readonly own?: string;
  readonly peers?: readonly string[];
  /** Of them, those that are down for it. */
  readonly lost?: readonly string[];
}

function asked(saying: Saying = {}): Asked {
  const { at = "10.0.0.1", isNamed = true, peers = ["b", "c"], lost = [] } = saying;
  const replicas = saying.replicas ?? [replicaRow(2), replicaRow(3)];
  const sight = readMaster({
    master: rowOf(flat({ ...masterRow, ...saying.master })),
    replicas: { ok: true, value: replicas.map(flat) },
    sentinels: {
      ok: true,
      value: peers.map((one) =>
        flat({
          ...{ ip: `10.0.1.${one}`, port: 26379, runid: id(one), flags: "sentinel" },
          ...(lost.includes(one) && { "s-down-time": 7_000 }),
        }),
      ),
    },
    quorumCheck: {
      ok: true,
      value: "OK 3 usable Sentinels. Quorum and failover authorization can be reached",
    },
    infos: [[300, masterInfo], ...(saying.replicaInfo ? [[300, saying.replicaInfo]] : [])],
    ...{ pauses: null, journal: null },
  });
  const own = saying.id ?? "a";
  const info = `redis_version:7.0.15\r\nrun_id:${id(own)}\r\nprocess_id:${own.charCodeAt(0)}\r\n${saying.own ?? ""}`;
  const itself = { id: { ok: true, value: id(own) }, info: { ok: true, value: info } } as const;
  const told = readSentinel({ ...itself, heardAtMs: 0, certificateLeftMs: null }, [sight]);
  return { place: { host: at, port: 26379 }, isNamed, told: { ok: true, value: told } };
}

const only = (...all: readonly Asked[]) => {
  const [picture] = pictureOf(all).masters;
  assert.ok(picture);
  return picture;
};

test("lag is what the master says, of one moment; the next in line is whom Sentinels take", () => {
  const { replicas, master: server, known, usable, majority } = only(asked());
  assert.deepEqual(
    replicas.map(({ lagBytes }) => lagBytes),
    [0n, 600n],
  );
  assert.deepEqual(
    replicas.map(({ isNext }) => isNext),
    [true, false],
  );
  assert.equal(server.facts?.version, "7.0.15");
  assert.equal(server.facts?.report.keys, 7);
  assert.deepEqual({ known, usable, majority }, { known: 3, usable: 3, majority: 2 });
  const preferred = only(
    asked({ replicas: [replicaRow(2), { ...replicaRow(3), "slave-priority": 1 }] }),
  );
  assert.deepEqual(
    preferred.replicas.map(({ isNext }) => isNext),
    [false, true],
  );
});

test("each reason for which a replica would not be promoted", () => {
  const reasonOf = (replica: object, about: object = {}) =>
    only(asked({ master: about, replicas: [{ ...replicaRow(2), ...replica }] })).replicas[0]?.unfit;
  assert.equal(reasonOf({}), null);
  assert.equal(reasonOf({ "s-down-time": 7, flags: "s_down,slave" }), "it is down");
  assert.equal(reasonOf({ flags: "slave,disconnected" }), "it is disconnected");
  assert.equal(reasonOf({ "last-ok-ping-reply": 5_001 }), "it does not answer PING");
  assert.equal(reasonOf({ "slave-priority": 0 }), "its priority is 0");
  assert.equal(reasonOf({ "info-refresh": 30_001 }), "its INFO is too old");
  assert.equal(reasonOf({ "info-refresh": 5_001 }), null);
  assert.equal(reasonOf({ "info-refresh": 5_001 }, { "s-down-time": 1 }), "its INFO is too old");
  assert.equal(
    reasonOf({ "master-link-down-time": 50_001 }),
    "it was without its master for too long",
  );
  assert.equal(reasonOf({ "master-link-down-time": 50_001 }, { "s-down-time": 2 }), null);
});

test("the greatest config epoch counts, then what most say", () => {
  const moved = { ip: "10.0.0.2", port: 6379, "config-epoch": 13 };
  const one = only(asked(), asked({ id: "b" }), asked({ id: "c", master: moved }));
  assert.equal(one.place.host, "10.0.0.2");
  assert.equal(judge(one, DEFAULT_LAG_LIMITS).severity, 2);
  const same = { ip: "10.0.0.9" };
  assert.equal(
    only(asked({ master: same }), asked({ id: "b" }), asked({ id: "c" })).place.host,
    "10.0.0.1",
  );
});

test("one Sentinel that is reached by two addresses is one; two with one id are two", () => {
  const twice = [asked({ isNamed: false, at: "10.0.0.7" }), asked({ at: "127.0.0.1" })];
  const picture = pictureOf(twice);
  assert.deepEqual(
    picture.asked.map(({ place }) => place.host),
    ["127.0.0.1"],
  );
  const limits = { ghostMs: 3_600_000, lagBytes: 1n << 20n };
  const [one, two] = [asked({ at: "10.0.0.7" }), asked({ at: "10.0.0.8" })];
  assert.ok(two.told.ok);
  const other = {
    ...two,
    told: { ok: true, value: { ...two.told.value, process: "another" } },
  } as const;
  const codes = findingsOf(pictureOf([one, other]), [], limits).map(({ code }) => code);
  assert.ok(codes.includes("SAME_MYID"));
});

test("a replica that has lost its master is a warning, of one that is up alone", () => {
  const lost = { ...replicaRow(3), "master-link-status": "err", "master-link-down-time": 41_000 };
  const told = (replica: object, about: object = {}) => {
    const one = asked({ master: about, replicas: [replicaRow(2), replica] });
    const picture = only(one);
    const { troubles } = judge(picture, DEFAULT_LAG_LIMITS);
    const limits = { ghostMs: 3_600_000, lagBytes: 1n << 20n };
    const found = findingsOf(pictureOf([one]), [], limits);
    return {
      troubles: troubles.filter(({ text }) => /lost/.test(text)),
      findings: found.filter(({ code }) => code === "REPLICA_LINK_DOWN").map(({ what }) => what),
    };
  };
  assert.deepEqual(told(lost), {
    troubles: [{ severity: 1, text: "1 of 2 replicas have lost their master" }],
    findings: ["replica 10.0.0.3:6379 has no link to its master, for 41 s"],
  });
  const none = { troubles: [], findings: [] };
  assert.deepEqual(told(replicaRow(3)), none);
  assert.deepEqual(told({ ...lost, "s-down-time": 7, flags: "s_down,slave" }), none);
  assert.deepEqual(told({ ...lost, runid: "" }), none, "it was not asked yet");
  assert.deepEqual(told(lost, { "s-down-time": 1 }), none);
  assert.deepEqual(told(lost, { "failover-state": "reconf_slaves" }), none);
});

test("data of others is told, and that C Sentinels do not leave it alone", () => {
  const replicaInfo = [
    ...["redis_version:7.0.15", `run_id:${id("2")}`, "role:master", "connected_slaves:0"],
    ...[`master_replid:${id("f")}`, "master_repl_offset:50", ""],
  ].join("\r\n");
  const whatOf = (own: string) => {
    const found = findingsOf(pictureOf([asked({ replicaInfo, own })]), [], LIMITS);
    return found.filter(({ code }) => code === "FOREIGN_HISTORY").map(({ what }) => what);
  };
  const what = "replica 10.0.0.2:6379 holds history ffffff, its master eeeeee";
  assert.deepEqual(whatOf("redis_sentinel_ts_version:0.1.0\r\n"), [what]);
  assert.deepEqual(whatOf(""), [`${what}; C Sentinels tell it to follow, whosever it is`]);
});

test("what a switch that was killed has left is told, with the value that was before", () => {
  const limits = { ghostMs: 3_600_000, lagBytes: 1n << 20n };
  const left = { ...replicaRow(3), "slave-priority": 1_000_000_050 };
  const server = (toWrite: string): ServerTold => ({
    ...{ ...master, master: "mymaster", isMaster: true, error: null, info: null },
    ...{ unknownCommands: [], refusedToUser: null, unchecked: [] },
    ...{ skewMs: null, certificateLeftMs: null },
    config: new Map([["min-replicas-to-write", toWrite]]),
  });
  const found = findingsOf(
    pictureOf([asked({ replicas: [replicaRow(2), left] })]),
    [server("1000000002"), server("2")],
    limits,
  );
  assert.deepEqual(
    found.filter(({ code }) => code.endsWith("_LEFT")).map(({ what }) => what),
    [
      "master 10.0.0.1:6379 refuses writes as a master: its min-replicas-to-write was 2",
      "replica 10.0.0.3:6379 has priority 1000000050, and had 50 before a switch by hand",
    ],
  );
});

test("no RESET while a Sentinel sees the master down or silent, or a failover goes on", () => {
  const riskOf = (about: object) =>
    resetRisk(only(asked(), asked({ id: "b", at: "10.0.0.8", master: about })));
  assert.equal(riskOf({}), null);
  for (const [about, risk] of [
    [
      { "s-down-time": 1, flags: "s_down,master" },
      "the master is down for Sentinel 10.0.0.8:26379",
    ],
    [{ "o-down-time": 1 }, "the master is down for Sentinel 10.0.0.8:26379"],
    [{ "last-ok-ping-reply": 5_001 }, "the master does not answer Sentinel 10.0.0.8:26379"],
    [{ "failover-state": "wait_start" }, "a failover goes on at Sentinel 10.0.0.8:26379"],
  ] as const) {
    assert.equal(riskOf(about), risk);
  }
});

test("who does not answer is a row with the reason", () => {
  const silent: Asked = {
    place: { host: "10.0.1.b", port: 26379 },
    isNamed: false,
    told: { ok: false, error: "Connection refused" },
  };
  const { sentinels } = only(asked(), silent);
  const rows = sentinels.map(({ host, error, sight }) => [host, error, sight !== null]);
  assert.deepEqual(rows, [
    ["10.0.0.1", null, true],
    ["10.0.1.b", "Connection refused", false],
    ["10.0.1.c", null, false],
  ]);
});

test("answers of a stranger are no answers: nothing of them is relied upon", () => {
  for (const strange of ["text", 7, null, [[]], [["name"]], [["a", ["b"]]]]) {
    const told = { ok: true, value: strange } as const;
    const sight = readMaster({
      master: rowOf(strange),
      ...{
        replicas: told,
        sentinels: told,
        quorumCheck: told,
        infos: strange,
        pauses: strange,
        journal: strange,
      },
    });
    const itself = readSentinel({ id: told, info: told, heardAtMs: 0, certificateLeftMs: null }, [
      sight,
    ]);
    const place = { host: "h", port: 1 };
    const all = [{ place, isNamed: true, told: { ok: true, value: itself } as const }];
    const { masters } = pictureOf(all);
    assert.equal(masters.length, 1);
    for (const one of masters) judge(one, DEFAULT_LAG_LIMITS);
    findingsOf(pictureOf(all), [], { ghostMs: 1, lagBytes: 1n });
  }
});

const LIMITS = { ghostMs: 3_600_000, lagBytes: 1n << 20n };

function told(...all: readonly Asked[]): string[] {
  const found = findingsOf(pictureOf(all), [], LIMITS);
  // The Sentinels of these answers have no addresses.
  const rest = found.filter(({ code }) => code !== "HOSTNAMES_MIXED");
  return rest.map(({ code, what }) => `${code} ${what}`);
}

test("a Sentinel that is cut off does not speak for the others", () => {
  const cutOff = asked({ lost: ["b", "c"] });
  const others = [
    asked({ at: "10.0.1.b", id: "b", peers: ["a", "c"], lost: ["a"] }),
    asked({ at: "10.0.1.c", id: "c", peers: ["a", "b"], lost: ["a"] }),
  ];
  const picture = only(cutOff, ...others);
  assert.deepEqual([picture.known, picture.usable], [3, 2]);
  assert.deepEqual(
    judge(picture, DEFAULT_LAG_LIMITS).troubles.map(({ text }) => text),
    ["1 of 3 Sentinels down"],
  );
  assert.equal(why(situationOf(picture)).verdict, "ready");
  assert.deepEqual(told(cutOff, ...others), [
    "SENTINEL_DOWN Sentinel 10.0.1.a:26379 has been down for 7 s to the others: it answers us at 10.0.0.1:26379",
  ]);
  // Who alone is heard is believed.
  assert.equal(only(cutOff).usable, 1);
});

test("what is down and answers is told from what is dead, by what C shows, too", () => {
  const down = { "s-down-time": 8_000, flags: "s_down,slave" };
  const findings = (replica: object) =>
    told(asked({ replicas: [{ ...replicaRow(2), ...down, ...replica }, replicaRow(3)] }));
  const dead = { "last-ok-ping-reply": 13_000, "last-ping-reply": 13_000 };
  const has = "REPLICA_DOWN replica 10.0.0.2:6379 has been down for 8 s";
  assert.deepEqual(findings(dead), [
    `${has}, and its master has it: it hangs, or Sentinels cannot reach this address`,
  ]);
  // Its master's INFO is of before it died.
  assert.deepEqual(findings({ ...dead, "s-down-time": 200 }), [
    "REPLICA_DOWN replica 10.0.0.2:6379 has been down for 0 s",
  ]);
  assert.deepEqual(findings({ "last-ok-ping-reply": 13_000, "last-ping-reply": 300 }), [
    `${has}, and answers PING with errors: a wrong auth-pass?`,
  ]);
  const deaf = asked({
    master: {
      ...{ "s-down-time": 8_000, flags: "s_down,master" },
      ...{ "last-ok-ping-reply": 13_000, "last-ping-reply": 300 },
    },
  });
  assert.match(told(deaf)[0] ?? "", /^MASTER_DOWN .* answers PING with errors: a wrong auth-pass/);
  assert.match(why(situationOf(only(deaf))).text, /\(it answers PING with errors: .*\)$/);
});
