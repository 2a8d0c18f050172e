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
  /** Calls back when it is time to save: once the inputs that have arrived by now were dispatched. */
  scheduleSave(callback: () => void): void;
  /** The state machine is broken; nothing it says may be trusted any more. Ends the process. */
  broken(error: unknown): void;
}

/**
 * The only loop: an input goes into the machine, what it asks for is done.
 *
 * Save, then speak: from the step that asks for a save on, no effect is performed before the file is
 * on disk, so a vote never leaves before it is remembered. The save waits until the inputs that
 * have arrived were stepped, too: one write serves them all, where many masters die at once.
 * `saved` or `saveFailed` comes right after the effects, before any other input, because the core
 * holds answers back until it knows.
 *
 * Inputs that arise while an effect is performed wait their turn; the loop never nests.
 */
export class Daemon {
  readonly #machine: Machine;
  readonly #world: World;
  readonly #queue: Input[] = [];
  /** Effects behind a save that is still to be made; null: none is. */
  #held: Effect[] | null = null;
  #busy = false;
  #broken = false;

  constructor(machine: Machine, world: World) {
    this.#machine = machine;
    this.#world = world;
  }

  dispatch(input: Input): void {
    if (this.#busy) this.#queue.push(input);
    else this.#run(() => this.#step(input));
  }

  /** What the machine knows is not on disk yet, and may not be said. */
  get isHolding(): boolean {
    return this.#held !== null;
  }

  /** Makes the save that waits, if any, and says what waited for it. */
  flush(): void {
    this.#run(() => this.#commit());
  }

  /** Does one thing, then what is in the queue. */
  #run(first: () => void): void {
    if (this.#busy || this.#broken) return;
    this.#busy = true;
    try {
      first();
      for (let input = this.#queue.shift(); input !== undefined; input = this.#queue.shift()) {
        this.#step(input);
      }
    } catch (error) {
      this.#broken = true;
      this.#queue.length = 0;
      this.#world.broken(error);
    } finally {
      this.#busy = false;
    }
  }

  #step(input: Input): void {
    const { saveConfig, effects } = this.#machine.step(input, this.#world.now());
    if (saveConfig && this.#held === null) {
      this.#held = [];
      this.#world.scheduleSave(() => this.flush());
    }
    if (this.#held === null) for (const effect of effects) this.#world.perform(effect);
    else this.#held.push(...effects);
  }

  #commit(): void {
    const held = this.#held;
    if (held === null) return;
    const outcome = this.#world.save();
    this.#held = null;
    for (const effect of held) this.#world.perform(effect);
    this.#step(outcome.ok ? { type: "saved" } : { type: "saveFailed", reason: outcome.reason });
  }
}
