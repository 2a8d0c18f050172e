/** The invariants of README.md that are looked at while a Sentinel runs. */
export type InvariantId =
  | "I1"
  | "I2"
  | "I3"
  | "I4"
  | "I5"
  | "I6"
  | "I7"
  | "I8"
  | "I9"
  | "I12"
  | "I13"
  | "I14";

/**
 * A sentence that must always be true is not. The state in memory cannot be trusted any more, so it goes
 * through every `contain` up to the loop, which ends the process: nothing of the step leaves or is saved.
 */
export class BrokenInvariant extends Error {
  override readonly name = "BrokenInvariant";
  readonly invariant: InvariantId;
  /** The last inputs, the newest last, one line each and without secrets; filled in by `step`. */
  lastInputs: readonly string[] = [];

  constructor(invariant: InvariantId, what: string) {
    super(`${invariant}: ${what}`);
    this.invariant = invariant;
  }
}

/** @throws BrokenInvariant unless it holds; the sentence is made only then. */
export function mustHold(holds: boolean, invariant: InvariantId, what: () => string): void {
  if (!holds) throw new BrokenInvariant(invariant, what());
}
