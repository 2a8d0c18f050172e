import type { Reply } from "../../src/base/reply.ts";
import { force } from "../sim/c-model/failover.ts";
import { hearHello } from "../sim/c-model/hello.ts";
import {
  type CInstance,
  type CLink,
  type CMaster,
  type CQuestion,
  instancesOf,
  textOf,
} from "../sim/c-model/records.ts";
import { CState } from "../sim/c-model/state.ts";
import { hearAnswer, tick } from "../sim/c-model/tick.ts";
import { answerDown } from "../sim/c-model/votes.ts";
import type { CContext, CWire } from "../sim/c-model/wire.ts";
import {
  type CLocal,
  type Fact,
  type LocalInput,
  type Message,
  PRESENT,
  sentinelId,
  sentinelIp,
  sentinelOfId,
  type View,
} from "./model.ts";
import { RANDOM, type Setting } from "./process.ts";
import { answerAtOnce, sentinelAt, serverAt } from "./replies.ts";
import { type Situation, situationsOfC } from "./situations.ts";

const TICK_MS = 100;
/** All connections are alike: whether there is one is all that its rules look at. */
const CONNECTION = { id: 1 };

/** An answer that comes as soon as the tick is over in which it was asked for. */
interface Answer {
  readonly instance: CInstance;
  readonly request: number;
  readonly reply: Reply;
}

/** One C Sentinel for the time of one input: the rules of `test/sim/c-model`. */
export class CProcess implements CWire {
  readonly messages: Message[] = [];
  readonly facts: Fact[] = [];
  readonly events: string[] = [];
  situations: readonly Situation[] = [];
  /** It is not judged: its rules are what they are. */
  readonly violation = null;
  now = PRESENT;
  readonly local: CLocal;
  readonly #setting: Setting;
  readonly #view: View;
  readonly #answers: Answer[] = [];
  #order: string[] = [];
  #state: CState | null = null;

  constructor(local: CLocal, setting: Setting, view: View) {
    this.local = local;
    this.#setting = setting;
    this.#view = view;
    if (local.memory !== null) this.#state = this.#createState(local.memory);
  }

