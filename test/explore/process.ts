import type { Reply } from "../../src/base/reply.ts";
import { BrokenInvariant } from "../../src/core/broken-invariant.ts";
import type { SentinelConfig } from "../../src/core/config.ts";
import { createState } from "../../src/core/create-state.ts";
import type { Effect, Output } from "../../src/core/effect.ts";
import type { ClientId, Input } from "../../src/core/input.ts";
import { currentAddress } from "../../src/core/records.ts";
import { Sentinel } from "../../src/core/sentinel.ts";
import type { Master } from "../../src/core/state.ts";
import { checkWholeState } from "../../src/core/whole-state.ts";
import { Daemon, type SaveOutcome } from "../../src/runtime/daemon.ts";
import { SimDisk } from "../sim/disk.ts";
import { connectionId, replyIds } from "../support/ids.ts";
import { Claims, unmarked } from "./claims.ts";
import {
  type Fact,
  type Link,
  type LocalInput,
  type Message,
  type OwnLocal,
  PRESENT,
  type View,
} from "./model.ts";
import { answerAtOnce, obeyed, sentinelAt, serverAt } from "./replies.ts";
import { momentOf, type Situation, situationsOf } from "./situations.ts";

/** What a Sentinel of the explored cluster is, beside its state. */
export interface Setting {
  readonly index: number;
  /** A C Sentinel. */
  readonly isC: boolean;
  /** Of the file that it began with. */
  readonly text: string;
  /** Names of the masters, by group. */
  readonly names: readonly string[];
  /** So long it is waited for something to happen by itself. */
  readonly patienceMs: number;
}

/** Chance is not explored: everything drawn is in the middle of its range. */
export const RANDOM = { below: (bound: number) => Math.floor(bound / 2) };
/** A server takes this to do what it was told. */
const OBEDIENCE_MS = 1;
const FULL: SaveOutcome = { ok: false, reason: "No space left on device" };

/**
 * One Sentinel for the time of one input: the real core in the daemon's real loop. What others answer at
 * once is answered within it; what takes its time leaves as a message.
 */
export class Process {
  readonly messages: Message[] = [];
  readonly facts: Fact[] = [];
  readonly events: string[] = [];
  situations: readonly Situation[] = [];
  now = PRESENT;
  readonly local: OwnLocal;
  readonly #setting: Setting;
  readonly #view: View;
  readonly #claims: Claims;
  readonly #daemon: Daemon;
  #core: Sentinel | null = null;
  #flush: (() => void) | null = null;
  #restored: Effect[] | null = null;
  #saveOutcome: "ok" | "fails" | "crash" = "ok";
  #isDead = false;

  constructor(local: OwnLocal, setting: Setting, view: View) {
    this.local = local;
    this.#setting = setting;
    this.#view = view;
    this.#claims = new Claims(setting, view, this.facts);
    if (local.state !== null) this.#core = sentinelOf(local.state);
    this.#daemon = new Daemon(
      { step: (input) => this.#step(input) },
      {
        now: () => this.now,
        save: () => this.#save(),
        perform: (effect) => this.#perform(effect),
        fault: (_where, bug) => {
          throw bug;
        },
        scheduleSave: (callback) => {
          this.#flush = callback;
        },
        broken: (bug) => {
          if (!(bug instanceof BrokenInvariant)) throw bug;
          this.#claims.fail(bug.message);
        },
      },
    );
    if (local.held !== null) this.#holdAgain(local.held);
  }

  get violation(): string | null {
    return this.#claims.violation;
  }

