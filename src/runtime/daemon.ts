import type { Effect, Output } from "../core/effect.ts";
import type { Input } from "../core/input.ts";
import type { Millis } from "../core/state.ts";

/** The deterministic part, as the loop sees it. */
export interface Machine {
  step(input: Input, now: Millis): Output;
}

export type SaveOutcome =
  | { readonly ok: true }
  /** `reason`: the sentence for a reply and the log. */
  | { readonly ok: false; readonly reason: string };

/** What the loop may do to the world. */
export interface World {
  now(): Millis;
  /** Puts the present configuration on disk, durable when it returns. */
  save(): SaveOutcome;
  perform(effect: Effect): void;
  /** The state machine is broken; nothing it says may be trusted any more. Ends the process. */
  broken(error: unknown): void;
}

/**
 * The only loop: an input goes into the machine, what it asks for is done.
 *
 * Save, then speak: the file of a step is on disk before any of its effects is performed, so a
 * vote never leaves before it is remembered. `saved` or `saveFailed` comes right after the
 * effects, before any other input, because the core holds answers back until it knows.
 *
 * Inputs that arise while an effect is performed wait their turn; the loop never nests.
 */
export class Daemon {
  readonly #machine: Machine;
  readonly #world: World;
  readonly #queue: Input[] = [];
  #busy = false;
  #broken = false;

  constructor(machine: Machine, world: World) {
    this.#machine = machine;
    this.#world = world;
  }

  dispatch(input: Input): void {
    if (this.#broken) return;
    this.#queue.push(input);
    if (this.#busy) return;
    this.#busy = true;
    try {
      this.#drain();
    } catch (error) {
      this.#broken = true;
      this.#queue.length = 0;
      this.#world.broken(error);
    } finally {
      this.#busy = false;
    }
  }

  #drain(): void {
    for (let input = this.#queue.shift(); input !== undefined; input = this.#queue.shift()) {
      this.#step(input);
    }
  }

  #step(input: Input): void {
    for (let next: Input | null = input; next !== null; ) {
      const output = this.#machine.step(next, this.#world.now());
      next = this.#carryOut(output);
    }
  }

  /** Returns the input that has to follow at once, if any. */
  #carryOut(output: Output): Input | null {
    const outcome = output.saveConfig ? this.#world.save() : null;
    for (const effect of output.effects) this.#world.perform(effect);
    if (outcome === null) return null;
    return outcome.ok ? { type: "saved" } : { type: "saveFailed", reason: outcome.reason };
  }
}
