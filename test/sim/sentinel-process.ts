import type { SentinelConfig } from "../../src/core/config.ts";
import { createState } from "../../src/core/create-state.ts";
import type { Effect } from "../../src/core/effect.ts";
import type { Input } from "../../src/core/input.ts";
import type { Random } from "../../src/core/random.ts";
import { error, OK, type Reply, status } from "../../src/core/reply.ts";
import { Sentinel } from "../../src/core/sentinel.ts";
import { Daemon, type SaveOutcome } from "../../src/runtime/daemon.ts";
import { SimDisk } from "./disk.ts";
import type { SimConnection, SimHost, SimNetwork } from "./network.ts";

export interface SimEvent {
  readonly atMs: number;
  readonly name: string;
  readonly payload: string;
}

/** A vote as another Sentinel was told of it. */
export interface ToldVote {
  readonly master: string;
  readonly epoch: bigint;
  readonly leader: string;
}

/** How fast this host's clock runs, and where it began. */
export interface ClockDrift {
  readonly rate: number;
  readonly offsetMs: number;
}

/**
 * A Sentinel process on the simulated network: our real core in the daemon's real loop, and a disk
 * that holds the file as text.
 */
export class SimSentinel implements SimHost {
  readonly address: string;
  isRunning = false;
  isStopped = false;
  readonly disk: SimDisk;
  /** The next save is the last thing this process does: what it would have said is never said. */
  crashAfterSave = false;
  /** The next save never happens, and the process with it. */
  crashBeforeSave = false;
  core: Sentinel;
  readonly events: SimEvent[] = [];
  readonly logs: string[] = [];
  readonly toldVotes: ToldVote[] = [];
  /** Called on each vote that leaves, before anybody hears of it. */
  onVote: (vote: ToldVote) => void = () => undefined;
  /** Called on each event, while the state that it tells of stands. */
  onEvent: (event: SimEvent) => void = () => undefined;
  /** Called on each command sent, for tests that watch the wire. */
  onSend: (to: string, args: readonly string[]) => void = () => undefined;
  readonly #network: SimNetwork;
  readonly #random: Random;
  readonly #port: number;
  readonly #drift: ClockDrift;
  readonly #links = new Map<number, SimConnection>();
  readonly #answers = new Map<number, { args: readonly string[]; respond: (r: Reply) => void }>();
  #nextClient = 1;
  #life = 0;
  #daemon: Daemon;
  /** Time of the next tick on the network's clock; a tick planned for another one is void. */
  #tickAt = Number.POSITIVE_INFINITY;

  constructor(
    network: SimNetwork,
    random: Random,
    where: { ip: string; port: number },
    text: string,
    drift: ClockDrift = { rate: 1, offsetMs: 0 },
  ) {
    this.address = `${where.ip}:${where.port}`;
    this.#network = network;
    this.#random = random;
    this.#port = where.port;
    this.#drift = drift;
    this.disk = new SimDisk(text);
    this.core = this.#load();
    this.#daemon = this.#createDaemon();
    network.add(this);
  }

  /** What the disk would make of a process that starts now. */
  get saved(): SentinelConfig {
    return this.disk.load();
  }

