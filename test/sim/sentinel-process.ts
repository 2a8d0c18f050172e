import type { SentinelConfig } from "../../src/core/config.ts";
import { createState } from "../../src/core/create-state.ts";
import type { Effect } from "../../src/core/effect.ts";
import type { Input } from "../../src/core/input.ts";
import type { Random } from "../../src/core/random.ts";
import { OK, type Reply, status } from "../../src/core/reply.ts";
import { Sentinel } from "../../src/core/sentinel.ts";
import type { SimConnection, SimHost, SimNetwork } from "./network.ts";

export interface SimEvent {
  readonly atMs: number;
  readonly name: string;
  readonly payload: string;
}

/**
 * A Sentinel process on the simulated network: our real core, a disk that holds the last saved
 * configuration, and the same order of saving and speaking as the daemon's.
 */
export class SimSentinel implements SimHost {
  readonly address: string;
  isRunning = false;
  isStopped = false;
  /** Every save fails while the disk is full. */
  diskFull = false;
  disk: SentinelConfig;
  core: Sentinel;
  readonly events: SimEvent[] = [];
  readonly logs: string[] = [];
  /** Commands sent, for tests that watch the wire. */
  readonly sent: { atMs: number; to: string; args: readonly string[] }[] = [];
  readonly #network: SimNetwork;
  readonly #random: Random;
  readonly #port: number;
  #links = new Map<number, SimConnection>();
  #answers = new Map<number, (reply: Reply) => void>();
  #nextClient = 1;
  #life = 0;

  constructor(network: SimNetwork, random: Random, ip: string, port: number, disk: SentinelConfig) {
    this.address = `${ip}:${port}`;
    this.#network = network;
    this.#random = random;
    this.#port = port;
    this.disk = disk;
    this.core = this.#load();
    network.add(this);
  }

  #load(): Sentinel {
    const settings = {
      requirepass: null,
      listeningPort: this.#port,
      logThreshold: "notice",
    } as const;
    const state = createState(this.disk, settings, this.#random, this.#network.clock.now);
    return new Sentinel(state, this.#random, () => true);
  }

  /** Starts the process, or starts it again from what the disk holds. */
  start(): void {
    this.core = this.#load();
    this.isRunning = true;
    this.#life++;
    this.step({ type: "start" });
    this.#scheduleTick(this.#life);
  }

  crash(): void {
    this.#network.kill(this);
    for (const connection of this.#links.values()) this.#network.closeQuietly(connection);
    this.#links = new Map();
    this.#answers = new Map();
  }

  #scheduleTick(life: number): void {
    const hz = 10 + this.#random.below(10);
    this.#network.clock.after(Math.floor(1000 / hz), () => {
      if (!this.isRunning || life !== this.#life) return;
      if (!this.isStopped) this.step({ type: "tick" });
      this.#scheduleTick(life);
    });
  }

  step(input: Input): void {
    if (!this.isRunning) return;
    const { saveConfig, effects } = this.core.step(input, this.#network.clock.now);
    const isSaved = saveConfig && !this.diskFull;
    if (isSaved) this.disk = this.core.config();
    for (const effect of effects) if (this.isRunning) this.#perform(effect);
    if (saveConfig) this.step(isSaved ? { type: "saved" } : { type: "saveFailed", reason: "full" });
  }

  #perform(effect: Effect): void {
    const { clock } = this.#network;
    switch (effect.type) {
      case "connect":
        return this.#connect(effect.connection, `${effect.ip}:${effect.port}`);
      case "disconnect":
        return this.#disconnect(effect.connection);
      case "send":
        return this.#send(effect.connection, effect.request, effect.args);
      case "reply": {
        const answer = this.#answers.get(effect.client);
        this.#answers.delete(effect.client);
        return answer?.(effect.reply);
      }
      case "event":
        this.events.push({ atMs: clock.now, name: effect.name, payload: effect.payload });
        return;
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

  #connect(connection: number, address: string): void {
    const { host } = splitAddress(this.address);
    const client = {
      address: this.address,
      up: () => this.step({ type: "linkUp", connection, localIp: host }),
      down: (reason: string) => {
        this.#links.delete(connection);
        this.step({ type: "linkDown", connection, reason });
      },
      message: (channel: string, payload: string) =>
        this.step({ type: "message", connection, channel, payload }),
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
    this.sent.push({ atMs: this.#network.clock.now, to: link.host.address, args });
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
    this.#answers.set(client, respond);
    this.step({ type: "command", client, args });
  }

  /** Runs a command that is answered in the same step. */
  ask(...args: string[]): Reply {
    let answer: Reply | null = null;
    this.command(args, (reply) => {
      answer = reply;
    });
    if (answer === null) throw new Error(`no answer to ${args.join(" ")}`);
    return answer;
  }

  closed(): void {
    // A Sentinel keeps nothing for its clients.
  }
}

function splitAddress(address: string): { host: string; port: number } {
  const [host = "", port = "0"] = address.split(":");
  return { host, port: Number(port) };
}
