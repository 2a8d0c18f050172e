import type { MaxLag } from "./lag-guard.ts";
import type { Millis } from "./state.ts";

/** What is done against data that would be lost [D-REBORN] [D-LINEAGE]. */
export interface Guards {
  /** A master that came back without the data that its replicas still hold. */
  readonly reborn: "off" | "warn" | "failover";
  /** A server at an address of ours that belongs to another group by now. */
  readonly lineage: "off" | "warn" | "enforce";
  /** A master that refuses connections for so long counts as down; 0: as with any other silence [D-REFUSED]. */
  readonly refusedAfterMs: Millis;
  /** A master that says in INFO that it ends is handed over before it does [D-SHUTDOWN]. */
  readonly handsOverAtShutdown: boolean;
  /** How much a replica may lack that is promoted without an operator's word; null: as much as it does. */
  readonly maxLag: MaxLag | null;
}

export const DEFAULT_GUARDS: Guards = {
  reborn: "failover",
  lineage: "enforce",
  refusedAfterMs: 0,
  handsOverAtShutdown: false,
  maxLag: null,
};
