import type { Millis } from "../core/state.ts";
import type { MasterView, SentinelView } from "../view/types.ts";
import type { View } from "../view/view.ts";
import type { HttpHost } from "./host.ts";

/** Makes something of all masters, one after the other. */
export interface Collector<Result> {
  add(master: MasterView, now: Millis): void;
  /** Others have their turn now. */
  endTurn?(): void;
  end(sentinel: SentinelView): Result;
}

/** What was made is handed out for so long. */
const FRESH_MS = 250;
/** A look at a thousand masters takes several turns of the loop: elections come first. */
const TURN_MS = 0.5;

/**
 * Looks at all masters for whoever asks, at most once in 250 ms and never long at a time. Those who ask meanwhile
 * get the same.
 */
export class Walk<Result> {
  readonly #host: HttpHost;
  readonly #begin: () => Collector<Result>;
  #last: { readonly at: Millis; readonly result: Promise<Result | null> } | null = null;
  #isUnderWay = false;

  constructor(host: HttpHost, begin: () => Collector<Result>) {
    this.#host = host;
    this.#begin = begin;
  }

  /** Null: the Sentinel is still starting. */
  result(): Promise<Result | null> {
    const now = this.#host.now();
    const isFresh = this.#last !== null && (this.#isUnderWay || now - this.#last.at < FRESH_MS);
    if (this.#last === null || !isFresh) this.#last = { at: now, result: this.#walk() };
    return this.#last.result;
  }

  async #walk(): Promise<Result | null> {
    this.#isUnderWay = true;
    try {
      return await this.#collect();
    } finally {
      this.#isUnderWay = false;
      this.#forgetSoon();
    }
  }

  async #collect(): Promise<Result | null> {
    const view = this.#host.view();
    if (view === null) return null;
    const { masters } = view.sentinel(this.#host.now());
    const look = view.looker();
    const collector = this.#begin();
    for (let at = 0; at < masters.length; ) {
      await new Promise(setImmediate);
      at = this.#addSome(collector, look, masters, at);
    }
    await new Promise(setImmediate);
    return collector.end(view.sentinel(this.#host.now()));
  }

  /** As many as one turn may take; how far it came. */
  #addSome(
    collector: Collector<Result>,
    look: ReturnType<View["looker"]>,
    names: readonly string[],
    from: number,
  ): number {
    // Nothing is shown that the file does not hold.
    this.#host.view();
    const now = this.#host.now();
    const endAt = performance.now() + TURN_MS;
    let at = from;
    do {
      // Null: it was removed meanwhile.
      const master = look(names[at++] ?? "", now);
      if (master !== null) collector.add(master, now);
    } while (at < names.length && performance.now() < endAt);
    collector.endTurn?.();
    return at;
  }

  /** What was made is not kept for longer than it is of use. */
  #forgetSoon(): void {
    setTimeout(() => {
      if (!this.#isUnderWay) this.#last = null;
    }, FRESH_MS).unref();
  }
}
