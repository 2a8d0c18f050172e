import { array, bulk, integer, type Reply, status } from "../base/reply.ts";
import { EMPTY_SENTINEL_CONFIG, type SentinelConfig } from "../core/config.ts";
import { createState } from "../core/create-state.ts";
import type { Effect } from "../core/effect.ts";
import type { ClientId, Input } from "../core/input.ts";
import { Journal } from "../core/journal/journal.ts";
import { NO_LIVE_SETTINGS } from "../core/live-settings.ts";
import { DEFAULT_SETTINGS } from "../core/master-settings.ts";
import { seededRandom } from "../core/random.ts";
import { Sentinel } from "../core/sentinel.ts";
import type { ConnectionId, Millis } from "../core/state.ts";

/** What the file of a made-up Sentinel would hold is made into text, and goes nowhere. */
export type RenderFile = (
  config: SentinelConfig,
  writtenAddresses: ReadonlyMap<string, string>,
) => void;

/** By then the first connections are up, of a thousand masters, too. */
const STARTS_AFTER_MS = 1_000;

/**
 * Goes through failovers that do not happen, once, soon after the start, a step of them in each turn of the loop: what
 * never ran is compiled first, and in a failover clients wait for that. Resolves when it is over, or was ended.
 */
export async function rehearse(render: RenderFile, ended: AbortSignal): Promise<void> {
  await turn((next) => setTimeout(next, STARTS_AFTER_MS).unref());
  for (const _ of failovers(render)) {
    if (ended.aborted) return;
    await turn(setImmediate);
  }
}

function turn(schedule: (next: () => void) => unknown): Promise<void> {
  return new Promise((next) => void schedule(next));
}

const NAME = "rehearsal";
/** Nobody has these addresses: RFC 5737. */
const SERVERS = ["192.0.2.1", "192.0.2.2", "192.0.2.3"] as const;
const PEER = { host: "192.0.2.11", port: 26379, runId: "1".repeat(40) };
const PEERS = [PEER, { host: "192.0.2.12", port: 26379, runId: "2".repeat(40) }];
const PORT = 6379;
const DOWN_AFTER_MS = 5_000;

/** A death that we answer as the leader, a failover that a peer leads, and one by hand. A step of the core each. */
export function* failovers(render: RenderFile): Generator<void> {
  const world = new World(render);
  yield* world.pass(1_000);
  world.killMaster();
  yield* world.passUntilSwitch();
  world.revive();
  yield* world.pass(9_000);
  yield* world.failOverByPeer();
  yield* world.pass(2_000);
  world.ask("SENTINEL", "FAILOVER", NAME);
  yield* world.passUntilSwitch();
  yield* world.pass(1_000);
}

/** One Sentinel of three, a master and two replicas; nothing of it outside of this object. */
class World {
  readonly #render: RenderFile;
  readonly #sentinel: Sentinel;
  readonly #inputs: Input[] = [{ type: "start" }];
  readonly #servers = new Map<string, Server>();
  readonly #hosts = new Map<ConnectionId, string>();
  #dead: string | null = null;
  #now: Millis = 1_000_000;

