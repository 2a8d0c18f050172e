import { Facts, name } from "./facts.ts";
import { CUT_OFF, LEFT } from "./inputs.ts";
import { Interner, keyOf, Table } from "./interner.ts";
import { Locals } from "./locals.ts";
import type { LocalInput, LocalStep, Message, Sent, Server, View } from "./model.ts";
import type { Setting } from "./process.ts";

/** What may still go wrong, and how often; each is a part of the state. */
export interface Budget {
  /** Leaps of time, of all Sentinels together. */
  readonly time: number;
  readonly crashes: number;
  /** Connections reset, with all that was under way on them. */
  readonly resets: number;
  readonly failedSaves: number;
  /** SENTINEL FAILOVER */
  readonly forced: number;
  /** Replicas that begin to refuse a change of their role. */
  readonly refusals: number;
  /** Masters that die. */
  readonly deaths: number;
}

export interface WorldOptions {
  readonly settings: readonly Setting[];
  readonly quorum: number;
  readonly servers: readonly Server[];
  readonly budget: Budget;
  readonly maxEpoch: bigint;
  /** The config epoch of the files in the beginning. */
  readonly firstEpoch: bigint;
}

/** One state of the whole: numbers that stand for its parts. */
export type State = Int32Array;

/** What may happen next, and what it leads to. */
export interface Move {
  /** In words, for the trace. */
  readonly what: () => string;
  readonly next: State;
  readonly violation: string | null;
  readonly told: readonly Told[];
}

/** The events of one Sentinel in one step. */
export interface Told {
  readonly by: number;
  readonly events: readonly string[];
}

/** In more ways than this no Sentinel is seen by others. */
const MAX_SEEN = 64;

const HISTORY = 0;
const SERVERS = 1;
const BUDGET = 2;
const LOCALS = 3;

/** The network, the servers and the operator around some Sentinels: every next state of a state. */
export class World {
  readonly locals: Locals;
  readonly facts: Facts;
  readonly #count: number;
  readonly #serverCount: number;
  readonly #options: WorldOptions;
  readonly #queues = new Interner<readonly number[]>();
  /** By queue and message: the queue with one more; by queue: what is left without its first. */
  readonly #longer = new Table<number>();
  readonly #shorter: number[] = [];
  readonly #views: Map<number, number>[];
  readonly #followed = new Table<number>();
  readonly #servers = new Interner<readonly Server[]>();
  readonly #budgets = new Interner<Budget>();
  readonly #spent = new Map<string, number>();
  /** SENTINEL FAILOVER for each name. */
  readonly operators: readonly LocalInput[];
  /** Of the Sentinels; and of the servers. */
  readonly indices: readonly number[];
  readonly serverIndices: readonly number[];

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#count = options.settings.length;
    this.#serverCount = options.servers.length;
    this.locals = new Locals(options.settings);
    const isC = (index: number) => options.settings[index]?.isC === true;
    const { quorum, firstEpoch } = options;
    this.facts = new Facts({ voters: this.#count, quorum, isC, firstEpoch });
    const operator = (about: string): LocalInput => {
      return { kind: "operator", args: ["SENTINEL", "FAILOVER", about] };
    };
    this.operators = this.names.map(operator);
    this.#queue([]);
    this.indices = range(this.#count);
    this.serverIndices = range(this.#serverCount);
    this.#views = this.indices.map(() => new Map());
  }

  get width(): number {
    return LOCALS + this.#count + 2 * this.#count ** 2 + this.#count * this.#serverCount;
  }

  /** From one to the other: questions and hellos; answers come back the other way. */
  #there(from: number, to: number): number {
    return LOCALS + this.#count + from * this.#count + to;
  }

  #back(to: number, from: number): number {
    return this.#there(to, from) + this.#count ** 2;
  }

  #orders(from: number, server: number): number {
    return LOCALS + this.#count + 2 * this.#count ** 2 + from * this.#serverCount + server;
  }

