import { hash } from "node:crypto";
import { deserialize, serialize } from "node:v8";
import { Agenda } from "../../src/core/agenda.ts";
import { ASK_AGAIN_MS } from "../../src/core/defaults.ts";
import { instancesOf } from "../../src/core/records.ts";
import type { Instance, SentinelState } from "../../src/core/state.ts";
import { instancesOf as instancesOfC } from "../sim/c-model/records.ts";
import { type CLocal, type Local, type OwnLocal, PRESENT } from "./model.ts";

// Two local states are equal if nothing that follows can tell them apart. So points in time are
// counted from the present, and numbers of connections and requests are given anew in an order that
// does not depend on what came before.

/** Numbers nearer to the present than this are points in time; all others are spans and counts. */
const NEAR_MS = 100_000_000_000;
/**
 * Clocks are coarse: what was less than a second ago is now, and its wait begins anew with each leap of
 * time; a wait that began before that is soon over, as that for an election or a failover, and then over.
 */
const AGES_MS = [3_000, 8_000, 31_000] as const;
const NOW_MS = 1_000;
/** A count that no wait depends on any more beyond this (`againAfterMs` in link.ts). */
const MAX_BEFORE = 3;
const CONNECTION_FIELDS = new Set(["id", "connection"]);
const REQUEST_FIELDS = new Set([
  "request",
  "subscribeRequest",
  "makeRequest",
  "helloRequest",
  "infoRequest",
  "waiting",
]);
/** Never changed in an exploration, or derived from the rest. */
const UNTOLD = new Set(["settings", "periods", "agenda", "infoText"]);
/** A connection or request that is over; none has this number. */
const OVER = 0;

export interface StoredLocal {
  readonly bytes: Buffer;
  /** What no input of an exploration changes, which need not be copied each time. */
  readonly constant: Pick<SentinelState, "settings" | "periods"> | null;
}

/**
 * Brings a local state at a point in time into its canonical form. The answer is equal for equal states, and only
 * for these up to a collision of 128 bits.
 */
export function canonize(local: Local, now: number): string {
  return hash("md5", new Canon(local, now).run(), "base64");
}

/** Keeps a canonical state. The argument is used up. */
export function store(local: Local): StoredLocal {
  const state = local.kind === "ours" ? local.state : null;
  if (state === null) return { bytes: serialize(local), constant: null };
  const { settings, periods } = state;
  Object.assign(state, { settings: null, periods: null, agenda: null });
  for (const master of state.masters.values()) {
    // Read for host names only, and there are none.
    for (const server of [master, ...master.replicas.values()]) server.infoText = null;
  }
  return { bytes: serialize(local), constant: { settings, periods } };
}

/** A local state at `PRESENT`, to be changed as one likes. */
export function restore({ bytes, constant }: StoredLocal): Local {
  const local: Local = deserialize(bytes);
  if (local.kind === "ours" && local.state !== null) {
    Object.assign(local.state, constant);
    planAgain(local.state);
  }
  return local;
}

/** What is due in the same millisecond comes in the order of the instances. */
function planAgain(state: SentinelState): void {
  const agenda = new Agenda();
  Object.assign(state, { agenda });
  for (const master of state.masters.values()) {
    for (const instance of instancesOf(master)) {
      const { dueAt } = instance;
      instance.dueAt = null;
      if (dueAt !== null) agenda.plan(instance, dueAt);
    }
  }
}

class Canon {
  readonly #local: Local;
  readonly #now: number;
  readonly #connections = new Map<number, number>();
  readonly #requests = new Map<number, number>();
  readonly #clients = new Map<number, number>();
  readonly #seen = new Map<object, number>();
  readonly #words: string[] = [];

  constructor(local: Local, now: number) {
    this.#local = local;
    this.#now = now;
  }

  run(): string {
    if (this.#local.kind === "ours") this.#prepare(this.#local);
    else this.#numberQuestions(this.#local);
    this.#value(this.#local, "");
    return this.#words.join(" ");
  }

  #prepare(local: OwnLocal): void {
    const { state, links, clients } = local;
    links.sort((a, b) => compare(linkName(a), linkName(b)) || a.connection - b.connection);
    if (state !== null) this.#number(state, local);
    for (const [at, { client }] of clients.entries()) this.#clients.set(client, at + 1);
  }

