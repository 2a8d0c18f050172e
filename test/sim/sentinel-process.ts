import assert from "node:assert/strict";
import type { Incident } from "../../src/base/journal-entry.ts";
import { bulk, error, OK, type Reply } from "../../src/base/reply.ts";
import type { SentinelConfig } from "../../src/core/config.ts";
import { createState } from "../../src/core/create-state.ts";
import type { Effect } from "../../src/core/effect.ts";
import type { ClientId, Input } from "../../src/core/input.ts";
import { Journal } from "../../src/core/journal/journal.ts";
import type { Random } from "../../src/core/random.ts";
import { Sentinel } from "../../src/core/sentinel.ts";
import { Daemon, type Machine, type SaveOutcome } from "../../src/runtime/daemon.ts";
import { connectionId, replyIds } from "../support/ids.ts";
import { checkedCore } from "./checked-core.ts";
import type { Happening } from "./clock.ts";
import { DISK_FULL, SAVED, SimDisk } from "./disk.ts";
import type { SimNames } from "./names.ts";
import type { SimClient, SimConnection, SimHost, SimNetwork } from "./network.ts";
import { readOpinion, type ToldVote } from "./opinion.ts";
import { asResp2, PONG } from "./redis-replies.ts";
import type { Asked, ClockDrift, SentinelOptions, SimEvent } from "./sentinel-options.ts";
import { SlowSaves } from "./slow-saves.ts";

/**
 * A Sentinel process on the simulated network: our real core in the daemon's real loop, and a disk
 * that holds the file as text.
 */
export class SimSentinel implements SimHost, SimClient {
  address: string;
  /** What it is called in all its lives, wherever it listens. */
  readonly label: string;
  isRunning = false;
  #isStopped = false;
  /** When it last started, stopped or went on. */
  changedAt = 0;
  readonly slowSaves = new SlowSaves();
  /** When it last went on, and how long it had stood still by then. */
  resumedAt = 0;
  stoodStillMs = 0;
  readonly disk: SimDisk;
  /** The next save is the last thing this process does: what it would have said is never said. */
  crashAfterSave = false;
  /** The next save never happens, and the process with it. */
  crashBeforeSave = false;
  core: Sentinel;
  readonly events: SimEvent[] = [];
  readonly logs: string[] = [];
  readonly journal: Incident[] = [];
  readonly toldVotes: ToldVote[] = [];
  /** Addresses of masters that it once told others to be down. */
  readonly toldDown = new Set<string>();
  /** Called on each vote that leaves, before anybody hears of it. */
  onVote: (vote: ToldVote) => void = () => undefined;
  /** Called on each event, while the state that it tells of stands. */
  readonly onEvent: ((event: SimEvent) => void)[] = [];
  /** Called with what the disk holds from now on. */
  onSaved: (config: SentinelConfig) => void = () => undefined;
  /** Called on each command sent, for tests that watch the wire. */
  onSend: ((to: string, args: readonly string[]) => void) | null = null;
  #ip: string;
  readonly #network: SimNetwork;
  readonly #names: SimNames;
  readonly #random: Random;
  readonly #port: number;
  readonly #infoText: string;
  readonly #drift: ClockDrift;
  /** Answers of the resolver that came while it stood still. */
  readonly #asleep: (() => void)[] = [];
  readonly #links = new Map<number, SimConnection>();
  readonly #asked = new Map<number, Asked>();
  #nextClient = 1;
  #life = 0;
  #daemon: Daemon;
  /** A step asked for the file, and it was not written yet nor refused. */
  #owesSave = false;
  /** Time of the next tick on the network's clock; a tick planned for another one is void. */
  #tickAt = Number.POSITIVE_INFINITY;
  readonly #ticker: Happening = {
    happen: () => {
      if (this.isRunning && this.#network.clock.now === this.#tickAt) this.#tick();
    },
  };

  constructor({ network, names, random, ip, port, text, drift, infoText }: SentinelOptions) {
    this.address = `${ip}:${port}`;
    this.label = this.address;
    this.#ip = ip;
    this.#network = network;
    this.#names = names;
    this.#random = random;
    this.#port = port;
    this.#infoText = infoText;
    this.#drift = drift;
    this.disk = new SimDisk(text);
    this.core = this.#load();
    this.#daemon = this.#createDaemon();
    network.add(this);
  }

