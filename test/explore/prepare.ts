import type { SentinelConfig } from "../../src/core/config.ts";
import type { CFile } from "../sim/c-model/file.ts";
import { SimDisk } from "../sim/disk.ts";
import { type Local, type Server, sentinelId, sentinelIp } from "./model.ts";
import { loseServer } from "./moves.ts";
import type { Setting } from "./process.ts";
import { NOTHING, type Scenario } from "./scenarios.ts";
import { type Draft, range, type State, World } from "./world.ts";

const NAMES = ["mymaster", "another"];
const FAILOVER_TIMEOUT_MS = 3_000;
/** Hellos and INFO have gone round. */
const SETTLING_MS = 15_000;
/** All have heard of each other, and nobody has made anything of it. */
const GREETING_MS = 500;

export interface Beginning {
  readonly world: World;
  readonly start: State;
  /** An invariant that broke before anything was explored. */
  readonly violation: string | null;
}

/** The cluster of a scenario, and the state in which the exploration begins. */
export function prepare(scenario: Scenario): Beginning {
  const settings = range(scenario.sentinels).map((index) => settingOf(scenario, index));
  const servers = range(serverCount(scenario)).map((index) => serverOf(scenario, index));
  const world = new World({
    settings,
    servers,
    quorum: scenario.quorum,
    budget: NOTHING,
    maxEpoch: BigInt(scenario.maxEpoch),
    firstEpoch: BigInt(firstEpoch(scenario)),
  });
  const locals = settings.map((setting) => world.locals.add(setting.index, begin(setting)));
  const draft: Draft = { state: world.begin(locals), violation: null, told: [] };
  settle(world, draft, scenario.begins === "disagreement" ? GREETING_MS : SETTLING_MS);
  if (scenario.begins === "master down") killMasters(scenario, world, draft);
  world.grant(draft.state, scenario.budget);
  return { world, start: draft.state, violation: draft.violation };
}

function begin({ isC, text }: Setting): Local {
  const disk = new SimDisk(text).load();
  if (isC) return { kind: "c", disk: fileOfC(disk), memory: null, isFresh: false, said: {} };
  return { kind: "ours", disk, state: null, held: null, links: [], clients: [] };
}

/** The same text, as a C Sentinel keeps it. */
function fileOfC({ myId, currentEpoch, masters }: SentinelConfig): CFile {
  return {
    myId: myId ?? "",
    currentEpoch,
    masters: masters.map((master) => {
      const { name, host, port, settings } = master;
      const { quorum, downAfterMs, failoverTimeoutMs, parallelSyncs } = settings;
      const { configEpoch, leaderEpoch, replicas, sentinels } = master;
      return {
        ...{
          name,
          quorum,
          downAfterMs,
          failoverTimeoutMs,
          parallelSyncs,
          configEpoch,
          leaderEpoch,
        },
        address: { ip: host, port },
        replicas: replicas.map((one) => ({ ip: one.host, port: one.port })),
        peers: sentinels.map((one) => ({
          id: one.runId,
          address: { ip: one.host, port: one.port },
        })),
      };
    }),
  };
}

function settle(world: World, draft: Draft, ms: number): void {
  for (const index of world.indices) world.happen(draft, index, { kind: "restart" });
  for (let times = 0; times < 3; times++) {
    for (const index of world.indices) {
      world.happen(draft, index, { kind: "wait", ms });
      deliverAll(world, draft);
    }
  }
}

/** Hellos, which are all that is under way while nothing is wrong. */
function deliverAll(world: World, draft: Draft): void {
  for (const from of world.indices) {
    for (const to of world.indices) {
      for (;;) {
        const message = world.shift(draft.state, world.there(from, to));
        if (message?.kind !== "hello") break;
        world.happen(draft, to, { kind: "told", from, hello: message.text });
      }
    }
  }
}

/** Each sees them down by itself, and has not heard yet what the others see. */
function killMasters(scenario: Scenario, world: World, draft: Draft): void {
  const masters = new Set(namesOf(scenario).map((_, group) => masterOf(scenario, group)));
  for (const master of masters) {
    world.setServers(draft.state, (one, at) => (at === master ? { ...one, isAlive: false } : one));
    loseServer(world, draft, master);
  }
  for (const index of world.indices) {
    while (world.summary(draft.state, index).down.length < world.names.length) {
      const isGoingOn = world.happen(draft, index, { kind: "time" });
      if (draft.violation !== null) return;
      if (!isGoingOn) throw new Error("it is never seen down");
    }
  }
}

function serverOf(scenario: Scenario, index: number): Server {
  const master = index - (index % (scenario.replicas + 1));
  const isMaster = index === master || scenario.begins === "disagreement";
  return {
    ip: ipOfServer(index),
    isAlive: true,
    follows: isMaster ? null : master,
    refuses: false,
  };
}

function ipOfServer(index: number): string {
  return `10.0.0.${index + 1}`;
}

function namesOf({ names }: Scenario): readonly string[] {
  return names === "one" ? NAMES.slice(0, 1) : NAMES;
}

function serverCount({ names, replicas }: Scenario): number {
  return names === "two apart" ? 2 * (replicas + 1) : replicas + 1;
}

/** Index of the server that is the master of a name in the beginning. */
function masterOf({ names, replicas }: Scenario, group: number): number {
  return names === "two apart" ? group * (replicas + 1) : 0;
}

function firstEpoch({ begins }: Scenario): number {
  return begins === "disagreement" ? 1 : 0;
}

function settingOf(scenario: Scenario, index: number): Setting {
  const names = namesOf(scenario);
  const lines = names.flatMap((name, group) => linesOf(scenario, index, name, group));
  const text = [`myid ${sentinelId(index)}`, ...lines].map((line) => `sentinel ${line}\n`).join("");
  const isC = scenario.c.includes(index);
  return { index, isC, text, names, patienceMs: 3 * FAILOVER_TIMEOUT_MS };
}

function linesOf(scenario: Scenario, index: number, name: string, group: number): string[] {
  const first = masterOf(scenario, group);
  const master = scenario.begins === "disagreement" ? index % 2 : first;
  const lines = [
    `monitor ${name} ${ipOfServer(master)} 6379 ${scenario.quorum}`,
    `config-epoch ${name} ${firstEpoch(scenario)}`,
    `down-after-milliseconds ${name} 2000`,
    `failover-timeout ${name} ${FAILOVER_TIMEOUT_MS}`,
  ];
  for (let server = first; server <= first + scenario.replicas; server++) {
    if (server !== master) lines.push(`known-replica ${name} ${ipOfServer(server)} 6379`);
  }
  for (const other of range(scenario.sentinels)) {
    if (other === index) continue;
    lines.push(`known-sentinel ${name} ${sentinelIp(other)} 26379 ${sentinelId(other)}`);
  }
  return lines;
}
