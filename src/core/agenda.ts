import { Heap } from "./heap.ts";
import type { Instance, Millis } from "./state.ts";

interface Entry {
  readonly at: Millis;
  readonly sequence: number;
  readonly instance: Instance;
}

/**
 * When each instance is looked at next, so that a tick costs what is due and not what is watched.
 * An instance has one time, `dueAt`; entries of another time are left over and passed by.
 */
export class Agenda {
  readonly #heap = new Heap<Entry>();
  #sequence = 0;

  /** Looks at it at that time, or earlier if that was planned. */
  plan(instance: Instance, at: Millis): void {
    if (instance.dueAt !== null && instance.dueAt <= at) return;
    instance.dueAt = at;
    this.#heap.push({ at, sequence: this.#sequence++, instance });
  }

  /** The earliest time of all; null: nothing is watched. */
  get nextAt(): Millis | null {
    this.#dropLeftovers();
    return this.#heap.first?.at ?? null;
  }

  /** Takes what is due off the agenda, the earliest first, and leaves what is beyond the limit. */
  takeDue(now: Millis, limit: number): Instance[] {
    const due: Instance[] = [];
    for (let at = this.nextAt; at !== null && at <= now; at = this.nextAt) {
      if (due.length === limit) break;
      const instance = this.#heap.pop()?.instance;
      if (!instance) break;
      instance.dueAt = null;
      due.push(instance);
    }
    return due;
  }

  #dropLeftovers(): void {
    for (let entry = this.#heap.first; entry && isLeftover(entry); entry = this.#heap.first) {
      this.#heap.pop();
    }
  }
}

/** Planned for another time since, or removed: a removed record has left its link. */
function isLeftover({ at, instance }: Entry): boolean {
  return instance.dueAt !== at || !instance.link.owners.has(instance);
}