  #queue(messages: readonly number[]): number {
    return this.#queues.id(messages.join(), () => messages);
  }

  /** Sentinels that do not run yet, with what their disks hold. */
  begin(locals: readonly number[]): State {
    const state = new Int32Array(this.width);
    state[SERVERS] = this.#serversId(this.#options.servers);
    state[BUDGET] = this.#budgetId(this.#options.budget);
    for (const [index, local] of locals.entries()) state[LOCALS + index] = local;
    return state;
  }

  #serversId(servers: readonly Server[]): number {
    return this.#servers.id(keyOf(servers), () => servers);
  }

  #budgetId(budget: Budget): number {
    return this.#budgets.id(keyOf(budget), () => budget);
  }

  servers(state: State): readonly Server[] {
    return this.#servers.value(at(state, SERVERS));
  }

  budget(state: State): Budget {
    return this.#budgets.value(at(state, BUDGET));
  }

  summary(state: State, index: number) {
    return this.locals.summary(at(state, LOCALS + index));
  }

  /** What a Sentinel is told of all others at once. */
  #view(state: State, index: number): number {
    let key = at(state, SERVERS);
    for (let other = 0; other < this.#count; other++) {
      if (other === index) continue;
      const { seen } = this.summary(state, other);
      if (seen >= MAX_SEEN) throw new Error("others are seen in too many ways");
      key = key * MAX_SEEN + seen;
    }
    const views = this.#views[index];
    const known = views?.get(key);
    if (known !== undefined) return known;
    const view = this.locals.addView(this.#makeView(state, index));
    views?.set(key, view);
    return view;
  }

  #makeView(state: State, index: number): View {
    const peers = range(this.#count).map((other) => {
      if (other === index) return { isRunning: true, down: [] };
      const { isRunning, down } = this.summary(state, other);
      return { isRunning, down };
    });
    return { servers: this.servers(state), peers };
  }

  /** Lets something happen to one Sentinel, in a state that may be changed. */
  happen(draft: Draft, index: number, input: LocalInput): boolean {
    const { state } = draft;
    const view = this.#view(state, index);
    const step = this.locals.step(at(state, LOCALS + index), this.locals.input(input), view);
    if (step.local === null) return false;
    state[LOCALS + index] = step.local;
    this.#note(draft, index, step);
    for (const message of step.messages) this.#carry(draft, index, message);
    return true;
  }

  #note(draft: Draft, index: number, step: LocalStep): void {
    const heard = this.facts.hear(at(draft.state, HISTORY), index, step);
    draft.state[HISTORY] = heard.history;
    const broken = step.violation === null ? null : `${name(index)}: ${step.violation}`;
    draft.violation ??= broken ?? heard.violation;
    if (step.events.length > 0) draft.told.push({ by: index, events: step.events });
  }

  #carry(draft: Draft, from: number, { id, message }: Sent): void {
    const { state } = draft;
    switch (message.kind) {
      case "ask":
        return this.#push(state, this.#there(from, message.to), id);
      case "hello":
        if (this.#isNews(state, from, message)) {
          this.#push(state, this.#there(from, message.to), id);
        }
        return;
      case "answer":
        return this.#push(state, this.#back(message.to, from), id);
      case "order":
        return this.#push(state, this.#orders(from, message.server), id);
      case "close":
        return this.cut(draft, from, message.to, false);
      default:
        return message satisfies never;
    }
  }

  /**
   * Sound: a hello that says what its hearer has concluded already changes nothing, now or later, as epochs
   * only rise. Only a crash forgets what was not saved, and takes the connection with it.
   */
  #isNews(state: State, from: number, hello: Message & { kind: "hello" }): boolean {
    const { to, epoch, about, named } = hello;
    if (at(state, this.#there(from, to)) !== 0) return true;
    const { currentEpoch, names, isRunning } = this.summary(state, to);
    return isRunning && (epoch > currentEpoch || names[about] !== named);
  }

  #push(state: State, place: number, id: number): void {
    const queue = at(state, place);
    state[place] =
      this.#longer.get(queue, id) ??
      this.#longer.set(queue, id, this.#queue([...this.#queues.value(queue), id]));
  }

  /** Takes the first one off. */
  shift(state: State, place: number): Message | undefined {
    const first = this.first(state, place);
    const queue = at(state, place);
    const known = this.#shorter[queue];
    const shorter = known ?? this.#queue(this.#queues.value(queue).slice(1));
    this.#shorter[queue] = shorter;
    state[place] = shorter;
    return first;
  }

  first(state: State, place: number): Message | undefined {
    const queue = at(state, place);
    if (queue === 0) return undefined;
    const [first = 0] = this.#queues.value(queue);
    return this.locals.message(first);
  }

  there(from: number, to: number): number {
    return this.#there(from, to);
  }

  back(to: number, from: number): number {
    return this.#back(to, from);
  }

  orders(from: number, server: number): number {
    return this.#orders(from, server);
  }

  /** The connection from one Sentinel to another ends, and all that was under way on it is lost. */
  cut(draft: Draft, from: number, to: number, isTold: boolean): void {
    const { state } = draft;
    state[this.#there(from, to)] = 0;
    state[this.#back(from, to)] = 0;
    if (isTold && this.summary(state, from).isRunning) {
      this.happen(draft, from, CUT_OFF(to));
    }
    if (this.summary(state, to).clients.includes(from)) {
      this.happen(draft, to, LEFT(from));
    }
  }

  /** A server changes its role as it was told. */
  follow(state: State, server: number, [host]: readonly string[]): void {
    const servers = at(state, SERVERS);
    const master = this.servers(state).findIndex(({ ip }) => ip === host);
    const key = server * (this.#serverCount + 1) + master + 1;
    const known = this.#followed.get(servers, key);
    if (known !== undefined) {
      state[SERVERS] = known;
      return;
    }
    const follows = master < 0 ? null : master;
    this.setServers(state, (one, index) => (index === server ? { ...one, follows } : one));
    this.#followed.set(servers, key, at(state, SERVERS));
  }

  setServers(state: State, change: (server: Server, index: number) => Server): void {
    state[SERVERS] = this.#serversId(this.servers(state).map(change));
  }

  spend(state: State, what: keyof Budget): void {
    const key = `${state[BUDGET]} ${what}`;
    const known = this.#spent.get(key);
    if (known !== undefined) {
      state[BUDGET] = known;
      return;
    }
    const budget = this.budget(state);
    state[BUDGET] = this.#budgetId({ ...budget, [what]: budget[what] - 1 });
    this.#spent.set(key, at(state, BUDGET));
  }

  grant(state: State, budget: Budget): void {
    state[BUDGET] = this.#budgetId(budget);
  }

  get names(): readonly string[] {
    return this.#options.settings[0]?.names ?? [];
  }

  get sentinels(): number {
    return this.#count;
  }

  /** Epochs beyond the bound are not explored. */
  isBeyond(state: State): boolean {
    for (let index = 0; index < this.#count; index++) {
      if (this.summary(state, index).currentEpoch > this.#options.maxEpoch) return true;
    }
    return false;
  }
}

/** A state in the making. */
export interface Draft {
  readonly state: State;
  violation: string | null;
  readonly told: Told[];
}

export function at(state: State, place: number): number {
  return state[place] ?? 0;
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
