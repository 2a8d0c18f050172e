// npm run demo: one master, two replicas, three Sentinels, a client that writes, and a kill -9.
import { parseArgs } from "node:util";
import { type Cluster, newMaster, onlyMaster, startCluster } from "../test/support/cluster.ts";
import type { RedisNode } from "../test/support/redis-node.ts";
import { cleanUpOnSignals, Scene } from "../test/support/scene.ts";
import { keyEvents, meaningOf, type Names } from "./names.ts";
import { type Figures, printReport, printTopology, printWelcome } from "./report.ts";
import { type Style, Timeline } from "./timeline.ts";
import { WritingClient } from "./writing-client.ts";

const sentinelStyles: readonly Style[] = ["cyan", "yellow", "blue"];
const downAfterMs = 1000;

const { values: options } = parseArgs({ options: { keep: { type: "boolean", default: false } } });
await runDemo(options.keep);

async function runDemo(keep: boolean): Promise<void> {
  const scene = new Scene();
  cleanUpOnSignals(scene);
  try {
    await play(scene, keep);
    if (!keep) await scene.cleanUp();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`\nThe failover did not happen: ${reason}\n${scene.describe()}\n`);
    process.exitCode = 1;
    await scene.cleanUp();
  }
}

async function play(scene: Scene, keep: boolean): Promise<void> {
  const timeline = new Timeline();
  timeline.print(timeline.paint("bold", "redis-sentinel-ts: a failover as it happens"));
  timeline.print("\nStarting one master, two replicas and three Sentinels ...");
  const cluster = await startDemoCluster(scene);
  const names = await nameAll(cluster);
  printWelcome(timeline, cluster, names, downAfterMs);
  const figures: Figures = {
    switchedMs: null,
    writeGapMs: null,
    firstWriteMs: null,
    returnedMs: null,
  };
  showEvents(timeline, cluster, names);
  const client = startClient(timeline, cluster, names, figures);
  await scene.until("the client has written 100 times", () => client.written >= 100);
  const master = await killMaster(timeline, cluster, names, figures);
  await scene.until("the client writes again", () => figures.firstWriteMs !== null);
  await onlyMaster(cluster, master);
  await Promise.all(cluster.sentinels.map((node) => node.events.next("+switch-master")));
  await printTopology(timeline, cluster, names, "The new topology");
  await bringBack(timeline, cluster, names, figures);
  await client.stop();
  silence(cluster);
  await printTopology(timeline, cluster, names, "The topology at the end");
  printReport(timeline, cluster, figures, { downAfterMs, keep, folder: scene.folder });
  if (keep) scene.release();
}

async function startDemoCluster(scene: Scene): Promise<Cluster> {
  const logfile = "logfile demo.log";
  return await startCluster(scene, {
    downAfterMs,
    redis: { config: [logfile] },
    sentinelConfig: () => [logfile],
  });
}

async function nameAll({ redises, sentinels }: Cluster): Promise<Names> {
  const ids = await Promise.all(sentinels.map((node) => node.myId()));
  return {
    redisByPort: new Map(redises.map((node, at) => [String(node.port), `redis-${at + 1}`])),
    sentinelByPort: new Map(sentinels.map((node, at) => [String(node.port), `S${at + 1}`])),
    sentinelById: new Map(ids.map((id, at) => [id, `S${at + 1}`])),
  };
}

/** Everything that the Sentinels publish from now on. */
function showEvents(timeline: Timeline, { sentinels }: Cluster, names: Names): void {
  for (const [at, node] of sentinels.entries()) {
    const style = sentinelStyles[at % sentinelStyles.length] ?? "cyan";
    node.events.onEvent = (event) => {
      const strong = keyEvents.has(event.channel);
      timeline.entry(`S${at + 1}`, style, event.channel, meaningOf(event, names), strong);
    };
  }
}

function silence({ sentinels }: Cluster): void {
  for (const node of sentinels) node.events.onEvent = null;
}

function startClient(
  timeline: Timeline,
  { sentinels }: Cluster,
  names: Names,
  figures: Figures,
): WritingClient {
  const nameOf = (port: number) => names.redisByPort.get(String(port)) ?? String(port);
  const client = new WritingClient({
    async findMaster() {
      const addresses = sentinels.map((node) => node.masterAddress());
      const port = (await Promise.any(addresses))?.split(":").at(-1);
      return port === undefined ? null : Number(port);
    },
    refused: (reason, last) =>
      timeline.entry("client", "red", `write fails: ${reason}`, `last one was #${last}`),
    acceptedAgain(port, write, gapMs) {
      figures.firstWriteMs = timeline.elapsedMs();
      figures.writeGapMs = Math.round(gapMs);
      const text = `accepted by ${nameOf(port)}, ${Math.round(gapMs)} ms after the last`;
      timeline.entry("client", "green", `write #${write}`, text, true);
    },
  });
  client.start();
  return client;
}

async function killMaster(
  timeline: Timeline,
  cluster: Cluster,
  names: Names,
  figures: Figures,
): Promise<RedisNode> {
  const old = cluster.master;
  timeline.heading(`kill -9 of the master ${names.redisByPort.get(String(old.port))}`);
  await old.kill();
  const master = await newMaster(cluster, old);
  const switched = cluster.sentinels.map((node) => node.events.next("+switch-master"));
  figures.switchedMs = timeline.elapsedMs((await Promise.race(switched)).atMs);
  return master;
}

async function bringBack(
  timeline: Timeline,
  cluster: Cluster,
  names: Names,
  figures: Figures,
): Promise<void> {
  const old = cluster.master;
  timeline.heading(`${names.redisByPort.get(String(old.port))} starts again, as a master`);
  await old.restart();
  await cluster.scene.until(
    "the old master is a replica",
    async () => (await old.role()) === "slave",
    40_000,
  );
  figures.returnedMs = timeline.elapsedMs();
  const address = await cluster.sentinels[0]?.masterAddress();
  const master = cluster.redises.find((node) => node.address === address);
  if (master === undefined) throw new Error(`nobody listens at ${address}`);
  await onlyMaster(cluster, master);
}