  constructor(render: RenderFile) {
    this.#render = render;
    const [host, ...replicas] = SERVERS;
    this.#servers.set(host, { follows: null, dataset: 0 });
    for (const one of replicas) this.#servers.set(one, { follows: host, dataset: 0 });
    const master = {
      ...{ name: NAME, host, port: PORT, configEpoch: 0n, leaderEpoch: 0n, sentinels: PEERS },
      settings: { ...DEFAULT_SETTINGS, quorum: 2, downAfterMs: DOWN_AFTER_MS },
      replicas: replicas.map((one) => ({ host: one, port: PORT })),
    };
    const config = { ...EMPTY_SENTINEL_CONFIG, myId: "0".repeat(40), masters: [master] };
    const settings = { requirepass: null, listeningPort: 26379, logThreshold: "notice" } as const;
    const random = seededRandom(1);
    const state = createState(config, settings, random, this.#now);
    this.#sentinel = new Sentinel(state, random, () => false, NO_LIVE_SETTINGS, new Journal());
  }

  killMaster(): void {
    this.#dead = this.#master;
    for (const [connection, host] of this.#hosts) {
      if (host === this.#dead)
        this.#inputs.push({ type: "linkDown", connection, reason: "closed" });
    }
  }

  revive(): void {
    this.#dead = null;
  }

  ask(...args: string[]): void {
    this.#inputs.push({ type: "command", client: 1 as ClientId, args });
  }

  /** One asks for our vote, promotes a server, and says so. */
  *failOverByPeer(): Generator<void> {
    const { host, port, runId } = PEER;
    const epoch = `${this.#sentinel.state.currentEpoch + 1n}`;
    this.ask("SENTINEL", "IS-MASTER-DOWN-BY-ADDR", this.#master, `${PORT}`, epoch, runId);
    yield* this.pass(100);
    const to = SERVERS.find((one) => one !== this.#master) ?? "";
    this.#follow(to, null);
    const hello = [host, port, runId, epoch, NAME, to, PORT, epoch].join(",");
    this.ask("PUBLISH", "__sentinel__:hello", hello);
  }

  /** It comes soon, or never. */
  *passUntilSwitch(): Generator<void> {
    const before = this.#master;
    for (let tries = 0; this.#master === before && tries < 20; tries++) yield* this.pass(500);
  }

  *pass(spanMs: Millis): Generator<void> {
    for (const end = this.#now + spanMs; this.#now < end; ) {
      for (let one = this.#inputs.shift(); one !== undefined; one = this.#inputs.shift()) {
        this.#step(one);
        yield;
      }
      const dueAt = Math.max(this.#now + 1, this.#sentinel.nextDueAt ?? end);
      this.#now = Math.min(end, this.#now + 500, dueAt);
      this.#inputs.push({ type: "tick" });
    }
  }

  get #master(): string {
    return this.#sentinel.state.masters.get(NAME)?.address.host ?? "";
  }

  #step(input: Input): void {
    const { saveConfig, effects } = this.#sentinel.step(input, this.#now);
    for (const effect of effects) this.#perform(effect);
    if (!saveConfig) return;
    this.#render(this.#sentinel.config(), this.#sentinel.writtenAddresses());
    this.#inputs.unshift({ type: "saving" }, { type: "saved" });
  }

  #perform(effect: Effect): void {
    if (effect.type === "connect") this.#connect(effect.connection, effect.ip);
    else if (effect.type === "disconnect") this.#hosts.delete(effect.connection);
    else if (effect.type === "again") this.#inputs.push({ type: "again" });
    else if (effect.type === "keep") this.#inputs.push({ type: "kept", ok: true });
    else if (effect.type === "send") {
      const { connection, request, args } = effect;
      const reply = this.#answer(this.#hosts.get(connection) ?? "", args);
      this.#inputs.push({ type: "reply", connection, request, reply });
    } else if (effect.type === "fault") throw effect.error;
  }

  #connect(connection: ConnectionId, host: string): void {
    const isRefused = host === this.#dead;
    if (!isRefused) this.#hosts.set(connection, host);
    this.#inputs.push(
      isRefused
        ? { type: "linkDown", connection, reason: "Connection refused" }
        : { type: "linkUp", connection, localIp: "192.0.2.10" },
    );
  }

  #answer(host: string, [command, ...words]: readonly string[]): Reply {
    const [word = "", , , epoch = "0", candidate = "*"] = words;
    switch (command) {
      case "PING":
        return status("PONG");
      case "PUBLISH":
        return integer(1);
      case "INFO":
        return bulk(this.#info(host));
      case "SENTINEL":
        return array([integer(1), bulk(candidate), integer(candidate === "*" ? 0 : Number(epoch))]);
      case "EXEC":
        return array([status("OK"), status("OK"), integer(0), integer(0), status("OK")]);
      case "SLAVEOF":
        this.#follow(host, word === "NO" ? null : word);
        return status("QUEUED");
      default:
        return status("OK");
    }
  }

  #follow(host: string, follows: string | null): void {
    const dataset = follows === null ? this.#now : (this.#servers.get(follows)?.dataset ?? 0);
    this.#servers.set(host, { follows, dataset });
  }

  #info(host: string): string {
    const { follows, dataset } = this.#servers.get(host) ?? { follows: null, dataset: 0 };
    const replicas = SERVERS.filter((one) => this.#servers.get(one)?.follows === host);
    const role =
      follows === null
        ? ["role:master", ...replicas.map(replicaLine)]
        : ["role:slave", `master_host:${follows}`, `master_port:${PORT}`, "master_link_status:up"];
    const lines = [
      ...[`run_id:${host.replaceAll(".", "").padEnd(40, "0")}`, ...role, "slave_priority:100"],
      ...["slave_repl_offset:1000", `master_replid:${`${dataset}`.padStart(40, "a")}`],
      ...[`master_replid2:${"0".repeat(40)}`, "master_repl_offset:1000", "second_repl_offset:-1"],
    ];
    return lines.map((line) => `${line}\r\n`).join("");
  }
}

/** What a made-up server is. */
interface Server {
  /** Null: it is a master. */
  readonly follows: string | null;
  /** Stands for the name of its history. */
  readonly dataset: number;
}

function replicaLine(host: string, index: number): string {
  return `slave${index}:ip=${host},port=${PORT},state=online,offset=1000,lag=0`;
}