  #createState(memory: CLocal["memory"]): CState {
    const state = new CState(this.local.disk, {
      now: () => this.now,
      random: RANDOM,
      write: (file) => {
        this.local.disk = file;
      },
      event: (name, payload) => this.#tell(name, payload),
      closeLink: (link) => this.#close(link),
    });
    if (memory === null) return state;
    state.currentEpoch = memory.currentEpoch;
    state.masters.clear();
    for (const [name, master] of memory.masters) state.masters.set(name, master);
    return state;
  }

  run(input: LocalInput): void {
    this.#hear(input);
    this.situations = situationsOfC(input, this);
    const state = this.#state;
    const { isNoticed } = this;
    if (input.kind !== "tick" && input.kind !== "wait") this.local.isFresh = true;
    else this.local.isFresh = input.kind === "tick" && isNoticed;
    this.local.memory = state && { currentEpoch: state.currentEpoch, masters: state.masters };
  }

  get isNoticed(): boolean {
    return this.messages.length > 0 || this.events.length > 0;
  }

  #hear(input: LocalInput): void {
    if (input.kind === "restart") {
      this.#state = this.#createState(null);
      return;
    }
    const state = this.#state;
    if (state === null) return;
    const context: CContext = { state, wire: this };
    switch (input.kind) {
      case "time":
        return this.#pass(context, this.#setting.patienceMs, true);
      case "tick":
        return this.#tick(context);
      case "wait":
        return this.#pass(context, input.ms, false);
      case "crash":
        return this.#die();
      case "asked":
        return this.#answer(state, input.from, input.args);
      case "told":
        return hearHello(state, input.hello);
      case "answered":
        return this.#hearVote(context, input.by, input.reply);
      case "cut-off":
        return this.#cutOff((to) => sentinelAt(to) === input.from);
      case "server-lost":
        return this.#cutOff((to) => serverAt(this.#view, to) === input.server);
      case "operator": {
        const master = state.masters.get(input.args[2] ?? "");
        if (master) force(context, master);
        return;
      }
      case "obeyed":
      case "left":
      case "save":
        return;
      default:
        return input satisfies never;
    }
  }

  #die(): void {
    this.#state = null;
    this.local.said = {};
  }

  /** Tick after tick, at least one. */
  #pass(context: CContext, spanMs: number, isUntilNoticed: boolean): void {
    const end = this.now + spanMs;
    while (this.now < end && !(isUntilNoticed && this.isNoticed)) {
      this.now += TICK_MS;
      this.#tick(context);
    }
  }

  #tick(context: CContext): void {
    const { state } = context;
    for (const { link } of this.#instances()) {
      // Its own hello comes back to it through each server.
      if (link.subscription) link.subscriptionHeardAt = this.now;
    }
    tick(context, { ip: sentinelIp(this.#setting.index), port: 26_379 });
    for (let next = this.#answers.shift(); next; next = this.#answers.shift()) {
      const { instance, request, reply } = next;
      const question = take(instance.link, request);
      if (state.masters.size > 0) hearAnswer(context, instance, question, reply);
    }
  }

  #instances(): CInstance[] {
    return [...(this.#state?.masters.values() ?? [])].flatMap(instancesOf);
  }

  #answer(state: CState, from: number, args: readonly string[]): void {
    const reply = answerDown(state, args.slice(2));
    this.messages.push({ kind: "answer", to: from, reply });
    if (reply.type !== "array") return;
    const [, leader, epoch] = reply.items;
    if (leader?.type !== "bulk" || leader.text === "*" || epoch?.type !== "integer") return;
    const master = state.masterAt({ ip: args[2] ?? "", port: Number(args[3]) });
    if (master) this.#voted(master, leader.text, `${epoch.value}`);
  }

  #voted({ name }: CMaster, leader: string, epoch: string): void {
    const group = this.#setting.names.indexOf(name);
    this.facts.push({ kind: "voted", group, epoch, leader: sentinelOfId(leader) });
  }

  #hearVote(context: CContext, by: number, reply: Reply): void {
    for (const instance of this.#instances()) {
      if (instance.kind !== "peer" || instance.id !== sentinelId(by)) continue;
      const asked = [...instance.link.pending].find(([, question]) => question === "down");
      if (asked) hearAnswer(context, instance, take(instance.link, asked[0]), reply);
      if (asked) return;
    }
  }

  #cutOff(isMeant: (to: string) => boolean): void {
    for (const { address, link } of this.#instances()) {
      if (isMeant(textOf(address))) this.#close(link);
    }
    for (const key of Object.keys(this.local.said)) {
      const to = Number(key.split(" ")[0]);
      if (isMeant(`${sentinelIp(to)}:26379`)) delete this.local.said[key];
    }
  }

  #close(link: CLink): void {
    link.command = null;
    link.subscription = null;
    link.disconnected = true;
    link.pending.clear();
  }

  #tell(name: string, payload: string): void {
    this.events.push(`${name} ${payload}`);
    const masters = [...(this.#state?.masters.values() ?? [])];
    if (name === "+vote-for-leader") {
      const [leader = "", epoch = "0"] = payload.split(" ");
      for (const master of masters) {
        const isIt = master.leader === leader && master.leaderEpoch === BigInt(epoch);
        if (isIt) this.#voted(master, leader, epoch);
      }
      return;
    }
    const words = payload.split(" ");
    const at = words.indexOf("@");
    const master = masters.find((one) => one.name === words[at + (at < 0 ? 2 : 1)]);
    if (master) this.#note(name, words, master);
  }

  #note(name: string, words: readonly string[], master: CMaster): void {
    const group = this.#setting.names.indexOf(master.name);
    const epoch = `${master.failoverEpoch}`;
    const address = words[2] ?? "";
    switch (name) {
      case "+elected-leader": {
        const ownVote = master.leaderEpoch === master.failoverEpoch;
        if (!master.isForced) this.facts.push({ kind: "elected", group, epoch, address, ownVote });
        return;
      }
      case "+promoted-slave":
        this.facts.push({ kind: "named", group, epoch, address, excused: master.isForced });
        return;
      case "+sdown":
        if (words[0] === "master") this.facts.push({ kind: "said-down", address });
        return;
      default:
    }
  }

  connect(instance: CInstance): void {
    const { link, address } = instance;
    const to = textOf(address);
    const isThere =
      this.#view.servers[serverAt(this.#view, to)]?.isAlive === true ||
      this.#view.peers[sentinelAt(to)]?.isRunning === true;
    if (isThere && !link.command) {
      link.command = CONNECTION;
      link.commandOpenedAt = this.now;
      link.pending.clear();
    }
    if (isThere && instance.kind !== "peer" && !link.subscription) {
      link.subscription = CONNECTION;
      link.subscriptionOpenedAt = this.now;
    }
    link.disconnected = !isThere;
  }

  closeCommand({ link }: CInstance): void {
    link.command = null;
    link.disconnected = true;
    link.pending.clear();
  }

  closeSubscription({ link }: CInstance): void {
    link.subscription = null;
    link.disconnected = true;
  }

  send(instance: CInstance, question: CQuestion, args: readonly string[]): void {
    const { link, address } = instance;
    if (!link.command) return;
    const to = textOf(address);
    const server = serverAt(this.#view, to);
    if (server >= 0 && question === "other") return this.#sendOrder(server, args);
    const peer = sentinelAt(to);
    if (question === "down" && this.#isAsked(peer, link, args)) return;
    const pending = this.#instances().flatMap((one) => [...one.link.pending.keys()]);
    const request = 1 + Math.max(0, ...pending);
    link.pending.set(request, question);
    if (peer >= 0 && args[0] === "PUBLISH") this.#greet(peer, args[2] ?? "");
    const reply = answerAtOnce(this.#view, to, args);
    if (reply !== null) this.#answers.push({ instance, request, reply });
    else this.messages.push({ kind: "ask", to: peer, args });
  }

  /**
   * It asks with each tick until it is answered. The same question again, while the first is under way, is
   * answered behind it with the same vote or a later one, which the next question would hear, too.
   */
  #isAsked(to: number, { pending }: CLink, args: readonly string[]): boolean {
    const key = `${to} asked`;
    const isWaiting = [...pending.values()].includes("down");
    if (isWaiting && this.local.said[key] === args.join(" ")) return true;
    this.local.said[key] = args.join(" ");
    return false;
  }

  /** Nobody looks at the answers of a transaction, which is one thing to the server. */
  #sendOrder(server: number, args: readonly string[]): void {
    if (args[0] === "SLAVEOF") this.#order = args.slice(1);
    if (args[0] === "EXEC") this.messages.push({ kind: "order", server, slaveof: this.#order });
  }

  #greet(to: number, text: string): void {
    const [, , , epoch = "0", about = "", ...named] = text.split(",");
    const key = `${to} ${about}`;
    if (this.local.said[key] === text) return;
    this.local.said[key] = text;
    const hello = { epoch: BigInt(epoch), about, named: named.join() };
    this.messages.push({ kind: "hello", to, text, ...hello });
  }
}

function take(link: CLink, request: number): CQuestion | null {
  const question = link.pending.get(request) ?? null;
  link.pending.delete(request);
  return question;
}
