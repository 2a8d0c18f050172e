import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Scene } from "../support/scene.ts";
import { type SentinelKind, SentinelNode } from "../support/sentinel-node.ts";
import { Audience } from "./audience.ts";
import { type Benchmark, type BenchmarkRun, inTurns, pureKinds } from "./benchmark.ts";
import { atMost, atMostOfC, type Figure } from "./figure.ts";
import { rssMiB } from "./process-cost.ts";
import { withScene } from "./with-scene.ts";

const events = 15;
/** Not counted: the first ones find the code of both sides cold. */
const warmUps = 3;
const pauseMs = 200;
/** The save that belongs to each event must not wait for a disk: what counts is the sending. */
const inMemory = "/dev/shm";
/** Each event sets another failover-timeout, by which it is known. */
const firstValue = 60_000;
/** What grows and shrinks by itself has settled before memory is read. */
const calmMs = 2000;

/** One event for many subscribers: an application with a thousand workers has as many. */
export const fanOutBenchmarks: readonly Benchmark[] = [1000, 5000].map((subscribers) => ({
  name: `fan-out-${subscribers}`,
  runs: 1,
  measure: (run) =>
    inTurns(run.runs, pureKinds(run), async (kind) => {
      await withScene((scene) => fanOut(run, kind, scene, subscribers));
    }),
}));

async function fanOut(
  run: BenchmarkRun,
  kind: SentinelKind,
  scene: Scene,
  subscribers: number,
): Promise<void> {
  const master = await scene.redis();
  const config = [`sentinel monitor mymaster 127.0.0.1 ${master.port} 1`];
  const folder = mkdtempSync(join(inMemory, "redis-sentinel-ts-bench-"));
  const sentinel = SentinelNode.launch(kind, await scene.port(), folder, { kind, config });
  try {
    await sentinel.ready();
    run.say(`${kind}: ${subscribers} subscribers`);
    await measureAudience(run, kind, sentinel, subscribers);
  } finally {
    await sentinel.kill();
    rmSync(folder, { recursive: true });
  }
}

async function measureAudience(
  run: BenchmarkRun,
  kind: SentinelKind,
  sentinel: SentinelNode,
  subscribers: number,
): Promise<void> {
  await wait(calmMs);
  const rssBefore = rssMiB(sentinel.child.pid);
  const audience = new Audience();
  try {
    await audience.subscribe(sentinel.port, "+set", subscribers);
    await wait(calmMs);
    const kibibytes = ((rssMiB(sentinel.child.pid) - rssBefore) * 1024) / subscribers;
    run.record(memoryFigure(subscribers), kind, kibibytes);
    for (let event = 0; event < warmUps + events; event++) {
      const ms = await timeOneEvent(sentinel, audience, event);
      if (event >= warmUps) run.record(timeFigure(subscribers), kind, ms);
      await wait(pauseMs);
    }
    await audience.othersHave(textOf(warmUps + events - 1));
  } finally {
    audience.leave();
  }
}

/** SENTINEL SET publishes one +set, and saves the file, in both programs. */
async function timeOneEvent(
  sentinel: SentinelNode,
  audience: Audience,
  event: number,
): Promise<number> {
  const value = String(firstValue + event);
  const heard = audience.readersHear(textOf(event));
  const publishedAtMs = performance.now();
  await sentinel.call("SENTINEL", "SET", "mymaster", "failover-timeout", value);
  return (await heard) - publishedAtMs;
}

function textOf(event: number): string {
  return `failover-timeout ${firstValue + event}\r\n`;
}

function timeFigure(subscribers: number): Figure {
  const name = `one event to ${subscribers} subscribers: the last one has it`;
  return { name, unit: "ms", ...(subscribers === 5000 ? { target: atMostOfC(1.1) } : {}) };
}

function memoryFigure(subscribers: number): Figure {
  const name = `${subscribers} subscribers: RSS of each`;
  return { name, unit: "KiB", ...(subscribers === 5000 ? { target: atMost(8) } : {}) };
}
