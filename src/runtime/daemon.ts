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
  /** Something threw, which is a bug of ours or a thing that the world would not do. Goes on. */
  fault(where: string, error: unknown): void;
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
 * have arrived were stepped, too: one write serves them all, where many masters die at once [D-ONE-SAVE].
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
    else this.#run(input);
  }

  /** What the machine knows is not on disk yet, and may not be said. */
  get isHolding(): boolean {
    return this.#held !== null;
  }

  /** Makes the save that waits, if any, and says what waited for it. */
  flush(): void {
    this.#run(null);
  }

  /** Steps an input, or makes the save that waits (null), then steps what is in the queue. */
  #run(first: Input | null): void {
    if (this.#busy || this.#broken) return;
    this.#busy = true;
    try {
      if (first === null) this.#commit();
      else this.#step(first);
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
    const held = this.#held;
    if (held === null) this.#perform(effects);
    // One by one: as arguments of one call, a hundred thousand would not fit the stack.
    else for (const effect of effects) held.push(effect);
  }

  /** One that cannot be performed keeps no other from being. */
  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      try {
        this.#world.perform(effect);
      } catch (error) {
        this.#world.fault(`the effect '${effect.type}'`, error);
      }
    }
  }

  #commit(): void {
    const held = this.#held;
    if (held === null) return;
    // Tells whether we stood still since the steps that asked for it, and when the disk's time began.
    const { effects } = this.#machine.step({ type: "saving" }, this.#world.now());
    const outcome = this.#world.save();
    this.#held = null;
    this.#perform([...effects, ...held]);
    this.#step(outcome.ok ? { type: "saved" } : { type: "saveFailed", reason: outcome.reason });
  }
}