  /** This host's monotonic clock. */
  get now(): number {
    return Math.floor(this.#network.clock.now * this.#drift.rate) + this.#drift.offsetMs;
  }

  /** A stopped process does nothing; when it goes on it reads first, and sees that time jumped. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  set isStopped(isStopped: boolean) {
    if (isStopped === this.#isStopped) return;
    this.#isStopped = isStopped;
    const { now } = this.#network.clock;
    if (!isStopped) {
      this.stoodStillMs = this.isRunning ? now - this.changedAt : 0;
      this.resumedAt = now;
    }
    this.changedAt = now;
    if (!isStopped) this.#wake();
  }

  #load(): Sentinel {
    const port = this.#port;
    const settings = { requirepass: null, listeningPort: port, logThreshold: "notice" } as const;
    const state = createState(this.disk.load(), settings, this.#random, this.now, this.disk.extra);
    return new Sentinel(state, this.#random, () => true, undefined, new Journal());
  }

  /** Starts the process, or starts it again from what the disk holds. */
  start(): void {
    this.core = this.#load();
    this.isRunning = true;
    this.#isStopped = false;
    this.stoodStillMs = 0;
    this.changedAt = this.#network.clock.now;
    this.#tickAt = Number.POSITIVE_INFINITY;
    this.crashAfterSave = false;
    this.crashBeforeSave = false;
    this.#life++;
    this.#daemon = this.#createDaemon();
    this.step({ type: "start" });
    this.#scheduleTick();
  }

  /** Its machine is started elsewhere, with the same file. */
  moveTo(ip: string): void {
    if (this.isRunning) this.crash();
    this.#network.remove(this);
    this.#ip = ip;
    this.address = `${ip}:${this.#port}`;
    this.#network.add(this);
    this.start();
  }

  /** The daemon's own loop; what this life would do after its end is not done. */
  #createDaemon(): Daemon {
    const life = this.#life;
    const isAlive = () => this.isRunning && life === this.#life;
    return new Daemon(this.#machine(), {
      now: () => this.now,
      save: () => this.#save(),
      perform: (effect) => {
        if (!isAlive()) return;
        if (this.#owesSave) assert.fail(`${this.address} spoke before it saved: ${effect.type}`);
        this.#perform(effect);
      },
      scheduleSave: (callback) => {
        this.#network.clock.after(0, () => {
          if (isAlive()) callback();
        });
      },
      fault: (_where, bug) => {
        throw bug;
      },
      broken: (bug) => {
        throw bug;
      },
    });
  }

  /** The core. Checker: between a step that asks for the file and the file, nothing is said [I2]. */
  #machine(): Machine {
    this.#owesSave = false;
    return checkedCore(this.core, () => {
      this.#owesSave = true;
    });
  }

  #save(): SaveOutcome {
    this.#owesSave = false;
    if (this.disk.saveTakesMs > 0) this.#blockOnDisk();
    if (this.crashBeforeSave) this.crash();
    if (!this.isRunning || !this.disk.save(this.core.config())) return DISK_FULL;
    this.onSaved(this.disk.saved);
    if (this.crashAfterSave) this.crash();
    return SAVED;
  }

  /** The others go on meanwhile; what they say is read right after. */
  #blockOnDisk(): void {
    this.#isStopped = true;
    this.slowSaves.pass(this.#network.clock, this.disk.saveTakesMs);
    this.#isStopped = false;
    this.#wake();
  }

  #wake(): void {
    this.#network.release(this);
    for (const run of this.#asleep.splice(0)) run();
  }

  crash(): void {
    this.#network.kill(this);
    for (const connection of this.#links.values()) this.#network.closeQuietly(connection);
    this.#links.clear();
    this.#asked.clear();
  }

  /** 10 to 19 times a second at random, and earlier when something is due. */
  #scheduleTick(): void {
    this.#tickIn(Math.floor(1000 / (10 + this.#random.below(10))));
    this.#hasten();
  }

  #hasten(): void {
    const at = this.core.nextDueAt;
    if (at === null || this.#isStopped) return;
    this.#tickIn(Math.max(0, Math.ceil((at - this.now) / this.#drift.rate)));
  }

  #tickIn(delayMs: number): void {
    const { clock } = this.#network;
    const at = clock.now + delayMs;
    if (at >= this.#tickAt) return;
    this.#tickAt = at;
    clock.plan(delayMs, this.#ticker);
  }

  #tick(): void {
    this.#tickAt = Number.POSITIVE_INFINITY;
    if (!this.#isStopped) this.#daemon.dispatch({ type: "tick" });
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
        return void this.logs.push(effect.text);
      case "journal":
        return void this.journal.push(effect.incident);
      case "exit":
        return this.crash();
      case "fault":
        throw effect.error;
      case "keep":
        return this.step({ type: "kept", ok: this.disk.keep(effect.extra) });
      case "resolve":
        return this.#resolve(effect.host);
      case "again":
      case "runScript":
      case "killScript":
      case "configure":
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
    for (const hear of this.onEvent) hear(event);
  }

  #connect(id: number, address: string): void {
    const link = this.#network.connect(this, id, this.#life, address);
    if (link) this.#links.set(id, link);
  }

  #resolve(host: string): void {
    const life = this.#life;
    this.#names.resolve(host, (ip) => {
      const hear = () => {
        if (life === this.#life) this.step({ type: "resolved", host, ip });
      };
      if (this.#isStopped) this.#asleep.push(hear);
      else hear();
    });
  }

  #disconnect(id: number): void {
    const link = this.#links.get(id);
    if (link) this.#network.closeQuietly(link);
    this.#links.delete(id);
  }

  #send(id: number, request: number, args: readonly string[]): void {
    const link = this.#links.get(id);
    if (!link?.isOpen) return;
    if (this.onSend && link.host) this.onSend(link.host.address, args);
    this.#network.send(link, request, args);
  }

  #isMine({ life }: SimConnection): boolean {
    return this.isRunning && life === this.#life;
  }

  linkUp(connection: SimConnection): void {
    if (!this.#isMine(connection)) return;
    this.step({ type: "linkUp", connection: connectionId(connection.id), localIp: this.#ip });
  }

  linkDown(connection: SimConnection, reason: string): void {
    if (!this.#isMine(connection)) return;
    this.#links.delete(connection.id);
    this.step({ type: "linkDown", connection: connectionId(connection.id), reason });
  }

  hear(on: SimConnection, request: number, reply: Reply): void {
    if (this.#isMine(on)) this.step({ type: "reply", ...replyIds(on.id, request), reply });
  }

  message(connection: SimConnection, channel: string, payload: string): void {
    if (!this.#isMine(connection)) return;
    this.step({ type: "message", connection: connectionId(connection.id), channel, payload });
  }

  /** As a server: what other Sentinels and clients ask. */
  receive(connection: SimConnection, request: number, args: readonly string[]): void {
    switch (args[0]) {
      case "PING":
        return this.#network.reply(connection, request, PONG);
      case "AUTH":
      case "CLIENT":
        return this.#network.reply(connection, request, OK);
      case "INFO":
        return this.#network.reply(connection, request, bulk(this.#infoText));
      default:
        return this.#command({ args, respond: null, connection, request });
    }
  }

  command(args: readonly string[], respond: (reply: Reply) => void): void {
    this.#command({ args, respond, connection: null, request: 0 });
  }

  #command(asked: Asked): void {
    const client = this.#nextClient++ as ClientId;
    this.#asked.set(client, asked);
    this.step({ type: "command", client, args: asked.args });
  }

  #answer(client: number, reply: Reply): void {
    const asked = this.#asked.get(client);
    if (!asked) return;
    this.#asked.delete(client);
    if (asked.args[0] === "SENTINEL") this.#noteOpinion(asked.args, reply);
    asked.respond?.(reply);
    if (asked.connection) this.#network.reply(asked.connection, asked.request, asResp2(reply));
  }

  /** A vote that leaves the process binds it for ever. */
  #noteOpinion(args: readonly string[], reply: Reply): void {
    const opinion = readOpinion(args, reply);
    if (opinion?.isDown) this.toldDown.add(opinion.master);
    if (!opinion?.vote) return;
    this.toldVotes.push(opinion.vote);
    this.onVote(opinion.vote);
  }

  /** Runs a command that is answered in the same step, or never if the process dies of it. */
  ask(...args: string[]): Reply {
    const answers: Reply[] = [];
    this.command(args, (reply) => answers.push(reply));
    this.#daemon.flush();
    return answers[0] ?? error("the process died");
  }

  closed(): void {
    // A Sentinel keeps nothing for its clients.
  }
}
