import { currentAddress } from "../../src/core/records.ts";
import { currentAddress as currentAddressOfC } from "../sim/c-model/records.ts";
import { CProcess } from "./c-process.ts";
import { canonize, restore, type StoredLocal, store } from "./canon.ts";
import { Interner, keyOf, Table } from "./interner.ts";
import {
  type CLocal,
  type Local,
  type LocalInput,
  type LocalStep,
  type Message,
  type OwnLocal,
  PRESENT,
  type Sent,
  type Summary,
  type View,
} from "./model.ts";
import { Process, type Setting } from "./process.ts";
import type { Situation } from "./situations.ts";

const MAX_VIEWS = 1 << 20;
const NOTHING: LocalStep = {
  id: -1,
  local: null,
  messages: [],
  facts: [],
  events: [],
  violation: null,
};

/**
 * All local states met so far, each once, and what each input makes of them. A Sentinel knows of the
 * others only what it is told, so that the same few thousand local steps make up millions of states
 * of the whole: the core runs once for each, and is remembered.
 */
export class Locals {
  readonly #settings: readonly Setting[];
  readonly #stored = new Interner<StoredLocal>();
  readonly #owners: number[] = [];
  readonly #summaries: Summary[] = [];
  readonly #seen = new Interner<string>();
  readonly #views: View[] = [];
  readonly #messages = new Interner<Sent>();
  readonly #inputs = new Interner<LocalInput>();
  /** Of inputs that were met, which are the same objects again and again. */
  readonly #known = new WeakMap<LocalInput, number>();
  readonly #steps = new Table<LocalStep>();
  #stepCount = 0;
  /** Names of the events that some Sentinel told somewhere. */
  readonly reached = new Set<string>();
  readonly situations = new Set<Situation>();

  constructor(settings: readonly Setting[]) {
    this.#settings = settings;
  }

  get count(): number {
    return this.#stored.count;
  }

  get steps(): number {
    return this.#stepCount;
  }

  summary(local: number): Summary {
    const summary = this.#summaries[local];
    if (!summary) throw new Error(`no local state ${local}`);
    return summary;
  }

  add(owner: number, local: Local, now = PRESENT): number {
    const key = `${owner} ${canonize(local, now)}`;
    return this.#stored.id(key, () => {
      const summary = summarize(local);
      const seen = `${summary.isRunning} ${summary.down}`;
      this.#summaries.push({ ...summary, seen: this.#seen.id(seen, () => seen) });
      this.#owners.push(owner);
      return store(local);
    });
  }

  input(input: LocalInput): number {
    const known = this.#known.get(input);
    if (known !== undefined) return known;
    const id = this.#inputs.id(keyOf(input), () => input);
    this.#known.set(input, id);
    return id;
  }

  addView(view: View): number {
    return this.#views.push(view) - 1;
  }

  message(id: number): Message {
    return this.#messages.value(id).message;
  }

  /** What the input makes of the local state, as far as the view that it has of the others. */
  step(local: number, input: number, view: number): LocalStep {
    const key = input * MAX_VIEWS + view;
    const known = this.#steps.get(local, key);
    if (known) return known;
    this.#stepCount++;
    return this.#steps.set(local, key, this.#run(local, this.#inputs.value(input), view));
  }

  #run(id: number, input: LocalInput, viewId: number): LocalStep {
    const owner = this.#owners[id] ?? 0;
    const [setting, view] = [this.#settings[owner], this.#views[viewId]];
    if (!setting || !view || viewId >= MAX_VIEWS) throw new Error(`no Sentinel ${owner}`);
    const before = restore(this.#stored.value(id));
    const process =
      before.kind === "c"
        ? new CProcess(before, setting, view)
        : new Process(before, setting, view);
    process.run(input);
    const { facts, events, violation, now } = process;
    if (input.kind === "time" && !process.isNoticed) return NOTHING;
    for (const event of events) this.reached.add(event.split(" ", 1)[0] ?? "");
    for (const situation of process.situations) this.situations.add(situation);
    const messages = process.messages.map((message) => this.#send(message));
    const local = this.add(owner, process.local, now);
    return { id: this.#stepCount, local, messages, facts, events, violation };
  }

  #send(message: Message): Sent {
    const id = this.#messages.count;
    const known = this.#messages.id(keyOf(message), () => ({ id, message }));
    return this.#messages.value(known);
  }
}

type Told = Omit<Summary, "seen">;

function summarize(local: Local): Told {
  return local.kind === "ours" ? summarizeOurs(local) : summarizeC(local);
}

function summarizeOurs({ state, held, clients }: OwnLocal): Told {
  const from = clients.flatMap((client) => client.from ?? []);
  const isHolding = held !== null;
  if (state === null) return { ...ABSENT, isHolding, clients: from };
  const masters = [...state.masters.values()];
  return {
    ...ABSENT,
    isRunning: true,
    isHolding,
    down: state.tiltSince === null ? downOf(masters) : [],
    currentEpoch: state.currentEpoch,
    names: namesOf(masters, currentAddress),
    clients: from,
    attempts: masters.filter(({ failover }) => failover !== null).map((one) => one.name),
  };
}

function summarizeC({ memory, isFresh }: CLocal): Told {
  if (memory === null) return ABSENT;
  const masters = [...memory.masters.values()];
  return {
    ...ABSENT,
    isRunning: true,
    isFresh,
    down: downOf(masters),
    currentEpoch: memory.currentEpoch,
    names: namesOf(masters, currentAddressOfC),
    attempts: masters.filter(({ step }) => step !== "none").map((one) => one.name),
  };
}

const ABSENT: Told = {
  isRunning: false,
  isHolding: false,
  down: [],
  currentEpoch: 0n,
  names: {},
  clients: [],
  attempts: [],
  isFresh: false,
};

interface AnyAddress {
  readonly ip: string | null;
  readonly port: number;
}

interface AnyMaster {
  readonly name: string;
  readonly address: AnyAddress;
  readonly sdown: boolean;
  readonly configEpoch: bigint;
}

function downOf(masters: readonly AnyMaster[]): string[] {
  return masters.filter(({ sdown }) => sdown).map(({ address: { ip, port } }) => `${ip}:${port}`);
}

function namesOf<T extends AnyMaster>(
  masters: readonly T[],
  addressOf: (master: T) => AnyAddress,
): Record<string, string> {
  const names: Record<string, string> = {};
  for (const master of masters) {
    const { ip, port } = addressOf(master);
    names[master.name] = `${ip},${port},${master.configEpoch}`;
  }
  return names;
}
