import { name } from "./facts.ts";
import { movesOf } from "./moves.ts";
import type { Situation } from "./situations.ts";
import { Visited } from "./visited.ts";
import type { State, World } from "./world.ts";

export interface Found {
  readonly violation: string;
  /** What happened, from the beginning to the violation. */
  readonly trace: readonly string[];
}

export interface Outcome {
  readonly states: number;
  readonly moves: number;
  /** How many things happened one after the other at most. */
  readonly depth: number;
  /** Distinct states of single Sentinels, and steps of the core that were made. */
  readonly localStates: number;
  readonly localSteps: number;
  /** Nothing within the bounds is left. */
  readonly isExhausted: boolean;
  readonly found: Found | null;
  /** Names of the events that some Sentinel told somewhere. */
  readonly reached: readonly string[];
  readonly situations: readonly Situation[];
}

/** Numbers of which there are more and more. */
class Growing {
  #items = new Int32Array(1 << 12);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  at(index: number): number {
    return this.#items[index] ?? 0;
  }

  push(item: number): void {
    this.#reserve(1);
    this.#items[this.#count++] = item;
  }

  append(items: Int32Array): void {
    this.#reserve(items.length);
    this.#items.set(items, this.#count);
    this.#count += items.length;
  }

  slice(from: number, to: number): Int32Array {
    return this.#items.slice(from, to);
  }

  #reserve(more: number): void {
    if (this.#count + more <= this.#items.length) return;
    const items = new Int32Array(2 * this.#items.length + more);
    items.set(this.#items);
    this.#items = items;
  }
}

/**
 * Every state that can be reached from the first one, the nearest first: so the trace to a violation is
 * the shortest.
 */
export class Search {
  readonly #world: World;
  readonly #start: State;
  readonly #visited = new Visited();
  /** Of each state in the order of discovery: the one before it, and which of its moves led here. */
  readonly #parents = new Growing();
  readonly #ordinals = new Growing();
  #moves = 0;
  #depth = 0;

  readonly #broken: string | null;

  /** `broken`: the invariant that broke on the way to the first state. */
  constructor(world: World, start: State, broken: string | null = null) {
    this.#world = world;
    this.#start = start;
    this.#broken = broken;
  }

  run(maxStates = Number.POSITIVE_INFINITY): Outcome {
    if (this.#broken !== null) {
      const trace = ["   1  the master is seen down by each Sentinel"];
      return this.#outcome(false, { violation: this.#broken, trace });
    }
    let level = new Growing();
    this.#discover(level, this.#start, -1, 0);
    for (let first = 0; level.count > 0; this.#depth++) {
      const next = new Growing();
      const width = this.#start.length;
      const count = level.count / width;
      for (let at = 0; at < count; at++) {
        const found = this.#expand(level.slice(at * width, (at + 1) * width), first + at, next);
        if (found !== null) return this.#outcome(false, found);
        if (this.#visited.count > maxStates) return this.#outcome(false, null);
      }
      first += count;
      level = next;
    }
    return this.#outcome(true, null);
  }

  #discover(level: Growing, state: State, parent: number, ordinal: number): void {
    if (!this.#visited.add(state)) return;
    level.append(state);
    this.#parents.push(parent);
    this.#ordinals.push(ordinal);
  }

  #expand(state: State, index: number, next: Growing): Found | null {
    if (this.#world.isBeyond(state)) return null;
    const moves = movesOf(this.#world, state);
    this.#moves += moves.length;
    for (const [ordinal, move] of moves.entries()) {
      if (move.violation !== null) {
        const trace = this.#replay([...this.#way(index), ordinal]);
        return { violation: move.violation, trace };
      }
      this.#discover(next, move.next, index, ordinal);
    }
    return null;
  }

  /** Which moves lead to a state, from the first one on. */
  #way(index: number): number[] {
    const way: number[] = [];
    for (let at = index; this.#parents.at(at) >= 0; at = this.#parents.at(at)) {
      way.push(this.#ordinals.at(at));
    }
    return way.reverse();
  }

  #replay(way: readonly number[]): string[] {
    let state = this.#start;
    return way.flatMap((ordinal, step) => {
      const move = movesOf(this.#world, state)[ordinal];
      if (!move) throw new Error("the same state has other moves now");
      state = move.next;
      const events = move.told.flatMap(({ by, events }) =>
        events.map((event) => `        ${name(by)} ${event}`),
      );
      const number = `${step + 1}`.padStart(4);
      return [`${number}  ${move.what()}`, ...events];
    });
  }

  #outcome(isExhausted: boolean, found: Found | null): Outcome {
    const { locals } = this.#world;
    return {
      states: this.#visited.count,
      moves: this.#moves,
      depth: this.#depth,
      localStates: locals.count,
      localSteps: locals.steps,
      isExhausted,
      found,
      reached: [...locals.reached].sort(),
      situations: [...locals.situations].sort(),
    };
  }
}