  /** The daemon waits for a save again, with what it had to say by then. */
  #holdAgain(held: Effect[]): void {
    this.#restored = held;
    this.#daemon.dispatch({ type: "tick" });
    this.#restored = null;
  }

  run(input: LocalInput): void {
    const before = momentOf(this.local);
    this.#happen(input);
    this.situations = situationsOf(before, input, this.local, this);
  }

  #happen(input: LocalInput): void {
    switch (input.kind) {
      case "restart":
        return this.#start();
      case "time":
      case "tick":
        return this.#awaitDeed();
      case "wait":
        return this.#wait(input.ms);
      case "save":
        this.#saveOutcome = input.outcome;
        return this.#flush?.();
      case "crash":
        return this.#die();
      case "asked":
        return this.#ask(input.from, input.args);
      case "told":
        return this.#ask(null, ["PUBLISH", "__sentinel__:hello", input.hello]);
      case "answered":
        return this.#hear(input.by, input.reply);
      case "cut-off":
        return this.#cutOff((to) => sentinelAt(to) === input.from);
      case "left":
        for (const one of this.local.clients) if (one.from === input.by) one.from = null;
        return;
      case "obeyed":
        return this.#hearObeyed(input.server, input.refused);
      case "server-lost":
        return this.#cutOff((to) => serverAt(this.#view, to) === input.server);
      case "operator":
        return this.#ask(null, input.args);
      default:
        return input satisfies never;
    }
  }

  #start(): void {
    const disk = new SimDisk(this.#setting.text);
    disk.save(this.local.disk);
    const settings = { requirepass: null, listeningPort: 26_379, logThreshold: "notice" } as const;
    this.local.state = createState(disk.load(), settings, RANDOM, this.now);
    this.#core = sentinelOf(this.local.state);
    this.#daemon.dispatch({ type: "start" });
    this.#daemon.dispatch({ type: "tick" });
  }

  /** Something that others see, or that changed what it is about. */
  get isNoticed(): boolean {
    const hasSpoken = this.messages.length > 0 || this.events.length > 0;
    return hasSpoken || this.local.held !== null || this.violation !== null;
  }

  /** Time passes until it does something; without that, nothing has happened at all. */
  #awaitDeed(): void {
    const end = this.now + this.#setting.patienceMs;
    while (!this.isNoticed && this.now < end) this.#tickNext(end);
  }

  #wait(spanMs: number): void {
    const end = this.now + spanMs;
    while (this.now < end) {
      this.#tickNext(end);
      this.#flush?.();
    }
  }

  #tickNext(end: number): void {
    const dueAt = this.#core?.nextDueAt ?? end;
    this.now = Math.min(end, Math.max(this.now, dueAt));
    this.#daemon.dispatch({ type: "tick" });
    // It wants to be looked at in this very moment once more: in the next one.
    if (this.now < end && dueAt === this.#core?.nextDueAt) this.now++;
  }

  #step(input: Input): Output {
    if (this.#restored !== null) return { saveConfig: true, effects: this.#restored };
    const core = this.#core;
    if (core === null) return { saveConfig: false, effects: [] };
    const { saveConfig, effects } = core.step(input, this.now);
    checkWholeState(core.state, this.now, input.type === "tick");
    const told = effects.map((effect) => this.#claims.mark(core.state, effect, this.now));
    if (saveConfig) this.local.held ??= [];
    if (input.type !== "saving") this.local.held?.push(...told);
    return { saveConfig, effects: told };
  }

  #save(): SaveOutcome {
    const core = this.#core;
    this.local.held = null;
    this.#flush = null;
    if (core === null || this.#saveOutcome === "fails") return FULL;
    const now: SentinelConfig = core.config();
    this.#claims.checkSave(this.local.disk, now);
    this.local.disk = now;
    if (this.#saveOutcome === "crash") this.#die();
    return { ok: true };
  }

  #die(): void {
    this.#isDead = true;
    this.#core = null;
    this.#flush = null;
    this.local.state = null;
    this.local.held = null;
    this.local.links = [];
    this.local.clients = [];
  }

  #perform(effect: Effect): void {
    if (this.#isDead) return;
    if (this.local.held !== null) this.#claims.fail(`I2: ${effect.type} left before the save`);
    switch (effect.type) {
      case "connect":
        return this.#connect(effect);
      case "disconnect":
        return this.#disconnect(effect.connection);
      case "send":
        return this.#send(effect);
      case "reply":
        return this.#reply(effect.client, effect.reply);
      case "event":
        return this.#tell(effect.name, effect.payload);
      case "keep":
        return this.#daemon.dispatch({ type: "kept", ok: true });
      case "fault":
        throw effect.error;
      case "log":
      case "journal":
      case "resolve":
      case "again":
      case "runScript":
      case "killScript":
      case "configure":
      case "logLevel":
      case "exit":
        return;
      default:
        effect satisfies never;
    }
  }

  #tell(name: string, payload: string): void {
    if (name.endsWith("-link-reconnection")) return;
    this.events.push(`${name} ${unmarked(payload)}`);
    if (this.#core) this.#claims.hearEvent(this.#core.state, name, payload, this.local.disk);
  }

  #connect({ connection, purpose, ip, port }: Effect & { type: "connect" }): void {
    const to = `${ip}:${port}`;
    const server = this.#view.servers[serverAt(this.#view, to)];
    const peer = this.#view.peers[sentinelAt(to)];
    if (server?.isAlive || peer?.isRunning) {
      this.local.links.push({ connection, to, purpose, waiting: [], order: [], said: {} });
      const localIp = `10.99.0.${this.#setting.index + 1}`;
      this.#daemon.dispatch({ type: "linkUp", connection, localIp });
    } else this.#daemon.dispatch({ type: "linkDown", connection, reason: "connection refused" });
  }

  #disconnect(connection: number): void {
    const link = this.#link(connection);
    if (!link) return;
    this.local.links = this.local.links.filter((one) => one !== link);
    const to = sentinelAt(link.to);
    if (to >= 0) this.messages.push({ kind: "close", to });
  }

  #link(connection: number): Link | undefined {
    return this.local.links.find((one) => one.connection === connection);
  }

  /** The words go on the wire: answered at once, or some time. */
  #send({ connection, request, args }: Effect & { type: "send" }): void {
    const link = this.#link(connection);
    if (!link) return;
    this.#claims.checkSaid(this.#core?.state ?? null, args, this.local.disk);
    const server = serverAt(this.#view, link.to);
    if (server >= 0 && this.#isOrder(link, args)) return this.#order(link, server, request, args);
    const to = sentinelAt(link.to);
    if (to >= 0 && args[0] === "PUBLISH") this.#greet(link, to, args[2] ?? "");
    const reply = answerAtOnce(this.#view, link.to, args);
    if (reply !== null) this.#daemon.dispatch({ type: "reply", connection, request, reply });
    else {
      link.waiting.push(request);
      this.messages.push({ kind: "ask", to, args });
    }
  }

  #isOrder({ order }: Link, [name = ""]: readonly string[]): boolean {
    return name === "MULTI" || name === "SLAVEOF" || order.length > 0;
  }

  /** A transaction is one thing to the server, and arrives with its end. */
  #order(link: Link, server: number, request: number, args: readonly string[]): void {
    link.waiting.push(request);
    link.order.push(args.join(" "));
    if (args[0] !== "EXEC") return;
    const slaveof = link.order.find((words) => words.startsWith("SLAVEOF")) ?? "";
    link.order = [];
    const [, ...words] = slaveof.split(" ");
    this.messages.push({ kind: "order", server, slaveof: words });
    const isPromotion = words[0] === "NO";
    if (isPromotion && this.#core) this.#claims.promotes(this.#core.state, link.to);
  }

  /** The same hello once more is no news; its answer is a matter of course. */
  #greet({ said }: Link, to: number, text: string): void {
    const [, , , epoch = "0", about = "", ...named] = text.split(",");
    if (said[about] === text) return;
    said[about] = text;
    const hello = { epoch: BigInt(epoch), about, named: named.join() };
    this.messages.push({ kind: "hello", to, text, ...hello });
  }

  #ask(from: number | null, args: readonly string[]): void {
    const client = 1 + Math.max(0, ...this.local.clients.map((one) => one.client));
    const about = args[2] ?? "";
    this.local.clients.push({ client, from, about, groups: this.#groupsAt(about) });
    this.#daemon.dispatch({ type: "command", client: client as ClientId, args });
  }

  /** Of the names whose master is there, as this Sentinel knows it; one vote counts for all of them. */
  #groupsAt(ip: string): number[] {
    const { names } = this.#setting;
    const masters = [...(this.#core?.state.masters.values() ?? [])];
    const isThere = (master: Master) =>
      master.address.ip === ip || currentAddress(master).ip === ip;
    return masters.filter(isThere).map((master) => names.indexOf(master.name));
  }

  #reply(client: number, reply: Reply): void {
    const asked = this.local.clients.find((one) => one.client === client);
    if (!asked) return;
    this.local.clients = this.local.clients.filter((one) => one !== asked);
    this.#claims.hearReply(asked.groups, reply, this.local.disk);
    if (asked.from !== null) this.messages.push({ kind: "answer", to: asked.from, reply });
  }

  #hear(by: number, reply: Reply): void {
    const link = this.local.links.find(({ to }) => sentinelAt(to) === by);
    const request = link?.waiting.shift();
    if (!link || request === undefined) return;
    this.#hearReply(link, request, reply);
  }

  #hearReply(link: Link, request: number, reply: Reply): void {
    this.#daemon.dispatch({ type: "reply", ...replyIds(link.connection, request), reply });
  }

  #hearObeyed(server: number, refused: boolean): void {
    this.now += OBEDIENCE_MS;
    const isIt = ({ to, purpose }: Link) =>
      serverAt(this.#view, to) === server && purpose === "command";
    const link = this.local.links.find(isIt);
    if (!link) return;
    for (const reply of obeyed(refused)) {
      const request = link.waiting.shift();
      if (request === undefined) return;
      this.#hearReply(link, request, reply);
    }
  }

  #cutOff(isMeant: (to: string) => boolean): void {
    const lost = this.local.links.filter(({ to }) => isMeant(to));
    this.local.links = this.local.links.filter((one) => !lost.includes(one));
    for (const { connection } of lost) {
      this.#daemon.dispatch({
        type: "linkDown",
        connection: connectionId(connection),
        reason: "connection reset",
      });
    }
  }
}

function sentinelOf(state: NonNullable<OwnLocal["state"]>): Sentinel {
  return new Sentinel(state, RANDOM, () => true);
}
