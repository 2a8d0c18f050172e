import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../../../packaging/run.ts";
import { read, root } from "../../support/repository.ts";
import { sceneTest } from "../../support/scene.ts";

// conf/prometheus-rules.yml: each alert speaks when it should, and is silent when all is well.

const RULES = join(root, "conf", "prometheus-rules.yml");
const ON = 'job="s",instance="one"';
const M = `${ON},master_name="m"`;
const AT = `${M},master_address="10.0.0.1:6379"`;

interface Series {
  readonly series: string;
  readonly values: string;
}

function series(name: string, labels: string, values: string): Series {
  return { series: `redis_sentinel_${name}{${labels}}`, values };
}

/** The alert that takes hours. */
const LONG = "SentinelPausedLong";

/** A cluster that is well, over an hour and a half. */
const WELL: readonly Series[] = [
  series("master_status", `${AT},master_status="ok"`, "1x90"),
  series("master_ckquorum_status", `${M},message="OK"`, "1x90"),
  series("master_slaves", AT, "2x90"),
  series("master_ok_slaves", AT, "2x90"),
  series("master_sentinels", AT, "3x90"),
  series("master_ok_sentinels", AT, "3x90"),
  series("master_config_epoch", AT, "7x90"),
  series("tilt", ON, "0x90"),
  series("replica_unfit", `${M},replica="a",reason="priority_0"`, "1x90"),
  series("failovers_total", `${M},kind="down",result="done"`, "3x90"),
  series("failovers_total", `${M},kind="down",result="no-good-slave"`, "3x90"),
  series("failover_lacked_bytes", M, "9x90"),
  series("replica_lag_bytes", `${M},replica="a"`, "100x90"),
  series("peer_config_differs", `${M},peer="b"`, "0x90"),
  series("save_failing", ON, "0x90"),
  series("cert_expiry_timestamp_seconds", ON, "5000000x90"),
  series("guard_total", `${ON},guard="reborn"`, "2x90"),
  series("loop_lag_seconds", ON, "0.02x90"),
  series("webhooks_total", `${ON},hook="h",result="given_up"`, "1x90"),
];

/** What is otherwise, and which alert that gives at its end. */
const TROUBLES: readonly (readonly [name: string, otherwise: readonly Series[]])[] = [
  ["SentinelMasterDown", [series("master_status", `${AT},master_status="odown"`, "0x90")]],
  ["SentinelNoQuorum", [series("master_ckquorum_status", `${M},message="OK"`, "0x90")]],
  [
    "SentinelsDisagree",
    [
      series(
        "master_status",
        'job="s",instance="two",master_name="m",master_address="x:1",master_status="ok"',
        "1x90",
      ),
    ],
  ],
  ["SentinelNoReplica", [series("master_ok_slaves", AT, "0x90")]],
  ["SentinelGhost", [series("master_ok_sentinels", AT, "2x90")]],
  ["SentinelTilt", [series("tilt", ON, "1x90")]],
  ["SentinelNoFitReplica", [series("replica_unfit", `${M},replica="b",reason="down"`, "1x90")]],
  // The address changes with the epoch, and so does the series.
  ["SentinelFailover", [series("master_config_epoch", `${M},master_address="new:1"`, "_x87 8x3")]],
  [
    "SentinelFlapping",
    [series("master_config_epoch", `${M},master_address="new:1"`, "_x40 10x50")],
  ],
  [
    "SentinelFailoverFailed",
    [series("failovers_total", `${M},kind="down",result="slave-timeout"`, "_x87 1x3")],
  ],
  [
    "SentinelFailoverFailed",
    [series("failovers_total", `${M},kind="down",result="no-good-slave"`, "3x86 4x4")],
  ],
  ["SentinelDataLacked", [series("failover_lacked_bytes", M, "0x70 50x20")]],
  ["SentinelReplicaLag", [series("replica_lag_bytes", `${M},replica="a"`, "200000000x90")]],
  ["SentinelConfigDiffers", [series("peer_config_differs", `${M},peer="b"`, "1x90")]],
  ["SentinelSaveFails", [series("save_failing", ON, "1x90")]],
  ["SentinelCertificateEnds", [series("cert_expiry_timestamp_seconds", ON, "1000000x90")]],
  ["SentinelAccessRefused", [series("access_refused", `${M},server="a",code="NOAUTH"`, "1x90")]],
  ["SentinelPausedLong", [series("paused_until_timestamp_seconds", M, "100000x300")]],
  ["SentinelGuard", [series("guard_total", `${ON},guard="reborn"`, "2x86 3x4")]],
  ["SentinelLate", [series("loop_lag_seconds", ON, "2.5x90")]],
  ["SentinelHookDead", [series("webhook_dead", `${ON},hook="h"`, "1x90")]],
  ["SentinelHookDead", [series("webhooks_total", `${ON},hook="h",result="given_up"`, "1x80 4x10")]],
];

const ALERTS = [...read("conf/prometheus-rules.yml").matchAll(/- alert: (\w+)/g)].map(
  ([, name = ""]) => name,
);

test("the rules are rules, and each is tried", () => {
  assert.match(
    run(["promtool", "check", "rules", RULES]),
    new RegExp(`SUCCESS: ${ALERTS.length} rules`),
  );
  assert.deepEqual([...new Set(TROUBLES.map(([name]) => name))].sort(), [...ALERTS].sort());
});

sceneTest(
  "each alert speaks of its own trouble and of no other, and of none when all is well",
  async (scene) => {
    const cases = [["", []] as const, ...TROUBLES].map(([name, otherwise]) => ({
      name: `${name === "" ? "all is well" : name} ${otherwise.length}`,
      interval: "1m",
      input_series: [
        ...WELL.filter(({ series: one }) => !otherwise.some(({ series: other }) => one === other)),
        ...otherwise,
      ].map(({ series: key, values }) => ({ series: key, values })),
      // Whether it speaks, whatever its words.
      promql_expr_test: ALERTS.map((alert) => ({
        expr: `count(ALERTS{alertname="${alert}",alertstate="firing"} >= 0) > bool 0`,
        eval_time: name === LONG ? "5h" : "90m",
        exp_samples: alert === name ? [{ labels: "{}", value: 1 }] : [],
      })),
    }));
    const file = join(scene.folder, "tests.json");
    writeFileSync(
      file,
      JSON.stringify({ rule_files: [RULES], evaluation_interval: "1m", tests: cases }),
    );
    assert.match(run(["promtool", "test", "rules", file]), /SUCCESS/);
  },
);
