import type { SentinelEvent } from "../support/event-log.ts";
import type { SentinelNode } from "../support/sentinel-node.ts";
import { deferred, within } from "../support/until.ts";

const timeoutMs = 60_000;

/** Instants of one failover on the clock of performance.now(). */
export interface Stages {
  /** null in a manual failover of a healthy master. */
  readonly quorumSdownAtMs: number | null;
  readonly electedAtMs: number;
  readonly allAnswerAtMs: number;
  readonly allSwitchedAtMs: number;
}

/** Follows the events of all Sentinels through one failover of one master. */
export class StageRecorder {
  readonly #sentinels: readonly SentinelNode[];
  readonly #master: string;
  readonly #oldAddress: string;
  readonly #sdown = new Map<SentinelNode, number>();
  readonly #answers = new Map<SentinelNode, number>();
  readonly #switched = new Map<SentinelNode, number>();
  readonly #complete = deferred<void>();
  #electedAtMs: number | null = null;

  constructor(sentinels: readonly SentinelNode[], master: string, oldAddress: string) {
    this.#sentinels = sentinels;
    this.#master = master;
    this.#oldAddress = oldAddress;
    for (const sentinel of sentinels) {
      sentinel.events.onEvent = (event) => this.#receive(sentinel, event);
    }
  }

  async stages(quorum: number): Promise<Stages> {
    await within(this.#complete.promise, timeoutMs, "a switch of all Sentinels");
    return {
      quorumSdownAtMs: [...this.#sdown.values()].sort((a, b) => a - b)[quorum - 1] ?? null,
      electedAtMs: this.#electedAtMs ?? Number.NaN,
      allAnswerAtMs: Math.max(...this.#answers.values()),
      allSwitchedAtMs: Math.max(...this.#switched.values()),
    };
  }

  #receive(sentinel: SentinelNode, { channel, payload, atMs }: SentinelEvent): void {
    if (!` ${payload} `.includes(` ${this.#master} `)) return;
    switch (channel) {
      case "+sdown":
        if (payload.startsWith("master ")) setOnce(this.#sdown, sentinel, atMs);
        return;
      case "+elected-leader":
        this.#electedAtMs ??= atMs;
        return;
      // The two moments at which the answer of a Sentinel may change.
      case "+promoted-slave":
        void this.#ask(sentinel);
        return;
      case "+switch-master":
        setOnce(this.#switched, sentinel, atMs);
        void this.#ask(sentinel);
        return;
      default:
    }
  }

  async #ask(sentinel: SentinelNode): Promise<void> {
    const address = await sentinel.masterAddress(this.#master).catch(() => null);
    if (address === null || address === this.#oldAddress) return;
    setOnce(this.#answers, sentinel, performance.now());
    const { length } = this.#sentinels;
    if (this.#answers.size === length && this.#switched.size === length) this.#complete.resolve();
  }
}

/** A second failover on the heels of the first is not its end. */
function setOnce(times: Map<SentinelNode, number>, sentinel: SentinelNode, atMs: number): void {
  if (!times.has(sentinel)) times.set(sentinel, atMs);
}
