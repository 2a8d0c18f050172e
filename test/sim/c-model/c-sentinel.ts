import { array, bulk, error, integer, OK, type Reply, status } from "../../../src/base/reply.ts";
import type { Random } from "../../../src/core/random.ts";
import type { Happening } from "../clock.ts";
import type { SimClient, SimConnection, SimHost, SimNetwork } from "../network.ts";
import { readOpinion, type ToldVote } from "../opinion.ts";
import type { SimEvent } from "../sentinel-options.ts";
import { force } from "./failover.ts";
import type { CFile } from "./file.ts";
import { hearHello } from "./hello.ts";
import { CLinks } from "./links.ts";
import { type CAddress, type CMaster, currentAddress, instancesOf } from "./records.ts";
import { CState, type CWorld } from "./state.ts";
import { hearAnswer, tick } from "./tick.ts";
import { answerDown } from "./votes.ts";
import type { CContext } from "./wire.ts";

/** Upstream reads the wall clock, by which no failover was ever tried a moment ago. */
const WALL_CLOCK_MS = 1_000_000_000;
const TILT_TRIGGER_MS = 2_000;
const TILT_PERIOD_MS = 30_000;
const PONG = status("PONG");
const NO_SUCH_MASTER = error("ERR No such master with that name");

export interface CSentinelOptions {
  readonly network: SimNetwork;
  readonly random: Random;
  readonly where: CAddress;
  readonly file: CFile;
}

/**
 * A Sentinel that keeps to the rules of the C program (`docs/algorithm.md` says how ours differs), for
 * clusters in which both kinds live. What it says and decides comes from `votes.ts` and `hello.ts`, which are
 * held against a real one.
 */
export class CSentinel implements SimHost, SimClient {
  readonly address: string;
  isRunning = false;
  #isStopped = false;
  readonly events: SimEvent[] = [];
  readonly toldVotes: ToldVote[] = [];
  /** Addresses of masters that it once told others to be down. */
  readonly toldDown = new Set<string>();
  /** Called on each event, while the state that it tells of stands. */
  readonly onEvent: ((event: SimEvent) => void)[] = [];
  /** Called on each vote that leaves, before anybody hears of it. */
  onVote: (vote: ToldVote) => void = () => undefined;
  /** Called with what the disk holds from now on. */
  onSaved: (file: CFile) => void = () => undefined;
  /** Called on each command sent, for tests that watch the wire. */
  onSend: ((to: string, args: readonly string[]) => void) | null = null;
  /** What it would know after a crash. */
  file: CFile;
  state: CState;
  readonly #where: CAddress;
  readonly #network: SimNetwork;
  readonly #random: Random;
  #links: CLinks;
  #life = 0;
  #previousTickAt = 0;

