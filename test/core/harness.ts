import assert from "node:assert/strict";
import { bulk, integer, type Reply, status } from "../../src/base/reply.ts";
import {
  EMPTY_SENTINEL_CONFIG,
  type MasterConfig,
  type SentinelConfig,
} from "../../src/core/config.ts";
import { createState } from "../../src/core/create-state.ts";
import type { Effect } from "../../src/core/effect.ts";
import { infoSection } from "../../src/core/info-section.ts";
import type { ClientId, Input } from "../../src/core/input.ts";
import { DEFAULT_SETTINGS, type MasterSettings } from "../../src/core/master-settings.ts";
import { seededRandom } from "../../src/core/random.ts";
import { Sentinel } from "../../src/core/sentinel.ts";
import type { Master, SentinelState } from "../../src/core/state.ts";
import { checkWholeState } from "../../src/core/whole-state.ts";

/** The settings stand beside the rest, which is shorter where one of them matters. */
export interface PlainMaster extends MasterSettings, Omit<MasterConfig, "settings"> {}

export const PLAIN_MASTER: PlainMaster = {
  ...DEFAULT_SETTINGS,
  name: "mymaster",
  host: "127.0.0.1",
  port: 6379,
  quorum: 2,
  downAfterMs: 5_000,
  failoverTimeoutMs: 60_000,
  configEpoch: 0n,
  leaderEpoch: 0n,
  replicas: [],
  sentinels: [],
};

type PlainConfig = Omit<SentinelConfig, "masters"> & { readonly masters: readonly PlainMaster[] };

export function masterConfig(master: PlainMaster): MasterConfig {
  const { name, host, port, configEpoch, leaderEpoch, replicas, sentinels, ...settings } = master;
  return { name, host, port, settings, configEpoch, leaderEpoch, replicas, sentinels };
}

export const OWN_ID = "0".repeat(40);
export const PEER_ID = "b".repeat(40);

/** One Sentinel whose world is the test: inputs by hand, effects collected, saving immediate. */
export class LoneSentinel {
  core: Sentinel;
  readonly effects: Effect[] = [];
  now = 1_000_000;
  saves = 0;
  saveAttempts = 0;
  canSave = true;
  /** How long the disk takes for a save; nothing else happens meanwhile. */
  saveTakesMs = 0;
  /** Where connections are refused. */
  readonly deadPorts = new Set<number>();
  /** Else an exception that the core contained fails the test. */
  survivesFaults = false;
  /** Its state was put together by hand and is no real one: it is not judged as a whole. */
  isMadeUp = false;
  #client = 0;
  #served = 0;
  readonly #ports = new Map<number, number>();

  constructor(config: Partial<PlainConfig> = {}, requirepass: string | null = null) {
    const masters = (config.masters ?? [PLAIN_MASTER]).map(masterConfig);
    const whole = { ...EMPTY_SENTINEL_CONFIG, myId: OWN_ID, ...config, masters };
    const settings = { requirepass, listeningPort: 26379, logThreshold: "notice" } as const;
    const state = createState(whole, settings, seededRandom(1), this.now);
    this.core = sentinelOf(state);
  }

  /** Goes on as if it had begun, saved, with what `change` makes of its state. */
  beginAnew(change: (state: SentinelState) => void): void {
    const { state } = this.core;
    change(state);
    this.core = sentinelOf(state);
  }

  step(input: Input): void {
    const { saveConfig, effects } = this.core.step(input, this.now);
    if (!this.survivesFaults && !this.isMadeUp)
      checkWholeState(this.core.state, this.now, input.type === "tick");
    for (const effect of effects) {
      if (effect.type === "fault" && !this.survivesFaults) throw effect.error;
      this.effects.push(effect);
    }
    for (const effect of effects) {
      if (effect.type === "keep") this.step({ type: "kept", ok: this.canSave });
    }
    if (!saveConfig) return;
    this.saveAttempts++;
    if (this.canSave) this.saves++;
    this.step({ type: "saving" });
    this.now += this.saveTakesMs;
    this.step(this.canSave ? { type: "saved" } : { type: "saveFailed", reason: "disk full" });
  }

