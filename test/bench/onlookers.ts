import { setTimeout as wait } from "node:timers/promises";
import { ask, type RawConnection, rawConnection } from "../http/harness.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";
import { type Benchmark, type BenchmarkRun, pureKinds } from "./benchmark.ts";
import { atMost } from "./figure.ts";
import { rssMiB } from "./process-cost.ts";
import { quantile } from "./results.ts";
import { allSettled, outOfTilt, startWatchers } from "./watchers.ts";
import { withFarm } from "./with-scene.ts";

const masters = 1000;
const readers = 10;
const scrapeEveryMs = 1000;
/** In turns, so that a disturbance of the machine falls on both. */
const turns = 6;
const turnMs = 10_000;
const pingPauseMs = 5;
const calmMs = 5000;

/** What those cost who look on by HTTP: ten readers of /events, and a scrape a second. C has none. */
export const onlookersBenchmark: Benchmark = {
  name: "onlookers",
  runs: 1,
  measure: async (run) => {
    if (!pureKinds(run).includes("ours")) return;
    await withFarm(masters, async (scene, farm) => {
      const port = await scene.port();
      const envOf = (index: number) => {
        return index === 0 ? { REDIS_SENTINEL_TS_HTTP: `${port}` } : NO_HTTP;
      };
      const options = { downAfterMs: 30_000, envOf };
      const sentinels = await startWatchers(scene, "ours", farm, options);
      await allSettled(sentinels, farm);
      await outOfTilt(sentinels);
      await wait(calmMs);
      const [first, other] = sentinels;
      if (first !== undefined && other !== undefined) await compare(run, first, other, port);
    });
  },
};

const NO_HTTP: Readonly<Record<string, string>> = {};

async function compare(
  run: BenchmarkRun,
  first: SentinelNode,
  other: SentinelNode,
  port: number,
): Promise<void> {
  const ratios: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const alone = await pingP99(first);
    const looking = await lookedAt(port, () => pingP99(first));
    run.record({ name: "PING p99, nobody looks on", unit: "ms" }, "ours", alone);
    run.record(
      { name: "PING p99, ten readers and a scrape a second", unit: "ms" },
      "ours",
      looking,
    );
    ratios.push(looking / alone);
  }
  const ratio = quantile(
    ratios.toSorted((a, b) => a - b),
    0.5,
  );
  const percent = { name: "the same, in percent", unit: "count", target: atMost(110) } as const;
  run.record(percent, "ours", Math.round(100 * ratio));
  const more = rssMiB(first.child.pid) - rssMiB(other.child.pid);
  run.record({ name: "RSS more than without", unit: "MiB", target: atMost(8) }, "ours", more);
}

async function lookedAt<T>(port: number, work: () => Promise<T>): Promise<T> {
  const begin = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const all: RawConnection[] = Array.from({ length: readers }, () => rawConnection(port, begin));
  const scrapes = setInterval(() => void ask(port, "/metrics").catch(() => null), scrapeEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(scrapes);
    for (const { socket } of all) socket.destroy();
  }
}

async function pingP99(sentinel: SentinelNode): Promise<number> {
  const times: number[] = [];
  const untilMs = performance.now() + turnMs;
  while (performance.now() < untilMs) {
    const sentAtMs = performance.now();
    await sentinel.call("PING");
    times.push(performance.now() - sentAtMs);
    await wait(pingPauseMs);
  }
  return quantile(
    times.toSorted((a, b) => a - b),
    0.99,
  );
}
