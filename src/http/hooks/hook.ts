import { globMatcher } from "../../base/glob.ts";
import type { Millis } from "../../core/state.ts";
import { partsOf } from "../../explain/payload.ts";
import { MAX_WAITING_FOR_HOOK } from "../limits.ts";
import type { PastEvent } from "../past-event.ts";
import type { HookConfig } from "./config.ts";

/** What a hook does to the world. */
export interface HookWorld {
  now(): Millis;
  /** Sends an event; null: it was taken, else why not. */
  post(config: HookConfig, event: PastEvent): Promise<string | null>;
  later(callback: () => void, ms: Millis): void;
  /** For the operator. */
  tell(text: string): void;
  /** For the journal: it takes nothing for long, or takes events again after such a time. */
  note(result: "began" | "ended", text: string, lastedMs: Millis | null): void;
}

/** What became of events. */
export interface HookFigures {
  delivered: number;
  /** Attempts that failed. */
  failed: number;
  /** After ten minutes. */
  given_up: number;
  /** There was no room. */
  dropped: number;
}

/** Masters whose events are under way at a time. */
const MAX_BUSY = 4;
const FIRST_RETRY_MS: Millis = 1_000;
const LAST_RETRY_MS: Millis = 60_000;
const PATIENCE_MS: Millis = 600_000;
/** A receiver that takes nothing for so long is dead; what is shorter is a restart of it. */
const DEAD_MS: Millis = 60_000;

/** The events of one master, or those of none, which go in their order. */
interface Line {
  readonly master: string;
  readonly events: PastEvent[];
  /** When the first of them was tried first. */
  triedAt: Millis | null;
  retryMs: Millis;
  isBusy: boolean;
}

/**
 * Delivers events to one receiver: those of a master in order, each at least once, for ten minutes. It only takes
 * note of an event when that happens; all else is done in turns of its own.
 */
export class Hook {
  config: HookConfig;
  readonly figures: HookFigures = { delivered: 0, failed: 0, given_up: 0, dropped: 0 };
  readonly #world: HookWorld;
  readonly #lines = new Map<string, Line>();
  /** Those that may go on. */
  readonly #ready = new Set<Line>();
  #isWanted: (name: string) => boolean;
  #waiting = 0;
  #busy = 0;
  #isClosed = false;
  /** The last trouble told; null: it works. */
  #trouble: string | null = null;
  /** When the first of the attempts began that failed since one was taken; null: the last one was. */
  #failingSince: Millis | null = null;
  #isDead = false;

  constructor(config: HookConfig, world: HookWorld) {
    this.config = config;
    this.#world = world;
    this.#isWanted = matcherOf(config);
  }

  /** From now on, also for what waits. */
  configure(config: HookConfig): void {
    this.config = config;
    this.#isWanted = matcherOf(config);
  }

