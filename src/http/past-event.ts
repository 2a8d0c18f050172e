import type { LogLevel } from "../core/effect.ts";
import { explainEvent } from "../explain/event.ts";
import { toJson } from "./shown.ts";

export interface PastEvent {
  /** Greater than all before it, also than those of the process before this one. */
  readonly id: number;
  /** Time of day, in milliseconds. */
  readonly at: number;
  readonly level: LogLevel;
  readonly name: string;
  readonly payload: string;
}

/** Of one process. */
export class EventIds {
  #last: number;

  constructor(wallNow: number) {
    // In microseconds: fewer events than that happen.
    this.#last = wallNow * 1_000;
  }

  get last(): number {
    return this.#last;
  }

  next(): number {
    this.#last += 1;
    return this.#last;
  }
}

/** `text` says it in an operator's words. */
export function eventJson({ id, at, level, name, payload }: PastEvent): string {
  return toJson({ id, at, level, name, payload, text: explainEvent(name, payload) });
}
