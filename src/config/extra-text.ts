import type {
  Extra,
  ExtraOfMaster,
  Fence,
  Pause,
  PausedReplica,
  Tombstone,
} from "../core/extra.ts";
import { isDataName, type KnownName } from "../core/lineage-guard.ts";

/** What must be added to the core's time to have that of the wall, in ms since 1970. */
type WallOffset = number;

/** The name of the form; another one is of a later release, and is left alone. */
const VERSION = 1;

/**
 * The state beside the file as JSON text, a byte string: what is UTF-8 in the core is so in the text. Points in time
 * are those of the wall.
 */
export function extraText({ masters }: Extra, offset: WallOffset): string {
  const shown = [...masters].map(([name, of]) => [name, masterToJson(of, offset)] as const);
  return `${JSON.stringify({ version: VERSION, masters: Object.fromEntries(shown) }, null, 1)}\n`;
}

function masterToJson(of: ExtraOfMaster, offset: WallOffset) {
  const { pause, pausedReplicas, tombstones, names, fences } = of;
  const at = (ms: number) => new Date(ms + offset).toISOString();
  return {
    pause: pause && { until: at(pause.until), reason: pause.reason },
    pausedReplicas: pausedReplicas.map(({ address: { host, port }, until, reason }) => ({
      ...{ host, port, reason },
      until: at(until),
    })),
    forgotten: tombstones.map(({ kind, key, until }) => ({ kind, key, until: at(until) })),
    names: names.map((one) => ({ id: one.id, at: at(one.at), adopted: one.isAdopted })),
    fences: fences.map(({ address: { host, port }, value }) => ({ host, port, value })),
  };
}

/**
 * The reverse. What is over by `now` (the core's time) is left out.
 *
 * @throws Error that says what is wrong, for a text that is none of ours.
 */
export function parseExtra(text: string, offset: WallOffset, now: number): Extra {
  const root = fields(JSON.parse(text), "it");
  if (root.version !== VERSION) throw new Error(`its version is not ${VERSION}`);
  const masters = new Map<string, ExtraOfMaster>();
  for (const [name, value] of Object.entries(fields(root.masters, "masters"))) {
    masters.set(name, masterFromJson(fields(value, name), new Times(offset, now)));
  }
  return { masters };
}

type Fields = Readonly<Record<string, unknown>>;

class Times {
  readonly #offset: WallOffset;
  /** Of the core. */
  readonly now: number;

  constructor(offset: WallOffset, now: number) {
    this.#offset = offset;
    this.now = now;
  }

  read(value: unknown): number {
    const wall = typeof value === "string" ? Date.parse(value) : Number.NaN;
    if (!Number.isFinite(wall)) throw new Error("a time is none");
    return Math.round(wall - this.#offset);
  }

  isToCome({ until }: { until: number }): boolean {
    return until > this.now;
  }
}

function masterFromJson(of: Fields, times: Times): ExtraOfMaster {
  const pause = of.pause === null ? null : pauseFromJson(fields(of.pause, "pause"), times);
  return {
    pause: pause && times.isToCome(pause) ? pause : null,
    pausedReplicas: list(of.pausedReplicas, "pausedReplicas")
      .map((one) => pausedReplica(one, times))
      .filter((one) => times.isToCome(one)),
    tombstones: list(of.forgotten, "forgotten")
      .map((one) => tombstone(one, times))
      .filter((one) => times.isToCome(one)),
    names: list(of.names ?? [], "names").map((one) => knownName(one, times)),
    fences: list(of.fences ?? [], "fences").map((one) => fence(one, times)),
  };
}

function pauseFromJson({ until, reason }: Fields, times: Times): Pause {
  return { until: times.read(until), reason: string(reason, "reason") };
}

function pausedReplica(one: Fields, times: Times): PausedReplica {
  return { ...pauseFromJson(one, times), address: addressFromJson(one) };
}

function addressFromJson({ host, port }: Fields): PausedReplica["address"] {
  if (typeof port !== "number" || !Number.isInteger(port)) throw new Error("a port is none");
  return { host: string(host, "host"), port };
}

/** So long we listen to the others first: what it wants to be by now, they know. */
const LISTEN_MS = 5_000;

function fence(one: Fields, times: Times): Fence {
  const { value } = one;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw new Error("a value is none");
  }
  const order = { request: null, at: times.now };
  return { address: addressFromJson(one), value, dueAt: times.now + LISTEN_MS, order };
}

function tombstone({ kind, key, until }: Fields, times: Times): Tombstone {
  if (kind !== "replica" && kind !== "sentinel") throw new Error("a kind is none");
  return { kind, key: string(key, "key"), until: times.read(until) };
}

function knownName({ id, at, adopted }: Fields, times: Times): KnownName {
  const name = string(id, "id");
  if (!isDataName(name)) throw new Error("an id is none");
  return { id: name, at: times.read(at), isAdopted: adopted === true };
}

function fields(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${what} is no object`);
  }
  return { ...value };
}

function list(value: unknown, what: string): Fields[] {
  if (!Array.isArray(value)) throw new Error(`${what} is no list`);
  return value.map((one) => fields(one, what));
}

function string(value: unknown, what: string): string {
  if (typeof value !== "string") throw new Error(`${what} is no text`);
  return value;
}
