import { newMaster, onlyMaster, settled, startCluster } from "../../support/cluster.ts";
import type { Scene } from "../../support/scene.ts";
import type { SentinelKind } from "../../support/sentinel-node.ts";
import { type ToolCheck, withoutPorts } from "./check.ts";

/** Every redis_sentinel_* metric while all is well, with a dead replica, and after a failover. */
export const exporter: ToolCheck = {
  name: "exporter",
  title: "prometheus-redis-exporter, every redis_sentinel_* metric",
  packages: ["prometheus-redis-exporter"],
  facts: metricsThroughLife,
};

async function metricsThroughLife(scene: Scene, kind: SentinelKind): Promise<readonly string[]> {
  const cluster = await startCluster(scene, { sentinels: [kind, kind, kind], downAfterMs: 2000 });
  const [sentinel] = cluster.sentinels;
  if (sentinel === undefined) throw new Error("a cluster without Sentinels");
  const scrape = await startExporter(scene, sentinel.port);
  const healthy = await scrape();
  await cluster.master.kill();
  const master = await newMaster(cluster, cluster.master);
  await onlyMaster(cluster, master);
  await scene.until("the Sentinel calls the old master down", async () => {
    const rows = await sentinel.replicas();
    return (
      rows.some(({ flags }) => flags?.startsWith("s_down")) &&
      rows.some(({ flags, "master-link-status": link }) => flags === "slave" && link === "ok")
    );
  });
  const failedOver = await scrape();
  await cluster.master.restart();
  await onlyMaster(cluster, master);
  await settled(cluster);
  const whole = await scrape();
  return [
    ...labelled("healthy", healthy),
    ...labelled("down", failedOver),
    ...labelled("back", whole),
  ];
}

function labelled(when: string, lines: readonly string[]): readonly string[] {
  return lines.map((line) => `${when}: ${line}`);
}

async function startExporter(
  scene: Scene,
  sentinelPort: number,
): Promise<() => Promise<readonly string[]>> {
  const port = await scene.port();
  scene.spawn({
    name: "exporter",
    command: [
      "prometheus-redis-exporter",
      "-redis.addr",
      `redis://127.0.0.1:${sentinelPort}`,
      "-web.listen-address",
      `127.0.0.1:${port}`,
    ],
  });
  const scrape = async (): Promise<readonly string[]> => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    return sentinelMetrics(await response.text());
  };
  await scene.until("the exporter sees the Sentinel", async () => (await scrape()).length > 0);
  return scrape;
}

/** Sorted, addresses left out; an age in seconds counts only as young. */
function sentinelMetrics(text: string): readonly string[] {
  return text
    .split("\n")
    .filter((line) => /^redis_(sentinel_|up |exporter_last_scrape_error)/.test(line))
    .map((line) =>
      line.replace(/(last_ok_ping_reply_seconds\S*) ([\d.]+)$/, (_, name, age) =>
        Number(age) < freshS ? `${name} fresh` : `${name} ${age}`,
      ),
    )
    .map(withoutPorts)
    .sort();
}

/** A PING is sent each second. */
const freshS = 2;
