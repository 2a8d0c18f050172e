import type { FailoverResult, Note } from "../../base/journal-entry.ts";
import type { Context } from "../context.ts";
import type { Instance, Master } from "../state.ts";

/**
 * Writes down what happens to a Sentinel. It hears and never speaks: nothing that is decided depends on it, and what
 * it makes leaves as effects `journal`, behind all others of a step. A Sentinel without one is the same Sentinel.
 */
export interface Recorder {
  /** An event is said, while the state is as it is told. */
  hear(ctx: Context, event: Heard): void;
  /** Why the failover of a master ends, if its event does not tell; said before that event. */
  ending(master: Master, why: string, result?: FailoverResult): void;
  /** What no event tells. */
  note(ctx: Context, note: NoteOf): void;
  /** The step is over. */
  endStep(ctx: Context): void;
}

export interface Heard {
  readonly name: string;
  readonly about: Instance | null;
  /** What stands behind the instance, or all of it. */
  readonly rest: string;
}

/** `by`: whoever gave the command of this step, unless told. */
export type NoteOf = Omit<Note, "type" | "lastedMs" | "by"> & Partial<Pick<Note, "by">>;
