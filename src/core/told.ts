import type { Millis } from "./state.ts";

/** What was told of a master, so that it is not told at every look. */
export interface Told {
  /** The `sdownSince` for which too few Sentinels were left. */
  tooFewFor: Millis | null;
  /** Whom the master follows. */
  foreignUpstream: string | null;
  unreachedAt: Millis | null;
  loopbackAt: Millis | null;
}

export function nothingTold(): Told {
  return { tooFewFor: null, foreignUpstream: null, unreachedAt: null, loopbackAt: null };
}
