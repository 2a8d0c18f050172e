import assert from "node:assert/strict";
import { test } from "node:test";
import type { FailoverRecord } from "../../src/base/journal-entry.ts";
import { unfitCode } from "../../src/http/unfit.ts";
import { PEER_ID, PLAIN_MASTER } from "../core/harness.ts";
import { ask, type Listening, listening, watching } from "./harness.ts";

/** By the name and the labels, as they stand in the text; the form is checked on the way. */
async function scrape({ port, sentinel }: Listening): Promise<ReadonlyMap<string, number>> {
  // What was made is handed out for a while.
  sentinel.now += 250;
  const { body, headers } = await ask(port, "/metrics");
  assert.equal(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
  const series = new Map<string, number>();
  let family = "";
  const seen = new Set<string>();
  for (const line of body.trimEnd().split("\n")) {
    const [, name] = /^# HELP (redis_sentinel_[a-z_]+) [A-Z1].*$/.exec(line) ?? [];
    if (name !== undefined) {
      assert.ok(!seen.has(name), `${name} twice`);
      seen.add(name);
      family = name;
      continue;
    }
    if (line.startsWith("# TYPE ")) {
      assert.match(line, new RegExp(`^# TYPE ${family} (gauge|counter|histogram)$`));
      continue;
    }
    const [, key = "", value] = /^(\S+?(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    assert.ok(key.startsWith(family), line);
    assert.ok(!series.has(key), `${key} twice`);
    assert.ok(Number.isFinite(Number(value)), line);
    series.set(key, Number(value));
  }
  return series;
}

const M = 'master_name="mymaster",master_address="10.0.0.1:6379"';
const R = 'master_name="mymaster",replica="10.0.0.2:6379"';
const P = 'master_name="mymaster",peer="10.0.0.9:26379"';

function figure(series: ReadonlyMap<string, number>, key: string): number | undefined {
  return series.get(`redis_sentinel_${key}`);
}

test("what redis_exporter shows has its names and labels, and we show more", async (t) => {
  const scene = await listening(t, watching());
  const series = await scrape(scene);
  const expected = {
    masters: 1,
    tilt: 0,
    running_scripts: 0,
    scripts_queue_length: 0,
    simulate_failure_flags: 0,
    [`master_status{${M},master_status="ok"}`]: 1,
    [`master_slaves{${M}}`]: 1,
    [`master_sentinels{${M}}`]: 2,
    [`master_ok_slaves{${M}}`]: 1,
    [`master_ok_sentinels{${M}}`]: 2,
    [`master_setting_ckquorum{${M}}`]: 2,
    [`master_setting_failover_timeout{${M}}`]: 60_000,
    [`master_setting_down_after_milliseconds{${M}}`]: 5_000,
    [`peer_up{${P}}`]: 1,
    [`peer_config_differs{${P}}`]: 0,
    'votes_total{result="own"}': 0,
    'failover_phase_seconds_bucket{phase="elect",le="+Inf"}': 0,
    config_save_failures_total: 0,
    save_failing: 0,
  };
  for (const [key, value] of Object.entries(expected))
    assert.equal(figure(series, key), value, key);
  const quorum = [...series].filter(([key]) => key.includes("ckquorum_status"));
  assert.deepEqual(quorum, [
    [
      'redis_sentinel_master_ckquorum_status{master_name="mymaster",message="OK 2 usable Sentinels. Quorum and failover authorization can be reached"}',
      1,
    ],
  ]);
});

test("when the certificate ends is seen, and nothing of it without one", async (t) => {
  const scene = await listening(t, watching());
  assert.equal(figure(await scrape(scene), "cert_expiry_timestamp_seconds"), undefined);
  scene.certificateEndsAt = 1_800_000_000_000;
  scene.sentinel.now += 1_000;
  assert.equal(figure(await scrape(scene), "cert_expiry_timestamp_seconds"), 1_800_000_000);
});

test("a master that is down, a vote, a full disk and TILT are seen", async (t) => {
  const scene = await listening(t, watching());
  const { sentinel, listener } = scene;
  sentinel.pass(20_000);
  sentinel.canSave = false;
  sentinel.ask("SENTINEL", "SET", "mymaster", "quorum", "1");
  listener.saved(true);
  listener.saved(false);
  listener.hear("warning", "+vote-for-leader", `${sentinel.core.state.myId} 1`);
  listener.hear("warning", "+vote-for-leader", `${PEER_ID} 2`);
  listener.hear("warning", "+vote-for-leader", `${PEER_ID} 3`);
  listener.hear("warning", "+guard-lineage", "slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 1 2 #x");
  listener.tick();
  sentinel.now += 1_600;
  listener.tick();
  const series = await scrape(scene);
  assert.equal(figure(series, `master_status{${M},master_status="sdown"}`), 0);
  assert.equal(figure(series, `peer_up{${P}}`), 0);
  assert.equal(figure(series, `replica_unfit{${R},reason="down"}`), 1);
  const since = figure(series, 'master_down_since_timestamp_seconds{master_name="mymaster"}');
  assert.ok((since ?? 0) > 1_700_000_000);
  assert.equal(figure(series, 'votes_total{result="own"}'), 1);
  assert.equal(figure(series, 'votes_total{result="other"}'), 2);
  assert.equal(figure(series, 'guard_total{guard="lineage"}'), 1);
  assert.equal(figure(series, "config_save_failures_total"), 1);
  assert.equal(figure(series, "save_failing"), 1);
  assert.equal(figure(series, "loop_lag_seconds"), 1.5);
  assert.equal(figure(await scrape(scene), "loop_lag_seconds"), 0);
});

test("a wrong password is told apart from a server that is down", async (t) => {
  const scene = await listening(t, watching());
  const [master] = scene.sentinel.core.state.masters.values();
  assert.ok(master);
  master.link.trouble =
    "PING answered: WRONGPASS invalid username-password pair or user is disabled.";
  const key = 'access_refused{master_name="mymaster",server="10.0.0.1:6379",code="WRONGPASS"}';
  assert.equal(figure(await scrape(scene), key), 1);
});

const RECORD: FailoverRecord = {
  type: "failover",
  name: "mymaster",
  kind: "down",
  result: "done",
  reason: null,
  ending: null,
  by: null,
  attempt: 1,
  epoch: "1",
  leader: PEER_ID,
  from: { host: "10.0.0.1", port: 6379 },
  to: { host: "10.0.0.2", port: 6379 },
  tookMs: 5_500,
  phases: {
    ...{ sdown: 5_000, odown: 5_010, tried: 5_010, elected: 5_030, selected: 5_030 },
    ...{ promoted: 5_060, followed: null, switched: 5_061 },
  },
  votes: [],
  votesNeeded: 2,
  candidates: [],
  lacked: { bytes: 42, seenMs: 100 },
};

test("what became of events for webhooks is seen by their names", async (t) => {
  const scene = await listening(t, watching());
  const figures = { delivered: 5, failed: 4, given_up: 3, dropped: 2 };
  scene.hooks = [
    { hook: "pager", waiting: 1, figures, death: null },
    { hook: "log", waiting: 9, figures, death: { trouble: "timed out", forMs: 61_000 } },
  ];
  const series = await scrape(scene);
  assert.equal(figure(series, 'webhooks_waiting{hook="pager"}'), 1);
  assert.equal(figure(series, 'webhooks_total{hook="pager",result="given_up"}'), 3);
  assert.equal(figure(series, 'webhook_dead{hook="pager"}'), 0);
  assert.equal(figure(series, 'webhook_dead{hook="log"}'), 1);
});

test("failovers are counted, their phases timed", async (t) => {
  const scene = await listening(t, watching());
  scene.listener.note(RECORD);
  scene.listener.note({ ...RECORD, result: "not-elected", lacked: null });
  const series = await scrape(scene);
  const counted = (result: string) =>
    figure(series, `failovers_total{master_name="mymaster",kind="down",result="${result}"}`);
  assert.deepEqual([counted("done"), counted("not-elected")], [1, 1]);
  assert.equal(figure(series, 'failover_lacked_bytes{master_name="mymaster"}'), 42);
  const phase = (name: string, of: string) =>
    figure(
      series,
      `failover_phase_seconds_${of}`.concat(
        `{phase="${name}"`,
        of === "bucket" ? ',le="0.025"}' : "}",
      ),
    );
  assert.deepEqual([phase("elect", "count"), phase("elect", "bucket")], [1, 1]);
  assert.deepEqual([phase("promote", "count"), phase("promote", "bucket")], [1, 0]);
  assert.equal(phase("detect", "sum"), 5.01);
  assert.equal(phase("follow", "count"), 0);
});

test("names of every kind are labels, ids and free text are none", async (t) => {
  const name = 'a"b\\c d\xc3\xa9\xff';
  const scene = await listening(t, watching({ ...PLAIN_MASTER, name }));
  const series = await scrape(scene);
  const own = [...series.keys()].filter((key) => key.startsWith("redis_sentinel_master_slaves"));
  assert.match(own[0] ?? "", /master_name="a\\"b\\\\c dé?.*"/);
  assert.equal([...series.keys()].filter((key) => key.includes(PEER_ID)).length, 0);
  const free = ["it is paused: my own words", "it is the master of x", "what nobody knows"];
  assert.deepEqual(free.map(unfitCode), ["paused", "other_master", "other"]);
});
