import type { Millis } from "./state.ts";

/*
 * A deadline is the first instant at which something is due. Each is written once, as a function that tells that
 * instant: who acts on it compares it with `now`, and `plan` (schedule.ts) has us look again at it.
 */

/** Nothing will be due, however long we wait. */
export const NEVER: Millis = Number.POSITIVE_INFINITY;
/** It is due, whatever the time. */
export const LONG_AGO: Millis = Number.NEGATIVE_INFINITY;

/** The first millisecond at which more than `span` has passed since `since`; long ago, if it never was. */
export function elapsedAt(since: Millis | null, span: Millis): Millis {
  return since === null ? LONG_AGO : since + Math.floor(span) + 1;
}
