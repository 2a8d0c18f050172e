import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask } from "../../http/harness.ts";
import { newMaster, onlyMaster, startCluster } from "../../support/cluster.ts";
import { read, root } from "../../support/repository.ts";
import { type Scene, sceneTest } from "../../support/scene.ts";

// /metrics beside redis_exporter, and the rules and the dashboard over a living cluster, with Debian's Prometheus.

/** Of both: `name{labels}` with the labels in one order, and the value. */
function seriesOf(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").filter((line) => line.startsWith("redis_sentinel_"));
  return new Map(
    lines.map((line) => {
      const [, name = "", labels = "", value = ""] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const sorted = [...labels.matchAll(/(\w+="(?:[^"\\]|\\.)*")/g)].map(([one]) => one).sort();
      return [`${name}{${sorted.join(",")}}`, value];
    }),
  );
}

/** The port of a redis_exporter of this Sentinel. */
async function startExporter(scene: Scene, sentinelPort: number): Promise<number> {
  const port = await scene.port();
  scene.spawn({
    name: "redis_exporter",
    command: [
      "prometheus-redis-exporter",
      `-redis.addr=redis://127.0.0.1:${sentinelPort}`,
      `-web.listen-address=127.0.0.1:${port}`,
    ],
  });
  await scene.until("the exporter answers", () => ask(port, "/metrics"));
  return port;
}

interface Answer {
  readonly data: {
    readonly result: readonly { readonly metric: Readonly<Record<string, string>> }[];
    readonly alerts: readonly {
      readonly labels: Readonly<Record<string, string>>;
      readonly state: string;
    }[];
  };
}

class Prometheus {
  readonly #port: number;

  private constructor(port: number) {
    this.#port = port;
  }

  static async start(scene: Scene, targets: readonly number[]): Promise<Prometheus> {
    const port = await scene.port();
    const file = join(scene.folder, "prometheus.json");
    const config = {
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: [join(root, "conf", "prometheus-rules.yml")],
      scrape_configs: [
        {
          job_name: "sentinel",
          static_configs: [{ targets: targets.map((target) => `127.0.0.1:${target}`) }],
        },
      ],
    };
    writeFileSync(file, JSON.stringify(config));
    scene.spawn({
      name: "prometheus",
      command: [
        "prometheus",
        `--config.file=${file}`,
        `--storage.tsdb.path=${scene.subfolder("tsdb")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
    });
    const prometheus = new Prometheus(port);
    await scene.until("all are scraped", async () => {
      return (await prometheus.query("up == 1")).length === targets.length;
    });
    return prometheus;
  }

  async query(expr: string): Promise<Answer["data"]["result"]> {
    return (await this.#get(`/api/v1/query?query=${encodeURIComponent(expr)}`)).data.result;
  }

  async alerts(): Promise<readonly string[]> {
    const { data } = await this.#get("/api/v1/alerts");
    return data.alerts.map(({ labels }) => labels.alertname ?? "");
  }

  async #get(path: string): Promise<Answer> {
    const { status, body } = await ask(this.#port, path);
    assert.equal(status, 200, body);
    return JSON.parse(body);
  }
}

/** Every expression, with what Grafana puts in the place of its variables. */
function dashboardExpressions(): readonly string[] {
  const { panels, annotations } = JSON.parse(read("conf/grafana-dashboard.json"));
  const targets = panels.flatMap((panel: { targets: { expr: string }[] }) => panel.targets);
  return [...targets, ...annotations.list].map(({ expr }: { expr: string }) =>
    expr
      .replaceAll("$job", ".*")
      .replaceAll("$master", ".*")
      .replaceAll("$__range", "1m")
      .replaceAll("$__rate_interval", "1m"),
  );
}

sceneTest("metrics, rules and dashboard over a cluster that is failed over", async (scene) => {
  const ports = [await scene.port(), await scene.port(), await scene.port()];
  const sentinelEnv = (index: number) => ({ REDIS_SENTINEL_TS_HTTP: `${ports[index]}` });
  const cluster = await startCluster(scene, { sentinelEnv, downAfterMs: 2_000 });
  const prometheus = await Prometheus.start(scene, ports);
  const { master: old, sentinels } = cluster;
  const [first] = sentinels;
  const [port = 0] = ports;
  assert.ok(first);
  const exporter = await startExporter(scene, first.port);
  await isAsTheExporter(scene, exporter, port);
  await scene.until("the first epoch is seen", async () => {
    return (await prometheus.query("redis_sentinel_master_config_epoch")).length === 3;
  });
  const seenAtSeconds = Date.now() / 1000;
  await old.kill();
  const next = await newMaster(cluster, old);
  await isAsTheExporter(scene, exporter, port);
  await old.restart();
  await onlyMaster(cluster, next);

  const { body } = await ask(port, "/metrics");
  const checked = spawnSync("promtool", ["check", "metrics"], { input: body, encoding: "utf8" });
  // The name is redis_exporter's.
  const milliseconds =
    'redis_sentinel_master_setting_down_after_milliseconds use base unit "seconds" instead of "milliseconds"\n';
  assert.equal(checked.stderr + checked.stdout, milliseconds);

  const address = `127.0.0.1:${next.port}`;
  await scene.until("all three are seen to name the new master", async () => {
    const expr = `redis_sentinel_master_status{master_address="${address}",master_status="ok"} == 1`;
    return (await prometheus.query(expr)).length === 3;
  });
  const expressions = dashboardExpressions();
  assert.ok(expressions.length >= 15);
  for (const expr of expressions.slice(0, -1)) {
    assert.notEqual((await prometheus.query(expr)).length, 0, expr);
  }
  // That of the annotations looks back a minute: here to the moment before the kill, however long ago that is.
  const told = expressions.at(-1)?.replace("offset 1m", `@ ${seenAtSeconds}`) ?? "";
  await scene.until("the failover is told", async () => {
    return (await prometheus.query(told)).length > 0;
  });
  await scene.until("no alert but that of the dead master is left", async () => {
    return (await prometheus.alerts()).every((name) => name === "SentinelMasterDown");
  });
});

/** What it shows of a Sentinel, we show as well. */
async function isAsTheExporter(scene: Scene, exporter: number, httpPort: number): Promise<void> {
  await scene.until("both say the same", async () => {
    const theirs = seriesOf((await ask(exporter, "/metrics")).body);
    assert.ok(theirs.size >= 11, [...theirs.keys()].join("\n"));
    const ours = seriesOf((await ask(httpPort, "/metrics")).body);
    for (const [series, value] of theirs) assert.equal(ours.get(series), value, series);
    return true;
  });
}
