// npm run test:clients -- [--runs N] [--only ioredis-5,redis-py] [--kind ours,c] [--scenery plain]
//                         [--only exporter] [--write]
// The life of every client with our Sentinels and with C ones; --write keeps docs/clients.md.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { within } from "../support/until.ts";
import { report } from "./document.ts";
import { type ClientLife, type LifeOptions, live } from "./life.ts";
import { type ClientSpec, clients } from "./registry.ts";
import { type KindName, type SceneryName, sceneryNames, sentinelKinds } from "./scenery.ts";
import { inScene } from "./scenes.ts";
import { root, setUp } from "./setup.ts";
import { compareTool, type ToolResult, toolChecks } from "./tools/compare.ts";
import { faults } from "./verdict.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    only: { type: "string" },
    kind: { type: "string", default: Object.keys(sentinelKinds).join() },
    scenery: { type: "string", default: sceneryNames.join() },
    write: { type: "boolean", default: false },
  },
});

const lifeTimeoutMs = 240_000;

process.exitCode = await main();

async function main(): Promise<number> {
  const runs = Number(values.runs);
  const isChosen = ({ name }: { name: string }) => (values.only ?? name).split(",").includes(name);
  const [guests, checks] = [clients.filter(isChosen), toolChecks.filter(isChosen)];
  if (!(runs >= 1) || guests.length + checks.length === 0) return refuse();
  const programs = setUp(guests, checks);
  const lives: ClientLife[] = [];
  for (const { kind, scenery } of guests.length > 0 ? plan(runs) : []) {
    const some = guests.filter(
      ({ cannot, onlyWith }) => cannot?.[scenery] === undefined && (onlyWith ?? kind) === kind,
    );
    if (some.length > 0) lives.push(...(await oneLife({ kind, scenery, clients: some, programs })));
  }
  const tools: ToolResult[] = [];
  for (const check of checks) {
    tools.push(await compareTool(check, programs));
    process.stdout.write(`${check.title}\n`);
  }
  const text = report({ lives, clients: guests, tools, runs });
  process.stdout.write(`\n${text}`);
  if (values.write) keep(text);
  const wrong = faults(lives, guests, tools);
  for (const fault of wrong) process.stderr.write(`FAILED: ${fault}\n`);
  return wrong.length === 0 ? 0 : 1;
}

function refuse(): number {
  const names = [...clients, ...toolChecks].map(({ name }) => name).join(", ");
  process.stderr.write(`test:clients: --runs is a number from 1 on, --only of: ${names}\n`);
  return 1;
}

function keep(text: string): void {
  mkdirSync(join(root, "docs"), { recursive: true });
  writeFileSync(join(root, "docs", "clients.md"), text);
}

/** Plain lives in turns, as often as asked for; everything else once. */
function plan(runs: number): readonly { kind: KindName; scenery: SceneryName }[] {
  const wanted = (all: readonly string[], list: string) =>
    all.filter((name) => list.split(",").includes(name));
  const kinds = wanted(Object.keys(sentinelKinds), values.kind) as KindName[];
  const sceneries = wanted(sceneryNames, values.scenery) as SceneryName[];
  const pairs = sceneries.flatMap((scenery) => kinds.map((kind) => ({ kind, scenery })));
  const compared = pairs.filter(({ kind, scenery }) => scenery === "plain" && kind !== "mixed");
  const once = pairs.filter(
    ({ kind, scenery }) => !compared.some((pair) => pair.kind === kind && pair.scenery === scenery),
  );
  const turns = Array.from({ length: runs }, () => compared).flat();
  return [...turns, ...once.filter(({ kind, scenery }) => kind !== "mixed" || scenery === "plain")];
}

async function oneLife(options: LifeOptions): Promise<readonly ClientLife[]> {
  const start = performance.now();
  const title = `${options.scenery}, ${options.kind}`;
  try {
    const lives = await inScene((scene) => within(live(scene, options), lifeTimeoutMs, title));
    const tookS = Math.round((performance.now() - start) / 1000);
    const whole = lives.filter(({ failure }) => failure === null).length;
    process.stdout.write(`${title}: ${whole} of ${lives.length} clients lived, ${tookS} s\n`);
    for (const life of lives) process.stdout.write(`${sentence(life)}\n`);
    return lives;
  } catch (error) {
    process.stderr.write(`${title}: ${String(error)}\n`);
    return options.clients.map((client) => lostLife(client, options, String(error)));
  }
}

function sentence({ client, killGapMs, failoverGapMs, vanished, failure }: ClientLife): string {
  const gaps = `${killGapMs} ms after the death, ${failoverGapMs} ms at the failover`;
  const verdict = failure === null ? "" : `; FAILED ${failure}`;
  return `  ${client}: ${gaps}, ${vanished} writes lost${verdict}`;
}

/** The cluster itself did not get through. */
function lostLife(client: ClientSpec, options: LifeOptions, failure: string): ClientLife {
  const { kind, scenery } = options;
  const nothing = { killGapMs: 0, failoverGapMs: 0, writes: 0, vanished: 0 };
  return { client: client.name, kind, scenery, ...nothing, errors: new Map(), failure };
}