  constructor({ network, random, where, file }: CSentinelOptions) {
    this.address = `${where.ip}:${where.port}`;
    this.#where = where;
    this.#network = network;
    this.#random = random;
    this.file = file;
    this.#links = this.#createLinks();
    this.state = new CState(file, this.#world());
    network.add(this);
  }

  /** A stopped process does nothing; when it goes on it reads first, and sees that time jumped. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  set isStopped(isStopped: boolean) {
    if (isStopped === this.#isStopped) return;
    this.#isStopped = isStopped;
    if (!isStopped) this.#network.release(this);
  }

  start(): void {
    this.#life++;
    this.isRunning = true;
    this.#isStopped = false;
    this.#links = this.#createLinks();
    this.state = new CState(this.file, this.#world());
    this.#previousTickAt = this.#now();
    this.#planTick();
  }

  crash(): void {
    for (const master of this.state.masters.values()) {
      for (const { link } of instancesOf(master)) this.#links.closeAll(link);
    }
    this.#network.kill(this);
  }

  #createLinks(): CLinks {
    return new CLinks({
      network: this.#network,
      client: this,
      life: this.#life,
      now: () => this.#now(),
      onSend: (to, args) => this.onSend?.(to, args),
    });
  }

  #world(): CWorld {
    return {
      now: () => this.#now(),
      random: this.#random,
      write: (file) => {
        this.file = file;
        this.onSaved(file);
      },
      event: (name, payload) => {
        const event = { atMs: this.#network.clock.now, name, payload };
        this.events.push(event);
        for (const hear of this.onEvent) hear(event);
      },
      closeLink: (link) => this.#links.closeAll(link),
    };
  }

  #now(): number {
    return WALL_CLOCK_MS + this.#network.clock.now;
  }

  get #context(): CContext {
    return { state: this.state, wire: this.#links };
  }

  /** 10 to 19 times a second, at random. */
  #planTick(): void {
    const life = this.#life;
    const next: Happening = {
      happen: () => {
        if (!this.isRunning || life !== this.#life) return;
        if (!this.#isStopped) this.#tick();
        this.#network.clock.plan(this.#tickMs(), next);
      },
    };
    this.#network.clock.plan(this.#tickMs(), next);
  }

  #tickMs(): number {
    return Math.floor(1_000 / (10 + this.#random.below(10)));
  }

  #tick(): void {
    this.#checkTilt();
    tick(this.#context, this.#where);
  }

  #checkTilt(): void {
    const now = this.#now();
    if (now - this.#previousTickAt > TILT_TRIGGER_MS) {
      this.state.tiltSince = now;
      this.state.world.event("+tilt", "#tilt mode entered");
    }
    this.#previousTickAt = now;
    if (this.state.tiltSince === null || now - this.state.tiltSince < TILT_PERIOD_MS) return;
    this.state.tiltSince = null;
    this.state.world.event("-tilt", "#tilt mode exited");
  }

  linkUp(): void {
    // What was sent meanwhile arrives behind it.
  }

  linkDown(connection: SimConnection): void {
    const use = this.#links.use(connection);
    if (!use) return;
    if (use.isSubscription) this.#links.closeSubscription(use.instance);
    else this.#links.closeCommand(use.instance);
  }

  hear(connection: SimConnection, request: number, reply: Reply): void {
    const use = this.#links.use(connection);
    if (!use) return;
    const { instance } = use;
    if (use.isSubscription) {
      instance.link.subscriptionHeardAt = this.#now();
      return;
    }
    hearAnswer(this.#context, instance, this.#links.take(instance, request), reply);
  }

  message(connection: SimConnection, _channel: string, payload: string): void {
    const use = this.#links.use(connection);
    if (!use) return;
    use.instance.link.subscriptionHeardAt = this.#now();
    if (!payload.includes(this.state.myId)) hearHello(this.state, payload);
  }

  closed(): void {
    // Nothing is kept for clients.
  }

  receive(connection: SimConnection, request: number, args: readonly string[]): void {
    this.#network.reply(connection, request, this.ask(...args));
  }

  /** Each command is answered at once. */
  ask(...args: string[]): Reply {
    switch (args[0]) {
      case "PING":
        return PONG;
      case "AUTH":
      case "CLIENT":
        return OK;
      case "INFO":
        return bulk("");
      case "PUBLISH":
        hearHello(this.state, args[2] ?? "");
        return integer(1);
      case "SENTINEL":
        return this.#askSentinel(args);
      default:
        return error("ERR unknown command");
    }
  }

  #askSentinel(args: readonly string[]): Reply {
    const [, subcommand = "", name = ""] = args;
    const master = this.state.masters.get(name);
    switch (subcommand.toLowerCase()) {
      case "is-master-down-by-addr":
        return this.#tellDown(args);
      case "myid":
        return bulk(this.state.myId);
      case "get-master-addr-by-name":
        if (!master) return { type: "nil" };
        return array(addressItems(currentAddress(master)));
      case "master":
        return master ? this.#tellMaster(master) : NO_SUCH_MASTER;
      case "failover":
        if (!master) return NO_SUCH_MASTER;
        return force(this.#context, master) ? OK : error("NOGOODSLAVE");
      default:
        return error(`ERR Unknown subcommand '${subcommand}'`);
    }
  }

  #tellDown(args: readonly string[]): Reply {
    const reply = answerDown(this.state, args.slice(2));
    const opinion = readOpinion(args, reply);
    if (opinion?.isDown) this.toldDown.add(opinion.master);
    if (opinion?.vote) {
      this.toldVotes.push(opinion.vote);
      this.onVote(opinion.vote);
    }
    return reply;
  }

  /** The fields that ours look at. */
  #tellMaster({ name, address, runId, roleReported, link }: CMaster): Reply {
    const fields = {
      name,
      ip: address.ip,
      port: `${address.port}`,
      runid: runId ?? "",
      "last-ok-ping-reply": `${this.#now() - link.lastValidPongAt}`,
      "role-reported": roleReported,
    };
    return array(Object.entries(fields).flatMap(([key, value]) => [bulk(key), bulk(value)]));
  }
}

function addressItems({ ip, port }: CAddress): Reply[] {
  return [bulk(ip), bulk(`${port}`)];
}
