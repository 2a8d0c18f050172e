/** What is sooner is an answer on its way. */
const ON_ITS_WAY_MS = 1_500;
/** Two PINGs, of which there is one a second, have had no answer. */
const SILENT_MS = 3_000;

/** A master that is up does not answer, since so long that it is no chance. */
export function isSilent(answeredMs: number, downAfterMs: number): boolean {
  return answeredMs > ON_ITS_WAY_MS && answeredMs > Math.min(downAfterMs / 2, SILENT_MS);
}