  /** This host's monotonic clock. */
  get now(): number {
    return Math.floor(this.#network.clock.now * this.#drift.rate) + this.#drift.offsetMs;
  }

  #load(): Sentinel {
    const settings = {
      requirepass: null,
      listeningPort: this.#port,
      logThreshold: "notice",
    } as const;
    const state = createState(this.disk.load(), settings, this.#random, this.now);
    return new Sentinel(state, this.#random, () => true);
  }

  /** Starts the process, or starts it again from what the disk holds. */
  start(): void {
    this.core = this.#load();
    this.isRunning = true;
    this.#tickAt = Number.POSITIVE_INFINITY;
    this.crashAfterSave = false;
    this.crashBeforeSave = false;
    this.#life++;
    this.#daemon = this.#createDaemon();
    this.step({ type: "start" });
    this.#scheduleTick();
  }

  /** The daemon's own loop; what this life would do after its end is not done. */
  #createDaemon(): Daemon {
    const life = this.#life;
    const isAlive = () => this.isRunning && life === this.#life;
    return new Daemon(this.core, {
      now: () => this.now,
      save: () => this.#save(),
      perform: (effect) => {
        if (isAlive()) this.#perform(effect);
      },
      afterInput: (callback) => {
        this.#network.clock.after(0, () => {
          if (isAlive()) callback();
        });
      },
      broken: (bug) => {
        throw bug;
      },
    });
  }

  #save(): SaveOutcome {
    if (this.crashBeforeSave) this.crash();
    const isSaved = this.isRunning && this.disk.save(this.core.config());
    if (isSaved && this.crashAfterSave) this.crash();
    return isSaved ? { ok: true } : { ok: false, reason: "No space left on device" };
  }

  crash(): void {
    this.#network.kill(this);
    for (const connection of this.#links.values()) this.#network.closeQuietly(connection);
    this.#links.clear();
    this.#answers.clear();
  }

  /** 10 to 19 times a second at random, and earlier when something is due. */
  #scheduleTick(): void {
    this.#tickIn(Math.floor(1000 / (10 + this.#random.below(10))));
    this.#hasten();
  }

  #hasten(): void {
    const at = this.core.nextDueAt;
    if (at !== null && !this.isStopped) {
      this.#tickIn(Math.max(0, Math.ceil((at - this.now) / this.#drift.rate)));
    }
  }

  #tickIn(delayMs: number): void {
    const { clock } = this.#network;
    const at = clock.now + delayMs;
    if (at >= this.#tickAt) return;
    this.#tickAt = at;
    const life = this.#life;
    clock.after(delayMs, () => {
      if (this.isRunning && life === this.#life && at === this.#tickAt) this.#tick();
    });
  }

  #tick(): void {
    this.#tickAt = Number.POSITIVE_INFINITY;
    if (!this.isStopped) {
      this.#network.release(this);
      this.#daemon.dispatch({ type: "tick" });
    }
    this.#scheduleTick();
  }

  step(input: Input): void {
    if (!this.isRunning) return;
    this.#daemon.dispatch(input);
    this.#hasten();
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "connect":
        return this.#connect(effect.connection, `${effect.ip}:${effect.port}`);
      case "disconnect":
        return this.#disconnect(effect.connection);
      case "send":
        return this.#send(effect.connection, effect.request, effect.args);
      case "reply":
        return this.#answer(effect.client, effect.reply);
      case "event":
        return this.#tell(effect.name, effect.payload);
      case "log":
        this.logs.push(effect.text);
        return;
      case "exit":
        return this.crash();
      case "resolve":
      case "runScript":
      case "killScript":
      case "logLevel":
        return;
      default:
        effect satisfies never;
    }
  }

  #tell(name: string, payload: string): void {
    if (name.endsWith("-link-reconnection")) return;
    const event = { atMs: this.#network.clock.now, name, payload };
    this.events.push(event);
    this.onEvent(event);
  }

  #connect(connection: number, address: string): void {
    const [localIp = ""] = this.address.split(":");
    const life = this.#life;
    const isMine = () => life === this.#life && this.isRunning;
    const client = {
      address: this.address,
      up: () => {
        if (isMine()) this.step({ type: "linkUp", connection, localIp });
      },
      down: (reason: string) => {
        if (!isMine()) return;
        this.#links.delete(connection);
        this.step({ type: "linkDown", connection, reason });
      },
      message: (channel: string, payload: string) => {
        if (isMine()) this.step({ type: "message", connection, channel, payload });
      },
    };
    const link = this.#network.connect(client, address);
    if (link) this.#links.set(connection, link);
  }

  #disconnect(connection: number): void {
    const link = this.#links.get(connection);
    if (link) this.#network.closeQuietly(link);
    this.#links.delete(connection);
  }

  #send(connection: number, request: number, args: readonly string[]): void {
    const link = this.#links.get(connection);
    if (!link) return;
    this.onSend(link.host.address, args);
    this.#network.send(link, args, (reply) =>
      this.step({ type: "reply", connection, request, reply }),
    );
  }

  /** As a server: what other Sentinels and clients ask. */
  receive(
    _connection: SimConnection,
    args: readonly string[],
    respond: (reply: Reply) => void,
  ): void {
    const name = args[0]?.toUpperCase();
    if (name === "PING") respond(status("PONG"));
    else if (name === "AUTH" || name === "CLIENT") respond(OK);
    else this.command(args, respond);
  }

  command(args: readonly string[], respond: (reply: Reply) => void): void {
    const client = this.#nextClient++;
    this.#answers.set(client, { args, respond });
    this.step({ type: "command", client, args });
  }

  #answer(client: number, reply: Reply): void {
    const asked = this.#answers.get(client);
    this.#answers.delete(client);
    if (!asked) return;
    this.#noteVote(asked.args, reply);
    asked.respond(reply);
  }

  /** A vote that leaves the process binds it for ever. */
  #noteVote(args: readonly string[], reply: Reply): void {
    if (args[1]?.toLowerCase() !== "is-master-down-by-addr" || reply.type !== "array") return;
    const [, leader, epoch] = reply.items;
    if (leader?.type !== "bulk" || leader.text === "*" || epoch?.type !== "integer") return;
    const master = `${args[2]}:${args[3]}`;
    const vote = { master, leader: leader.text, epoch: BigInt(epoch.value) };
    this.toldVotes.push(vote);
    this.onVote(vote);
  }

  /** Runs a command that is answered in the same step, or never if the process dies of it. */
  ask(...args: string[]): Reply {
    let answer: Reply | null = null;
    this.command(args, (reply) => {
      answer = reply;
    });
    this.#daemon.flush();
    return answer ?? error("the process died");
  }

  closed(): void {
    // A Sentinel keeps nothing for its clients.
  }
}
