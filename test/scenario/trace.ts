import type { SentinelConfig } from "../../src/core/config.ts";
import type { CSentinel } from "../sim/c-model/c-sentinel.ts";
import type { CFile } from "../sim/c-model/file.ts";
import { textOf } from "../sim/c-model/records.ts";
import type { SimCluster } from "../sim/cluster.ts";
import type { SimSentinel } from "../sim/sentinel-process.ts";

const TIME_WIDTH = 8;
const WHO_WIDTH = 14;

/**
 * What happens to a cluster, one line each: events, saves of epochs, votes and configurations, questions
 * for votes, and what servers are told to be. Servers and Sentinels are named in the order of their
 * addresses, `redis-1` being the first master.
 */
export class Trace {
  readonly #cluster: SimCluster;
  readonly #lines: string[] = [];
  readonly #names: readonly Naming[];
  readonly #beganAt: number;
  readonly #asked = new Set<string>();

  /** Of a cluster whose Sentinels have found each other: that is the time 0. */
  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
    this.#beganAt = cluster.clock.now;
    this.#names = [...namesOfServers(cluster), ...namesOfSentinels(cluster)];
    for (const [index, sentinel] of cluster.sentinels.entries()) {
      const who = `sentinel-${index + 1}`;
      this.#watch(sentinel, who);
      const tellNews = this.#newsOf(who, tellSaved(sentinel.disk.saved));
      sentinel.onSaved = (config) => tellNews(tellSaved(config));
      sentinel.disk.onFull = () => this.say(who, "cannot save: the disk is full");
    }
    for (const [index, sentinel] of cluster.cSentinels.entries()) {
      const who = `c-sentinel-${index + 1}`;
      this.#watch(sentinel, who);
      const tellNews = this.#newsOf(who, tellCSaved(sentinel.file));
      sentinel.onSaved = (file) => tellNews(tellCSaved(file));
    }
  }

  get now(): number {
    return this.#cluster.clock.now - this.#beganAt;
  }

  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  say(who: string, what: string): void {
    const time = `${this.now}`.padStart(TIME_WIDTH);
    this.#lines.push(`${time}  ${who.padEnd(WHO_WIDTH)}${this.#named(what)}`);
  }

  #named(text: string): string {
    let named = text;
    for (const [address, name] of this.#names) named = named.replaceAll(address, name);
    return named;
  }

  #watch(sentinel: SimSentinel | CSentinel, who: string): void {
    sentinel.onEvent.push(({ name, payload }) => this.say(who, `${name} ${payload}`.trim()));
    sentinel.onSend = (to, args) => {
      const told = tellSent(args);
      const line = told && `${told.what} ${to}${told.words}`;
      if (line && !this.#isRepeated(`${who} ${line}`, told.what)) this.say(who, line);
    };
  }

  /** A question for a vote is repeated until it is answered: told once, it is read more easily. */
  #isRepeated(line: string, what: string): boolean {
    const isKnown = what === "asks" && this.#asked.has(line);
    this.#asked.add(line);
    return isKnown;
  }

  /** Tells what a save holds that the one before did not. */
  #newsOf(who: string, first: readonly string[]): (saved: readonly string[]) => void {
    let before = first;
    return (saved) => {
      const news = saved.filter((line) => !before.includes(line));
      before = saved;
      if (news.length > 0) this.say(who, `saves ${news.join(", ")}`);
    };
  }
}

/** What others ask of each other and of servers; null for what recurs. */
function tellSent(args: readonly string[]): { what: string; words: string } | null {
  const isPause = args[0] === "CLIENT" && args[1]?.endsWith("PAUSE");
  if (args[0] === "SLAVEOF" || isPause) return { what: "tells", words: `: ${args.join(" ")}` };
  const [, subcommand, , , epoch, candidate] = args;
  if (subcommand !== "is-master-down-by-addr" || candidate === "*") return null;
  return { what: "asks", words: ` for its vote in epoch ${epoch}` };
}

/** What must not be forgotten in a crash. */
function tellSaved({ currentEpoch, masters }: SentinelConfig): readonly string[] {
  const ofMasters = masters.flatMap(({ name, host, port, configEpoch, leaderEpoch }) => [
    `a vote of epoch ${leaderEpoch} about ${name}`,
    `${name} at ${host}:${port} with config epoch ${configEpoch}`,
  ]);
  return [`epoch ${currentEpoch}`, ...ofMasters];
}

/** The same of a C Sentinel. */
function tellCSaved({ currentEpoch, masters }: CFile): readonly string[] {
  const plain = masters.map(({ name, address, configEpoch, leaderEpoch }) => [
    `a vote of epoch ${leaderEpoch} about ${name}`,
    `${name} at ${textOf(address)} with config epoch ${configEpoch}`,
  ]);
  return [`epoch ${currentEpoch}`, ...plain.flat()];
}

type Naming = readonly [text: string, name: string];

/** As an event tells of a replica or a Sentinel: its name, which is its address or id, and its address. */
function namings(name: string, id: string, address: string): readonly Naming[] {
  const spaced = address.replace(":", " ");
  return [`${id} ${spaced}`, id, address, spaced].map((text): Naming => [text, name]);
}

function namesOfServers({ servers }: SimCluster): readonly Naming[] {
  return [...servers.values()].flatMap(({ address }, index) =>
    namings(`redis-${index + 1}`, address, address),
  );
}

function namesOfSentinels({ sentinels, cSentinels }: SimCluster): readonly Naming[] {
  const ours = sentinels.flatMap(({ address, core }, index) =>
    namings(`sentinel-${index + 1}`, core.state.myId, address),
  );
  const others = cSentinels.flatMap(({ address, state }, index) =>
    namings(`c-sentinel-${index + 1}`, state.myId, address),
  );
  return [...ours, ...others];
}