  #numberQuestions({ memory }: CLocal): void {
    let next = OVER + 1;
    for (const master of memory?.masters.values() ?? []) {
      for (const { link } of instancesOfC(master)) {
        for (const id of link.pending.keys()) this.#requests.set(id, next++);
      }
    }
  }

  #number(state: SentinelState, local: OwnLocal): void {
    const named: [name: string, id: number][] = [];
    const isOpen = new Set<number>();
    for (const [id, { link, purpose }] of state.connections) {
      const [owner] = link.owners;
      named.push([`${owner ? placeOf(owner) : "nobody"} ${purpose}`, id]);
      isOpen.add(id);
    }
    // Closed already, which is not said yet.
    for (const link of local.links) {
      if (!isOpen.has(link.connection)) named.push([`${linkName(link)} closed`, link.connection]);
    }
    named.sort(([a, one], [b, two]) => compare(a, b) || one - two);
    let next = OVER + 1;
    for (const [, id] of named) this.#connections.set(id, next++);
    for (const master of state.masters.values()) {
      for (const { link } of instancesOf(master)) {
        for (const id of link.pending.keys()) {
          if (!this.#requests.has(id)) this.#requests.set(id, next++);
        }
      }
    }
    state.nextId = next;
  }

  /** Tells the value, and what stands for it from now on. */
  #value(value: unknown, field: string): unknown {
    switch (typeof value) {
      case "number": {
        const told = this.#numeral(value, field);
        this.#words.push(`${told}`);
        return told;
      }
      case "bigint":
        this.#words.push(`${value}n`);
        return value;
      case "object":
        if (value !== null) this.#object(value, field);
        else this.#words.push("-");
        return value;
      default:
        this.#words.push(`${value}`);
        return value;
    }
  }

  #numeral(value: number, field: string): number {
    if (CONNECTION_FIELDS.has(field)) return this.#connections.get(value) ?? OVER;
    if (REQUEST_FIELDS.has(field)) return this.#requests.get(value) ?? OVER;
    if (field === "client") return this.#clients.get(value) ?? OVER;
    if (field === "before") return Math.min(value, MAX_BEFORE);
    if (field === "againAfterMs") return Math.min(value, ASK_AGAIN_MS);
    if (Math.abs(value - PRESENT) > NEAR_MS) return value;
    return coarse(value - this.#now) + PRESENT;
  }

  #object(value: object, field: string): void {
    const before = this.#seen.get(value);
    this.#words.push(before === undefined ? "(" : `#${before}`);
    if (before !== undefined) return;
    this.#seen.set(value, this.#seen.size);
    if (value instanceof Map) this.#map(value, field);
    else if (value instanceof Set) for (const one of value) this.#value(one, field);
    else if (Array.isArray(value)) {
      for (const [at, one] of value.entries()) {
        const told = this.#value(one, field);
        if (told !== one) value[at] = told;
      }
    } else this.#record(value as Record<string, unknown>);
    this.#words.push(")");
  }

  #record(record: Record<string, unknown>): void {
    for (const name in record) {
      if (UNTOLD.has(name)) continue;
      const value = record[name];
      this.#words.push(name);
      const told = this.#value(name === "delayLoggedFor" ? null : value, name);
      if (told !== value) record[name] = told;
    }
  }

  /** Those by number are put into the order of the new ones. */
  #map(map: Map<unknown, unknown>, field: string): void {
    const key = field === "pending" ? "request" : field === "connections" ? "connection" : null;
    const entries = [...map];
    if (key !== null) {
      for (const entry of entries) entry[0] = this.#numeral(entry[0] as number, key);
      entries.sort(([a], [b]) => (a as number) - (b as number));
    }
    map.clear();
    for (const [name, value] of entries) {
      this.#value(name, "");
      map.set(name, this.#value(value, field));
    }
  }
}

function coarse(at: number): number {
  if (at > -NOW_MS) return Math.trunc(at / NOW_MS) * NOW_MS;
  return -(AGES_MS.find((age) => age >= -at) ?? AGES_MS[2]);
}

function placeOf({ address }: Instance): string {
  return `${address.ip}:${address.port}`;
}

function linkName({ to, purpose }: { to: string; purpose: string }): string {
  return `${to} ${purpose}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