  /** Ticks every 100 ms, and when something is due, until the span has passed. */
  pass(spanMs: number): void {
    for (const end = this.now + spanMs; this.now < end; ) {
      const dueAt = Math.max(this.core.nextDueAt ?? end, this.now + 1);
      this.now = Math.min(end, this.now + 100, dueAt);
      this.step({ type: "tick" });
    }
  }

  /** The reply of a command; undefined while it waits. */
  ask(...args: string[]): Reply | undefined {
    const client = ++this.#client as ClientId;
    this.step({ type: "command", client, args });
    return this.replyTo(client);
  }

  /** The section of INFO. */
  get info(): string {
    return infoSection(this.core.state, this.now);
  }

  get lastClient(): number {
    return this.#client;
  }

  replyTo(client: number): Reply | undefined {
    const found = this.effects.find((one) => one.type === "reply" && one.client === client);
    return found?.type === "reply" ? found.reply : undefined;
  }

  get master(): Master {
    const [master] = this.core.state.masters.values();
    if (!master) throw new Error("no master");
    return master;
  }

  /** `name payload` of every event so far. */
  get events(): string[] {
    return this.effects.flatMap((one) =>
      one.type === "event" ? [`${one.name} ${one.payload}`] : [],
    );
  }

  /** Every command sent so far. */
  get sent(): string[] {
    return this.effects.flatMap((one) => (one.type === "send" ? [one.args.join(" ")] : []));
  }

  /** Lets time pass while every connection comes up and what is sent is answered. */
  live(seconds: number, answer: (args: readonly string[], port: number) => Reply | null): void {
    for (let tenth = 0; tenth < seconds * 10; tenth++) {
      this.serve(answer);
      this.pass(100);
    }
  }

  #serveOne(
    effect: Effect | undefined,
    answer: (args: readonly string[], port: number) => Reply | null,
  ): void {
    if (effect?.type === "connect") {
      this.#ports.set(effect.connection, effect.port);
      if (this.deadPorts.has(effect.port)) {
        const { connection } = effect;
        return this.step({ type: "linkDown", connection, reason: "connection refused" });
      }
      this.step({ type: "linkUp", connection: effect.connection, localIp: "127.0.0.1" });
    } else if (effect?.type === "send") {
      const { connection, request, args } = effect;
      const reply = answer(args, this.#ports.get(connection) ?? 0);
      if (reply) this.step({ type: "reply", connection, request, reply });
    }
  }

  /** Establishes every connection asked for since and answers what was sent, like a server. */
  serve(answer: (args: readonly string[], port: number) => Reply | null): void {
    for (; this.#served < this.effects.length; this.#served++) {
      this.#serveOne(this.effects[this.#served], answer);
    }
  }
}

function sentinelOf(state: SentinelState): Sentinel {
  return new Sentinel(state, seededRandom(1), (path) => path.startsWith("/bin/"));
}

/** Answers like a healthy master without replicas. */
export function healthyMaster(args: readonly string[]): Reply {
  switch (args[0]) {
    case "PING":
      return status("PONG");
    case "INFO":
      return bulk(`run_id:${"1".repeat(40)}\r\nrole:master\r\n`);
    case "PUBLISH":
      return integer(1);
    default:
      return status("OK");
  }
}

/** A reply as plain data: text, numbers and arrays. */
export function plain(reply: Reply | undefined): unknown {
  if (!reply) return undefined;
  switch (reply.type) {
    case "array":
    case "set":
    case "push":
      return reply.items.map(plain);
    case "map":
      return Object.fromEntries(reply.entries.map(([key, value]) => [plain(key), plain(value)]));
    case "packedMap":
      return unpack(reply.bulks, reply.pairs);
    case "integer":
      return Number(reply.value);
    case "nil":
    case "nilArray":
      return null;
    default:
      return reply.type === "error" ? `-${reply.text}` : reply.text;
  }
}

function unpack(bulks: string, pairs: number): unknown {
  const words: string[] = [];
  for (let at = 0; at < bulks.length; ) {
    const [header = "", length = ""] = /^\$(\d+)\r\n/.exec(bulks.slice(at)) ?? [];
    const from = at + header.length;
    words.push(bulks.slice(from, from + Number(length)));
    at = from + Number(length) + 2;
  }
  assert.equal(words.length, 2 * pairs);
  const isName = (_: string, i: number) => i % 2 === 0;
  return Object.fromEntries(words.filter(isName).map((name, i) => [name, words[2 * i + 1]]));
}