  /** What waits is forgotten, and nothing is posted any more. */
  close(): void {
    this.#isClosed = true;
    // Timers may still hold some.
    for (const line of this.#lines.values()) line.events.length = 0;
    this.#lines.clear();
    this.#waiting = 0;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Why it is dead, and since when; null: it is not. */
  get death(): { readonly trouble: string; readonly forMs: Millis } | null {
    if (!this.#isDead || this.#failingSince === null || this.#trouble === null) return null;
    return { trouble: this.#trouble, forMs: this.#world.now() - this.#failingSince };
  }

  hear(event: PastEvent): void {
    if (!this.#isWanted(event.name)) return;
    if (this.#waiting >= MAX_WAITING_FOR_HOOK) this.#dropOldest();
    const line = this.#lineOf(masterOf(event));
    line.events.push(event);
    this.#waiting += 1;
    if (line.events.length === 1) this.#makeReady(line);
  }

  #lineOf(master: string): Line {
    const known = this.#lines.get(master);
    if (known !== undefined) return known;
    const line = { master, events: [], triedAt: null, retryMs: FIRST_RETRY_MS, isBusy: false };
    this.#lines.set(master, line);
    return line;
  }

  #makeReady(line: Line): void {
    this.#ready.add(line);
    this.#world.later(() => this.#goOn(), 0);
  }

  #goOn(): void {
    for (const line of this.#ready) {
      if (this.#busy >= MAX_BUSY) return;
      this.#ready.delete(line);
      const [event] = line.events;
      if (event !== undefined && !line.isBusy) void this.#deliver(line, event);
    }
  }

  /** Never rejects: what fails is a trouble of the receiver. */
  async #deliver(line: Line, event: PastEvent): Promise<void> {
    this.#busy += 1;
    line.isBusy = true;
    const beganAt = this.#world.now();
    line.triedAt ??= beganAt;
    const trouble = await this.#world.post(this.config, event);
    if (this.#isClosed) return;
    this.#busy -= 1;
    line.isBusy = false;
    if (trouble === null) this.figures.delivered += 1;
    else this.figures.failed += 1;
    this.#tell(trouble);
    if (trouble === null) this.#lives();
    else this.#fails(trouble, beganAt);
    const isOver = this.#world.now() - line.triedAt >= PATIENCE_MS;
    if (trouble !== null && isOver) this.figures.given_up += 1;
    if (trouble === null || isOver) this.#finish(line, event);
    else this.#tryAgain(line);
    this.#goOn();
  }

  #finish(line: Line, event: PastEvent): void {
    line.triedAt = null;
    line.retryMs = FIRST_RETRY_MS;
    // It may have been dropped meanwhile.
    if (line.events[0] === event) {
      line.events.shift();
      this.#waiting -= 1;
    }
    if (line.events.length > 0) this.#makeReady(line);
    else this.#lines.delete(line.master);
  }

  #tryAgain(line: Line): void {
    const waitMs = line.retryMs;
    line.retryMs = Math.min(2 * waitMs, LAST_RETRY_MS);
    this.#world.later(() => this.#makeReady(line), waitMs);
  }

  /** Of the longest line, behind the event that may be under way; if each has one alone, of those that wait. */
  #dropOldest(): void {
    let longest: Line | null = null;
    let eldest: Line | null = null;
    for (const line of this.#lines.values()) {
      if (line.events.length > (longest?.events.length ?? 1)) longest = line;
      if (!line.isBusy && firstId(line) < firstId(eldest)) eldest = line;
    }
    if (longest !== null) longest.events.splice(1, 1);
    else if (eldest !== null) {
      eldest.events.length = 0;
      this.#lines.delete(eldest.master);
      this.#ready.delete(eldest);
    }
    this.#waiting -= 1;
    this.figures.dropped += 1;
  }

  #tell(trouble: string | null): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    const what = trouble === null ? "takes events again" : `does not take events: ${trouble}`;
    this.#world.tell(`Webhook ${this.config.name} ${what}`);
  }

  #fails(trouble: string, beganAt: Millis): void {
    this.#failingSince ??= beganAt;
    if (this.#isDead || this.#world.now() - this.#failingSince < DEAD_MS) return;
    this.#isDead = true;
    this.#world.note("began", `${this.config.name} takes no events: ${trouble}`, null);
  }

  #lives(): void {
    const since = this.#failingSince;
    this.#failingSince = null;
    if (!this.#isDead || since === null) return;
    this.#isDead = false;
    this.#world.note("ended", `${this.config.name} takes events again`, this.#world.now() - since);
  }
}

function firstId(line: Line | null): number {
  return line?.events[0]?.id ?? Number.POSITIVE_INFINITY;
}

function matcherOf({ events }: HookConfig): (name: string) => boolean {
  const matchers = events.map(globMatcher);
  return (name) => matchers.some((matches) => matches(name));
}

/** The name of the master that an event is about; empty: of none. */
function masterOf({ name, payload }: PastEvent): string {
  // The name may hold blanks; two addresses stand behind it.
  if (name === "+switch-master") return payload.split(" ").slice(0, -4).join(" ");
  return partsOf(payload, "instance")?.master ?? "";
}
