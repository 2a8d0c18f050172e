import { parseArgs } from "node:util";
import { RudeServer } from "./links.ts";
import { MemoryWatch } from "./memory.ts";
import { caseSeed, runCase, TARGETS, type Target } from "./targets.ts";
import { Watchdog } from "./watchdog.ts";

// npm run fuzz -- [--minutes 10] [--seed n] [--target name] [--case n]

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 2 ** 32) },
    target: { type: "string" },
    case: { type: "string" },
  },
});

const server = new RudeServer();
const watchdog = new Watchdog(TARGETS.map(({ name }) => name));
await server.listen();
try {
  const targets = TARGETS.filter(({ name }) => name === (values.target ?? name));
  if (targets.length === 0) throw new Error(`no target ${values.target}`);
  if (values.case === undefined) await fuzz(targets, Number(values.seed), Number(values.minutes));
  else for (const target of targets) await run(target, Number(values.case));
} finally {
  server.close();
  await watchdog.close();
}

async function fuzz(targets: readonly Target[], seed: number, minutes: number): Promise<void> {
  console.log(`fuzz: seed ${seed}, ${minutes} minutes`);
  const memory = new MemoryWatch();
  const counts = new Map<string, number>();
  const end = performance.now() + minutes * 60_000;
  while (performance.now() < end) {
    for (const target of targets) await runBatch(target, seed, counts);
    memory.sampleIfDue();
    // Sockets that closed meanwhile want their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const figures = [...counts].map(([name, count]) => `${name} ${count}`).join(", ");
  console.log(`fuzz: no fault in ${figures}; ${memory.describe()}`);
}

async function runBatch(target: Target, seed: number, counts: Map<string, number>): Promise<void> {
  const done = counts.get(target.name) ?? 0;
  for (let i = 0; i < target.batch; i++) await run(target, caseSeed(seed, done + i));
  counts.set(target.name, done + target.batch);
}

async function run(target: Target, seed: number): Promise<void> {
  watchdog.begins(target.name, seed);
  await runCase(target, seed, server);
}
